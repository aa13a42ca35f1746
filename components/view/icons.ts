/**
 * The icons as inline SVG in the text colour: no file and no font, so they need no CSP rule.
 * @module
 */
import { html, svg, type SVGTemplateResult, type TemplateResult } from "lit";

/** The mark of the component: three lines of text. */
export const MARK: TemplateResult = icon(svg`
  <path d="M4 7c4-3 6 3 10 0s4-1 6 0M4 12c4-3 6 3 10 0s4-1 6 0M4 17c4-3 5 2 8 0" />
`);
/** An arrow up. */
export const SEND: TemplateResult = icon(svg`
  <path d="M12 19V5M6 11l6-6 6 6" />
`);
/** A filled square. */
export const STOP: TemplateResult = icon(svg`
  <rect x="7" y="7" width="10" height="10" rx="2" fill="currentColor" />
`);
/** A sheet and a pen. */
export const NEW_CHAT: TemplateResult = icon(svg`
  <path d="M12 5H6a2 2 0 0 0-2 2v11a2 2 0 0 0 2 2h11a2 2 0 0 0 2-2v-6M18.5 3.5l2 2L12 14l-3 1 1-3z" />
`);
/** An arrow in a circle. */
export const RETRY: TemplateResult = icon(svg`
  <path d="M20 12a8 8 0 1 1-2.3-5.7L20 8.6M20 4v4.6h-4.6" />
`);
/** An arrow to a line's end. */
export const CONTINUE: TemplateResult = icon(svg`
  <path d="M4 12h12M11 6.5l5.5 5.5-5.5 5.5M20 6v12" />
`);
/** An exclamation mark in a circle. */
export const ALERT: TemplateResult = icon(svg`
  <circle cx="12" cy="12" r="9" />
  <path d="M12 7.5v5.5M12 16.5v.01" />
`);
/** A right-pointing chevron. */
export const CHEVRON: TemplateResult = icon(svg`
  <path d="m9 6 6 6-6 6" />
`);

/** A cross. */
export const CLOSE: TemplateResult = icon(svg`
  <path d="m6 6 12 12M18 6 6 18" />
`);

/** Wraps SVG content of 24 by 24 units, stroked in the text colour. */
export function icon(content: SVGTemplateResult): TemplateResult {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${content}</svg>`;
}
