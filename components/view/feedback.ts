/**
 * The views of feedback: two thumbs among the buttons of an answer, and a form for a comment below them.
 * @module
 */
import { html, svg, type TemplateResult } from "lit";
import type { ChatFeedback } from "../chat/chat_state.ts";
import type { ChatStrings } from "../locales/chat_strings.ts";
import { icon } from "./icons.ts";

const THUMB = svg`
  <path
    d="M7.500 10.500v9H4.500v-9zM7.500 10.500l3.800-6.700a2.200 2.200 0 0 1 2.500 2.600L13.200 9.500h4.600a2 2 0 0 1 2 2.400l-1.200 6a2 2 0 0 1-2 1.600H7.500" />
`;
const UP = icon(svg`<g>${THUMB}</g>`);
const DOWN = icon(svg`<g transform="rotate(180 12 12)">${THUMB}</g>`);

/** Renders the thumbs. Pressing the chosen one again takes the rating back. */
export function renderThumbs(
  feedback: ChatFeedback | undefined,
  strings: ChatStrings,
  onRate: (rating: ChatFeedback["rating"]) => void,
): TemplateResult {
  const thumb = (rating: ChatFeedback["rating"], label: string, image: TemplateResult) =>
    html`
      <button
        type="button"
        class="small thumb"
        aria-label=${label}
        title=${label}
        aria-pressed=${String(feedback?.rating === rating)}
        @click=${() => onRate(rating)}
      >${image}</button>
    `;
  return html`${thumb("up", strings.goodAnswer, UP)}${thumb("down", strings.badAnswer, DOWN)}`;
}

/** Renders the note after a comment. */
export function renderThanks(strings: ChatStrings): TemplateResult {
  return html`<div class="notes" part="comment">${strings.thanks}</div>`;
}

/** Renders the form. Enter sends, Shift+Enter inserts a line break, Escape closes. */
export function renderCommentForm(options: {
  readonly strings: ChatStrings;
  readonly comment: string;
  onSend(comment: string): void;
  onClose(): void;
}): TemplateResult {
  const { strings, comment, onSend, onClose } = options;
  const send = (event: Event) => {
    const box = (event.currentTarget as Element).closest(".comment")?.querySelector("textarea");
    const value = box?.value.trim() ?? "";
    if (value !== "") onSend(value);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // The shortcuts of the page must not see what is typed.
    event.stopPropagation();
    if (event.key === "Escape") onClose();
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    send(event);
  };
  return html`
    <div class="comment" part="comment">
      <textarea
        rows="1"
        dir="auto"
        aria-label=${strings.comment}
        placeholder=${strings.comment}
        .value=${comment}
        @keydown=${onKeyDown}
      ></textarea>
      <div class="comment-buttons">
        <button type="button" class="plain" @click=${onClose}>${strings.cancel}</button>
        <button type="button" class="plain filled" @click=${send}>${strings.send}</button>
      </div>
    </div>
  `;
}
