/**
 * Remembers what a visitor did with a launcher: opened it, enlarged it, dismissed its teaser. Uses no library, as the
 * button needs it before the component is loaded.
 * @module
 */

/**
 * What is remembered. `open`: "yes" if the panel is open, or else the number of unread answers. `teaser`: no teaser is
 * wanted any more. `wide`: the panel is enlarged.
 */
type LauncherFact = "open" | "teaser" | "wide";

/**
 * Returns what is remembered of `fact`, if anything.
 * @param value what to remember from now on; an empty string forgets
 */
export function remembered(host: HTMLElement, fact: LauncherFact, value?: string): string | undefined {
  // An open panel belongs to its tab. The rest is kept as long as the conversation, at least until the tab is closed.
  const isLocal = fact !== "open" && settingOf(host, "persist") === "local";
  const key = `chat-stream-${fact}:${settingOf(host, "persistKey", "persist-key")}`;
  try {
    const storage = isLocal ? localStorage : sessionStorage;
    if (value !== undefined) storage[key] = value;
    return storage[key];
  } catch {
    return undefined; // the browser blocks the storage, or it is full
  }
}

/** Reads a setting of an element that may not be upgraded yet: then only its attribute is there. */
export function settingOf(host: HTMLElement, property: string, attribute = property): string {
  const value = (host as unknown as Readonly<Record<string, unknown>>)[property];
  return String(value ?? host.getAttribute(attribute) ?? "");
}
