/**
 * The line above a message: who wrote it and when.
 * @module
 */
import { html, nothing, type TemplateResult } from "lit";
import { renderTime } from "./message_time.ts";

/** What the line shows. */
export interface BylineOptions {
  /** The name that the page has set. Without it, `label` is only for screen readers. */
  readonly name: string;
  readonly label: string;
  /** The URL of a picture; empty for none. */
  readonly avatar: string;
  /** Milliseconds since 1970; undefined for no time. */
  readonly time: number | undefined;
  /** A BCP 47 tag; empty for the language of the browser. */
  readonly language: string;
}

/** Renders the line. A picture that cannot be loaded is hidden. */
export function renderByline({ name, label, avatar, time, language }: BylineOptions): TemplateResult {
  return html`
    <div class="byline" part="byline">
      ${avatar ? html`<img class="avatar" part="avatar" src=${avatar} alt="" @error=${hide} @load=${show}>` : nothing}
      <span class=${name ? "name" : "hidden"} part="name">${name || label}</span>
      ${time === undefined ? nothing : renderTime(time, language)}
    </div>
  `;
}

function hide(event: Event): void {
  (event.currentTarget as HTMLElement).hidden = true;
}

function show(event: Event): void {
  (event.currentTarget as HTMLElement).hidden = false;
}
