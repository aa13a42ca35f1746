/**
 * The time of a message. Loaded lazily.
 * @module
 */
import { css, type CSSResult, html, type TemplateResult } from "lit";

/** The styles of the time that is shown on demand. */
export const timeStyles: CSSResult = css`
  /* Shown on demand. It takes only the room that the buttons leave. */
  .when {
    flex: 1 1 0;
    min-inline-size: 0;
    overflow: hidden;
    padding-inline-start: 0.5em;
    opacity: 0;
    font-size: 0.8125em;
    white-space: nowrap;
    text-overflow: ellipsis;
    -webkit-user-select: none;
    user-select: none;
  }
  .question .when {
    order: -1;
    padding-inline: 0 0.5em;
    text-align: end;
  }
  /* A message takes the focus when it is tapped. */
  article:is(:hover, :focus-within) .when {
    opacity: 1;
  }
`;

type Options = Pick<Intl.DateTimeFormatOptions, "dateStyle" | "timeStyle">;

/** To create one takes longer than to format a hundred dates. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatDate(time: number, language: string, options: Options): string {
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

/**
 * Renders the time of a message, with the date if it is not of today, and the full date as its title.
 * @param time milliseconds since 1970
 * @param language a BCP 47 tag; empty for that of the browser
 * @param className empty for none
 */
export function renderTime(time: number, language: string, className = ""): TemplateResult {
  const date = new Date(time);
  const isToday = date.toDateString() === new Date().toDateString();
  const short = formatDate(time, language, { timeStyle: "short", ...(!isToday && { dateStyle: "medium" }) });
  const full = formatDate(time, language, { dateStyle: "full", timeStyle: "medium" });
  return html`<time class=${className} part="time" datetime=${date.toISOString()} title=${full}>${short}</time>`;
}

/** Renders the time that is shown while the visitor points at a message or focuses it. */
export function renderTimeOnDemand(time: number, language: string): TemplateResult {
  return renderTime(time, language, "when");
}
