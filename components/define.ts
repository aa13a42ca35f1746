/**
 * Registers `<chat-stream>`. The component is loaded at once, unless all elements on the page are launchers: those first
 * get only a button, and the component is loaded when a visitor uses it. Importing this module has no effect and needs no
 * DOM.
 * @module
 */
import type { ChatStream } from "./chat_stream.ts";
import type { LauncherButton } from "./view/launcher_button.ts";

declare global {
  interface HTMLElementTagNameMap {
    "chat-stream": ChatStream;
  }
}

const TAG = "chat-stream";
/** The elements that only have a button yet, and their methods until the component brings its own. */
const waiting = new Map<HTMLElement, Pick<ChatStream, "open" | "close" | "showTeaser">>();
/** Those of them that open when the component is loaded. */
const opening = new Set<HTMLElement>();
let fetching: Promise<typeof import("./element.ts")> | undefined;
let observer: MutationObserver | undefined;
let defaultEndpoint = "";
let scriptUrl = "";

/**
 * Registers the element. Without a DOM, as on a server that renders pages, and after the first call it does nothing.
 * @param endpoint the URL of `POST /api/chat` for elements that name none
 * @param script the URL of the script, if the component's files are on the same server
 */
export function defineChatStream(endpoint: string, script = ""): void {
  if (typeof document === "undefined" || defaultEndpoint !== "" || customElements.get(TAG) !== undefined) return;
  defaultEndpoint = endpoint;
  scriptUrl = script;
  if (document.querySelector(TAG) === null) return ignoreFailure(load());
  observer = new MutationObserver(addButtons);
  observer.observe(document, { childList: true, subtree: true });
  addButtons();
}

/** Loads the component and upgrades every element on the page. After a failure, the next call tries again. */
async function load(): Promise<void> {
  const { registerElement } = await fetchParts();
  observer?.disconnect();
  for (const [element, methods] of waiting) for (const name in methods) Reflect.deleteProperty(element, name);
  waiting.clear();
  registerElement(TAG, defaultEndpoint);
}

/** Fetches the component without applying it. */
function fetchParts(): Promise<typeof import("./element.ts")> {
  fetching ??= importParts();
  fetching.catch(() => fetching = undefined);
  return fetching;
}

/**
 * Imports the component. Many browsers never import a module again that once failed to load. So for a launcher, which can
 * try again, the import waits until the server responds.
 * @see https://github.com/whatwg/html/issues/6768
 * @throws {TypeError} if it does not
 */
async function importParts(): Promise<typeof import("./element.ts")> {
  const hasLauncher = waiting.size > 0;
  if (hasLauncher && scriptUrl !== "") {
    const { ok } = await fetch(scriptUrl, { method: "HEAD", cache: "no-store" });
    if (!ok) throw new TypeError();
  }
  return (await Promise.all([import("./element.ts"), hasLauncher && import("./launcher.ts")]))[0];
}

async function addButton(element: HTMLElement): Promise<void> {
  const methods = {
    open: () => open(element),
    close: () => Promise.resolve(void opening.delete(element)),
    showTeaser: (text: string) => loadTeaser(element, (module, launcher) => module.showTeaser(element, launcher, text)),
  };
  Object.assign(element, methods);
  waiting.set(element, methods);
  const { LauncherButton } = await import("./view/launcher_button.ts");
  // The component, which may have been loaded in the meantime, handles the button itself.
  if (!waiting.has(element)) return;
  const launcher = LauncherButton.of(element);
  // Only fetched, not applied: the component must not replace the button's handler between press and release.
  launcher.button.onpointerenter = launcher.button.onfocus = () => ignoreFailure(fetchParts());
  launcher.button.onclick = () => void open(element);
  if (element.hasAttribute("teaser")) void loadTeaser(element, (module) => module.scheduleTeaser(element, launcher));
  // The panel was open on the last page, or answers are unread or on their way.
  if (launcher.remembered("open")) ignoreFailure(load());
}

/** The button of a launcher. The first launcher of the page loads it. */
async function buttonOf(element: HTMLElement): Promise<LauncherButton> {
  return (await import("./view/launcher_button.ts")).LauncherButton.of(element);
}

/** A teaser that cannot be loaded is left out. */
async function loadTeaser(
  element: HTMLElement,
  use: (module: typeof import("./view/launcher_teaser.ts"), launcher: LauncherButton) => void,
): Promise<void> {
  const launcher = await buttonOf(element);
  return import("./view/launcher_teaser.ts").then((module) => use(module, launcher), () => {});
}

/** Loads the component and opens the panel. If it cannot be loaded, the button says so, and the next press tries again. */
async function open(element: HTMLElement): Promise<void> {
  opening.add(element);
  const launcher = await buttonOf(element);
  launcher.loading = "busy";
  try {
    await load();
    launcher.loading = "done";
    if (opening.delete(element)) await (element as ChatStream).open();
  } catch {
    opening.delete(element);
    launcher.loading = "failed";
  }
}

/** Adds a button to each new launcher. The first element that is none, or that is open, loads the component. */
function addButtons(): void {
  for (const element of document.querySelectorAll<HTMLElement>(TAG)) {
    if (waiting.has(element)) continue;
    if (!element.matches("[mode=launcher]:not([opened])")) return ignoreFailure(load());
    ignoreFailure(addButton(element));
  }
}

/** The visitor has not asked for it: the page works without it, and the next press of the button tries again. */
function ignoreFailure(loading: Promise<unknown>): void {
  loading.catch(() => {});
}
