/**
 * The time of a message.
 * @module
 */
import { html, type TemplateResult } from "lit";

type Options = Pick<Intl.DateTimeFormatOptions, "dateStyle" | "timeStyle">;

/** To create one takes longer than to format a hundred dates. */
const formatters = new Map<string, Intl.DateTimeFormat>();

/** Formats a date. @param time milliseconds since 1970 @param language a BCP 47 tag; empty for that of the browser */
export function formatDate(time: number, language: string, options: Options): string {
  const key = [language, options.dateStyle, options.timeStyle].join();
  const formatter = formatters.get(key) ?? createFormatter(language, options);
  formatters.set(key, formatter);
  return formatter.format(time);
}

function createFormatter(language: string, options: Options): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat(language || undefined, options);
  } catch {
    // The page's `lang` is no valid tag.
    return new Intl.DateTimeFormat(undefined, options);
  }
}

/** Renders the time that is shown while the visitor points at a message or focuses it. */
export function renderTimeOnDemand(time: number, language: string): TemplateResult {
  const text = formatDate(time, language, { dateStyle: "medium", timeStyle: "short" });
  return html`<time class="when" part="time" datetime=${new Date(time).toISOString()}>${text}</time>`;
}
