/**
 * Renders the shown messages. Keeps the state of the view (growing text, open reasoning). A guard skips messages that have
 * not changed.
 * @module
 */
import type { ReactiveControllerHost } from "lit";
import { guard } from "lit/directives/guard.js";
import { AnswerText } from "./answer_text.ts";
import { type AnswerEntry, type ChatState, type QuestionEntry, shownEntries } from "../chat/chat_state.ts";
import { renderMarkdown } from "../markdown/markdown_view.ts";
import type { MessageControls, MessageControlsOptions, MessageHandler } from "./message_controls.ts";
import { renderAnswer, renderQuestion } from "./message_view.ts";
import type { nextShown } from "./smooth_text.ts";

/** What the transcript uses of the lazily loaded parts. */
export interface TranscriptExtras {
  readonly MessageControls: typeof MessageControls;
  readonly nextShown: typeof nextShown;
}

/** How to render the messages. */
export interface TranscriptOptions extends MessageControlsOptions {
  /** The origins whose images load without asking, separated by spaces. */
  readonly imageOrigins: string;
  /** The lazily loaded parts, once they are loaded. */
  readonly extras: TranscriptExtras | undefined;
  /** True while the connection of the last answer is lost. */
  readonly isReconnecting: boolean;
  /** True to show streamed text at an even pace. */
  readonly isSmooth: boolean;
}

/** The view of a conversation. */
export class Transcript {
  readonly #host: ReactiveControllerHost & { readonly renderRoot: ParentNode };
  readonly #handler: MessageHandler;
  readonly #texts = new Map<number, AnswerText>();
  readonly #openReasoning = new Set<number>();
  #controls: MessageControls | undefined;
  #isFramePending = false;
  #revision = 0;

  /** @param host the element to update @param handler receives the visitor's actions */
  constructor(host: ReactiveControllerHost & { readonly renderRoot: ParentNode }, handler: MessageHandler) {
    this.#host = host;
    this.#handler = handler;
  }

  /** Clears the state of the view, as another conversation is shown. */
  reset(): void {
    this.#texts.clear();
    this.#openReasoning.clear();
    this.#controls?.reset();
  }

  /** Schedules a render for the next frame. A hidden tab renders when it becomes visible. */
  schedule(): void {
    if (this.#isFramePending) return;
    this.#isFramePending = true;
    requestAnimationFrame(() => {
      this.#isFramePending = false;
      this.#host.requestUpdate();
    });
  }

  /** Renders the messages. */
  render(state: ChatState, options: TranscriptOptions): unknown {
    const entries = shownEntries(state);
    this.#controls ??= options.extras && new options.extras.MessageControls(this.#host, this.#handler);
    this.#controls?.update(state, options);
    return entries.map((entry, i) => {
      const isLast = i === entries.length - 1;
      if (entry.type === "question") return this.#renderQuestion(entry, options);
      return this.#renderAnswer(entry, isLast, entries[i - 1]?.type === "answer", options);
    });
  }

  #renderQuestion(entry: QuestionEntry, { strings }: TranscriptOptions): unknown {
    const controls = this.#controls;
    return guard(
      [entry, strings, controls?.look(entry, false)],
      () => renderQuestion(entry, { strings, ...controls?.question(entry) }),
    );
  }

  #renderAnswer(entry: AnswerEntry, isLast: boolean, isContinued: boolean, options: TranscriptOptions): unknown {
    const { strings, imageOrigins, isSmooth, tools, features, extras } = options;
    const controls = this.#controls;
    const text = this.#texts.get(entry.id) ?? new AnswerText();
    this.#texts.set(entry.id, text);
    if (text.update(entry, isSmooth ? extras?.nextShown : undefined)) this.schedule();
    const isReasoningOpen = this.#openReasoning.has(entry.id);
    const isReconnecting = isLast && options.isReconnecting;
    const looks = [strings, imageOrigins, tools, isReasoningOpen, isReconnecting, isContinued, this.#revision];
    return guard([entry, text.document.version, isLast, controls?.look(entry, isLast), ...looks], () => {
      const content = renderMarkdown(text.document, {
        imageOrigins: imageOrigins.split(/\s+/).filter(Boolean),
        strings,
        wrapCode: features?.wrapCode,
        onChange: () => this.#refresh(),
      });
      return renderAnswer(entry, {
        strings,
        content,
        isLast,
        isReconnecting,
        isReasoningOpen,
        onRetry: () => this.#handler.onRegenerate(entry.id),
        onContinue: () => this.#handler.onContinue(),
        onReasoningToggle: (open) => this.#toggleReasoning(entry.id, open),
        ...controls?.answer(entry, content, isLast, isContinued),
      });
    });
  }

  #toggleReasoning(id: number, open: boolean): void {
    if (open) this.#openReasoning.add(id);
    else this.#openReasoning.delete(id);
    this.#host.requestUpdate();
  }

  /** Renders unchanged answers again, such as after the visitor allowed an image. */
  #refresh(): void {
    this.#revision++;
    this.#host.requestUpdate();
  }
}
