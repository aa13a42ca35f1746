/**
 * The templates of messages: one `article` each. Pure rendering without state.
 * @module
 */
import { html, nothing, type TemplateResult } from "lit";
import type { ChatErrorData } from "../../protocol/chat_error.ts";
import type { ModelUsage } from "../../protocol/chat_event.ts";
import { type AnswerEntry, isCutByLength, type QuestionEntry } from "../chat/chat_state.ts";
import { readQuestionContent } from "../chat/question_content.ts";
import { ALERT, CHEVRON, RETRY } from "./icons.ts";
import { type CoreStrings, fillString } from "../locales/core_strings.ts";

/** What `renderAnswer` needs besides the answer. */
export interface AnswerViewOptions {
  readonly strings: CoreStrings;
  /** The rendered Markdown. */
  readonly content: TemplateResult;
  /** True for the last message, the only one with a Retry button. */
  readonly isLast: boolean;
  /** Whether the visitor has opened the reasoning. */
  readonly isReasoningOpen: boolean;
  /** Describes a failure for the visitor. */
  readonly describeFailure: (error: ChatErrorData) => string;
  /** The rendered tool calls. */
  readonly tools: unknown;
  /** The rendered buttons. */
  readonly actions: unknown;
  onRetry(): void;
  onReasoningToggle(open: boolean): void;
}

/** What `renderQuestion` needs besides the question. */
export interface QuestionViewOptions {
  readonly strings: CoreStrings;
  /** Replaces the text while it is edited. */
  readonly editor: TemplateResult | undefined;
  readonly actions: unknown;
}

/** Renders a question. */
export function renderQuestion(
  entry: QuestionEntry,
  { strings, editor, actions }: QuestionViewOptions,
): TemplateResult {
  const { text, files, images } = readQuestionContent(entry.content);
  return html`
    <article class="question" part="question">
      <span class="hidden">${strings.you}:</span>
      ${editor ??
        html`
          <div class="bubble" part="bubble" dir="auto">${text}${images.map((url) =>
            renderImage(url, strings.imageSent)
          )}${files.map((name) => html`<span class="file">${name}</span>`)}</div>
          ${actions}
        `}
    </article>
  `;
}

/** Renders an image from a `data:` URL. A remote URL would let a third party track the visitor, so it is skipped. */
function renderImage(url: string, description: string): TemplateResult | typeof nothing {
  const isData = /^data:image\/(?:png|jpeg|gif|webp|avif);base64,/.test(url);
  return isData ? html`<img class="picture" src=${url} alt=${description}>` : nothing;
}

/** Renders an answer, complete or not. */
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
      ${answer.error ? renderFailure(entry, options) : nothing}
      ${isCutByLength(answer) ? html`<div class="notes" part="notice">${strings.lengthLimit}</div>` : nothing}
      ${renderNotes(entry, strings)}
      ${options.actions}
    </article>
  `;
}

const TYPING = html`<div class="typing" aria-hidden="true"><i></i><i></i><i></i></div>`;

/** Renders the body only while it is open: collapsed reasoning costs nothing. */
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

/** Renders the notes below an answer: stopped by the visitor, tokens used. */
function renderNotes({ status, answer }: AnswerEntry, strings: CoreStrings): TemplateResult | typeof nothing {
  const notes = [
    status === "stopped" ? strings.stopped : "",
    answer.usage === undefined ? "" : describeUsage(answer.usage, strings),
  ].filter((note) => note !== "");
  return notes.length === 0 ? nothing : html`<div class="notes" part="usage">${notes.join(" · ")}</div>`;
}

/** Describes the usage; empty if the provider reported none. */
function describeUsage(usage: ModelUsage, strings: CoreStrings): string {
  const { totalInputTokens: input, totalOutputTokens: output, totalTokens: total } = usage;
  if (input !== undefined && output !== undefined) {
    return fillString(strings.tokens, { in: input.toLocaleString(), out: output.toLocaleString() });
  }
  return total === undefined ? "" : fillString(strings.totalTokens, { total: total.toLocaleString() });
}
