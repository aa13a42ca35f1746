/**
 * The templates of messages: one `article` each. Pure rendering without state.
 * @module
 */
import { html, nothing, type TemplateResult } from "lit";
import type { ChatErrorData } from "../../protocol/chat_error.ts";
import { type AnswerEntry, canContinue, isCutByLength } from "../chat/chat_state.ts";
import { ALERT, CONTINUE, RETRY } from "./icons.ts";
import type { CoreStrings } from "../locales/core_strings.ts";

/** What `renderAnswer` needs besides the answer. */
export interface AnswerViewOptions {
  readonly strings: CoreStrings;
  /** The rendered Markdown. */
  readonly content: unknown;
  /** Replaces the hidden name of the author. */
  readonly byline?: unknown;
  /** The rest of the time before another request, such as "Try again in 12 s"; empty if Retry may be used. */
  readonly retryIn?: string;
  /** Rendered content below the buttons. */
  readonly below?: unknown;
  /** A note on the tokens used; empty for none. */
  readonly usage?: string;
  /** True for the last message, the only one with the buttons Retry and Continue. */
  readonly isLast: boolean;
  /** True while text has arrived that cannot be shown yet. */
  readonly isHeld: boolean;
  /** True while the connection of the running answer is lost. */
  readonly isReconnecting: boolean;
  /** The rendered reasoning. Undefined until its view is loaded. */
  readonly reasoning?: unknown;
  /** Describes a failure for the visitor. */
  readonly describeFailure: (error: ChatErrorData) => string;
  /** The rendered images. */
  readonly images?: unknown;
  /** The rendered tool calls. */
  readonly tools?: unknown;
  /** The rendered buttons. */
  readonly actions?: unknown;
  onRetry(): void;
  onContinue(): void;
}

/** What `renderQuestion` needs besides the question. */
export interface QuestionViewOptions {
  readonly strings: CoreStrings;
  /** Replaces the hidden name of the author. */
  readonly byline?: unknown;
  /** What the visitor typed. */
  readonly text: string;
  /** Replaces the plain text. */
  readonly view?: unknown;
  /** The rendered attachments. */
  readonly attached: unknown;
  /** Replaces text and attachments while they are edited. */
  readonly editor: TemplateResult | undefined;
  readonly actions: unknown;
  /** Replaces the rendered attachments and text. */
  readonly wrap?: (content: TemplateResult) => unknown;
}

/** Renders a question. */
export function renderQuestion(
  { strings, byline, text, view, attached, editor, actions, wrap = (content) => content }: QuestionViewOptions,
): TemplateResult {
  const bubble = text === "" ? nothing : html`<div class="bubble" part="bubble" dir="auto">${view ?? text}</div>`;
  return html`
    <article class="question" part="question" tabindex="-1">
      ${byline ?? html`<span class="hidden">${strings.you}:</span>`}
      ${editor ?? html`${wrap(html`${attached}${bubble}`)}${actions}`}
    </article>
  `;
}

/** Renders an answer, complete or not. */
export function renderAnswer(entry: AnswerEntry, options: AnswerViewOptions): TemplateResult {
  const { answer, status } = entry;
  const { strings } = options;
  // Until the view of the reasoning is loaded, the dots keep its place.
  const isWaiting = status === "waiting" ||
    (status === "streaming" && answer.reasoning && options.reasoning === undefined);
  return html`
    <article class="answer" part="answer" tabindex="-1">
      ${options.byline ?? html`<span class="hidden">${strings.assistant}:</span>`}
      ${options.reasoning} ${isWaiting ? TYPING : nothing}
      <div class="content" part="content">${options.content}</div>
      ${options.isHeld ? TYPING : nothing}
      ${options.tools}
      ${options.images}
      ${answer.error ? renderFailure(entry, options) : nothing}
      ${isCutByLength(answer)
        ? html`<div class="notes" part="notice">${strings.lengthLimit} ${renderContinue(entry, options)}</div>`
        : nothing}
      ${options.isReconnecting
        ? html`<div class="notes reconnecting" part="notice">${strings.reconnecting}</div>`
        : nothing}
      ${renderNotes(entry, options)}
      ${options.actions}
      ${options.below}
    </article>
  `;
}

const TYPING = html`<div class="typing" aria-hidden="true"><i></i><i></i><i></i></div>`;

function renderFailure(entry: AnswerEntry, options: AnswerViewOptions): TemplateResult | null {
  if (entry.answer.error === undefined) return null;
  const { strings, isLast, retryIn, onRetry } = options;
  return html`
    <div class="failure" part="error">
      ${ALERT}<span>${options.describeFailure(entry.answer.error)}</span>
      ${isLast
        ? html`
          <div class="failure-buttons">
            <button
              type="button"
              class="plain"
              aria-disabled=${retryIn ? "true" : nothing}
              @click=${retryIn ? undefined : onRetry}
            >${RETRY}${// A name that changes each second would be read each second.
            retryIn
              ? html`<span aria-hidden="true">${retryIn}</span><span class="hidden">${strings.retry}</span>`
              : strings.retry}</button>
            ${renderContinue(entry, options)}
          </div>
        `
        : nothing}
    </div>
  `;
}

/** Renders the button that requests the rest of the answer. */
function renderContinue(entry: AnswerEntry, { strings, isLast, onContinue }: AnswerViewOptions): unknown {
  if (!isLast || !canContinue(entry)) return nothing;
  return html`<button type="button" class="plain continue" @click=${onContinue}>${CONTINUE}${strings.continue}</button>`;
}

/** Renders the notes below an answer: stopped by the visitor, tokens used. */
function renderNotes(entry: AnswerEntry, options: AnswerViewOptions): TemplateResult | typeof nothing {
  const { strings, usage } = options;
  const isStopped = entry.status === "stopped";
  const notes = [isStopped && strings.stopped, usage].filter(Boolean);
  if (notes.length === 0) return nothing;
  const more = isStopped ? renderContinue(entry, options) : nothing;
  return html`<div class="notes" part="usage">${notes.join(" · ")} ${more}</div>`;
}
