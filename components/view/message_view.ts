/**
 * What was said, as templates: one article a message. Nothing here decides anything.
 * @module
 */
import { html, nothing, type TemplateResult } from "lit";
import type { ChatErrorData } from "../../protocol/chat_error.ts";
import type { ModelUsage } from "../../protocol/chat_event.ts";
import type { AnswerEntry, QuestionEntry } from "../chat/chat_state.ts";
import { contentPieces } from "../chat/content_text.ts";
import { ALERT, CHEVRON, RETRY } from "./icons.ts";
import { type CoreStrings, fillString } from "../locales/strings.ts";

/** What an answer's view needs besides the answer. */
export interface AnswerViewOptions {
  readonly strings: CoreStrings;
  /** The rendered text. */
  readonly content: TemplateResult;
  /** True for the last message, the only one that can be tried again. */
  readonly isLast: boolean;
  /** Whether the visitor has opened the reasoning. */
  readonly isReasoningOpen: boolean;
  /** What happened, in words for the visitor. */
  readonly describeFailure: (error: ChatErrorData) => string;
  /** The tool calls. */
  readonly tools: unknown;
  /** The buttons below. */
  readonly actions: unknown;
  onRetry(): void;
  onReasoningToggle(open: boolean): void;
}

/** What a question's view needs besides the question. */
export interface QuestionViewOptions {
  readonly strings: CoreStrings;
  /** Takes the place of the words while they are edited. */
  readonly editor: TemplateResult | undefined;
  readonly actions: unknown;
}

/** What the visitor said. */
export function renderQuestion(
  entry: QuestionEntry,
  { strings, editor, actions }: QuestionViewOptions,
): TemplateResult {
  const { words, files, images } = contentPieces(entry.content);
  return html`
    <article class="question" part="question">
      <span class="hidden">${strings.you}:</span>
      ${editor ??
        html`
          <div class="bubble" part="bubble" dir="auto">${words}${images.map((url) =>
            renderImage(url, strings.imageSent)
          )}${files.map((name) => html`<span class="file">${name}</span>`)}</div>
          ${actions}
        `}
    </article>
  `;
}

/** An image that is all here. An address elsewhere would tell a stranger that, and what, the visitor reads. */
function renderImage(url: string, description: string): TemplateResult | typeof nothing {
  const isHere = /^data:image\/(?:png|jpeg|gif|webp|avif);base64,/.test(url);
  return isHere ? html`<img class="picture" src=${url} alt=${description}>` : nothing;
}

/** What came back, as far as it has come. */
export function renderAnswer(entry: AnswerEntry, options: AnswerViewOptions): TemplateResult {
  const { answer, status } = entry;
  const { strings } = options;
  return html`
    <article class="answer" part="answer">
      <span class="hidden">${strings.assistant}:</span>
      ${answer.reasoning ? renderReasoning(entry, options) : nothing} ${status === "waiting" ? TYPING : nothing}
      <div class="content" part="content">${options.content}</div>
      ${options.tools}
      ${answer.base64_images?.map((url) => renderImage(url, strings.imageAlt))}
      ${answer.error ? renderFailure(entry, options) : nothing} ${renderNotes(entry, strings)}
      ${options.actions}
    </article>
  `;
}

const TYPING = html`<div class="typing" aria-hidden="true"><i></i><i></i><i></i></div>`;

/** The body is made when it is first opened: collapsed text costs nothing. */
function renderReasoning(entry: AnswerEntry, options: AnswerViewOptions): TemplateResult {
  const { strings, isReasoningOpen, onReasoningToggle } = options;
  const isThinking = entry.status === "streaming" && entry.answer.text === "";
  return html`
    <details
      class="reasoning"
      part="reasoning"
      ?open=${isReasoningOpen}
      @toggle=${(event: Event) => onReasoningToggle((event.currentTarget as HTMLDetailsElement).open)}
    >
      <summary class=${isThinking ? "busy" : ""}>${CHEVRON}${isThinking
        ? strings.thinking
        : strings.reasoning}</summary>
      ${isReasoningOpen ? html`<div class="reasoning-text" dir="auto">${entry.answer.reasoning}</div>` : nothing}
    </details>
  `;
}

function renderFailure(entry: AnswerEntry, options: AnswerViewOptions): TemplateResult | null {
  if (entry.answer.error === undefined) return null;
  const { strings, isLast, onRetry } = options;
  return html`
    <div class="failure" part="error">
      ${ALERT}<span>${options.describeFailure(entry.answer.error)}</span>
      ${isLast
        ? html`<button type="button" class="plain" @click=${onRetry}>${RETRY}${strings.retry}</button>`
        : nothing}
    </div>
  `;
}

/** The small print: stopped by the visitor, tokens used. */
function renderNotes({ status, answer }: AnswerEntry, strings: CoreStrings): TemplateResult | typeof nothing {
  const notes = [
    status === "stopped" ? strings.stopped : "",
    answer.usage === undefined ? "" : describeUsage(answer.usage, strings),
  ].filter((note) => note !== "");
  return notes.length === 0 ? nothing : html`<div class="notes" part="usage">${notes.join(" · ")}</div>`;
}

/** The usage in words; empty where the provider counted nothing. */
function describeUsage(usage: ModelUsage, strings: CoreStrings): string {
  const { totalInputTokens: input, totalOutputTokens: output, totalTokens: total } = usage;
  if (input !== undefined && output !== undefined) {
    return fillString(strings.tokens, { in: input.toLocaleString(), out: output.toLocaleString() });
  }
  return total === undefined ? "" : fillString(strings.totalTokens, { total: total.toLocaleString() });
}
