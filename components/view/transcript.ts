/**
 * The messages that are shown: keeps what belongs to the view alone (the growing text, what is open, what is being
 * edited) and turns entries into templates. A message that has not changed is not even looked at.
 * @module
 */
import { nothing, type ReactiveControllerHost, type TemplateResult } from "lit";
import type { ContentPart } from "../../protocol/chat_request.ts";
import { guard } from "lit/directives/guard.js";
import { AnswerText } from "./answer_text.ts";
import {
  type AnswerEntry,
  type ChatState,
  isRunning,
  type QuestionEntry,
  shownEntries,
  versionsByParent,
} from "../chat/chat_state.ts";
import { contentPieces } from "../chat/content_text.ts";
import type { ChatExtras } from "../lazy_parts.ts";
import { renderMarkdown } from "../markdown/markdown_view.ts";
import { renderAnswer, renderQuestion } from "./message_view.ts";
import type { ChatStrings } from "../locales/strings.ts";

/** What the visitor can do with messages. */
export interface TranscriptHandler {
  onRegenerate(id: number): void;
  onEdit(id: number, content: string | readonly ContentPart[]): void;
  onShow(id: number): void;
  onCopied(): void;
  /** The visitor allows or declines the tool call that waits. */
  onDecide(allowed: boolean): void;
}

/** How messages are to look. */
export interface TranscriptOptions {
  readonly strings: ChatStrings;
  readonly imageOrigins: readonly string[];
  /** What can be done with messages, once it is loaded. */
  readonly extras: ChatExtras | undefined;
  /** Whether text is to run evenly. */
  readonly isSmooth: boolean;
}

const COPIED_MS = 2000;

/** The view of a conversation. */
export class Transcript {
  readonly #host: ReactiveControllerHost & { readonly renderRoot: ParentNode };
  readonly #handler: TranscriptHandler;
  readonly #texts = new Map<number, AnswerText>();
  readonly #openReasoning = new Set<number>();
  #extras: ChatExtras | undefined;
  #editing: number | undefined;
  #copied: number | undefined;
  #isFramePending = false;
  #revision = 0;

  /** @param host the element around it @param handler receives what the visitor does */
  constructor(host: ReactiveControllerHost & { readonly renderRoot: ParentNode }, handler: TranscriptHandler) {
    this.#host = host;
    this.#handler = handler;
  }

  /** Forgets everything about the messages, as other ones come. */
  reset(): void {
    this.#texts.clear();
    this.#openReasoning.clear();
    this.#editing = this.#copied = undefined;
  }

  /** Renders at the next frame. In a hidden tab that is when it is seen again: nothing waits for it. */
  schedule(): void {
    if (this.#isFramePending) return;
    this.#isFramePending = true;
    requestAnimationFrame(() => {
      this.#isFramePending = false;
      this.#host.requestUpdate();
    });
  }

  /** The messages. */
  render(state: ChatState, options: TranscriptOptions): unknown {
    const entries = shownEntries(state);
    this.#extras = options.extras;
    const versions = versionsByParent(state);
    const last = entries.at(-1)?.id;
    return entries.map((entry) => {
      const siblings = versions.get(entry.parent) ?? [];
      return entry.type === "question"
        ? this.#renderQuestion(entry, siblings, options)
        : this.#renderAnswer(entry, siblings, entry.id === last, options);
    });
  }

  #renderQuestion(entry: QuestionEntry, versions: readonly number[], { strings }: TranscriptOptions): unknown {
    const isEditing = this.#editing === entry.id;
    const isCopied = this.#copied === entry.id;
    return guard([entry, versions.length, strings, isEditing, isCopied, this.#extras], () => {
      const { words: text, attached } = contentPieces(entry.content);
      const editor = isEditing && this.#extras?.renderEditor({
        strings,
        text,
        onSend: (edited) => {
          this.#edit(undefined);
          this.#handler.onEdit(
            entry.id,
            attached.length === 0 ? edited : [{ type: "text", text: edited }, ...attached],
          );
        },
        onCancel: () => this.#edit(undefined),
      });
      const actions = this.#renderActions(entry.id, versions, text, strings, { onEdit: () => this.#edit(entry.id) });
      return renderQuestion(entry, { strings, editor: editor || undefined, actions });
    });
  }

  #renderAnswer(entry: AnswerEntry, versions: readonly number[], isLast: boolean, options: TranscriptOptions): unknown {
    const { strings, imageOrigins, isSmooth } = options;
    const text = this.#texts.get(entry.id) ?? new AnswerText();
    this.#texts.set(entry.id, text);
    if (text.update(entry, isSmooth ? this.#extras?.nextShown : undefined)) this.schedule();
    const isOpen = this.#openReasoning.has(entry.id);
    const isCopied = this.#copied === entry.id;
    const look = [strings, imageOrigins, isOpen, isCopied, this.#extras, this.#revision];
    return guard([entry, text.document.version, versions.length, isLast, ...look], () =>
      renderAnswer(entry, {
        strings,
        content: renderMarkdown(text.document, { imageOrigins, strings, onChange: () => this.#refresh() }),
        isLast,
        describeFailure: (error) => this.#extras?.describeFailure(error, strings) ?? error.message,
        tools: this.#extras?.renderToolCalls(entry, strings, this.#handler.onDecide) ?? nothing,
        isReasoningOpen: isOpen,
        onRetry: () => this.#handler.onRegenerate(entry.id),
        onReasoningToggle: (open) => this.#toggleReasoning(entry.id, open),
        actions: isRunning(entry.status)
          ? nothing
          : this.#renderActions(entry.id, versions, entry.answer.text, strings, {
            onRegenerate: () => this.#handler.onRegenerate(entry.id),
          }),
      }));
  }

  #renderActions(
    id: number,
    versions: readonly number[],
    text: string,
    strings: ChatStrings,
    more: { onRegenerate?(): void; onEdit?(): void },
  ): TemplateResult | typeof nothing {
    if (this.#extras === undefined) return nothing;
    const onCopy = () => void this.#copy(id, text);
    const onShow = this.#handler.onShow;
    return this.#extras.renderActions({
      id,
      versions,
      strings,
      isCopied: this.#copied === id,
      onCopy,
      onShow,
      ...more,
    });
  }

  async #copy(id: number, text: string): Promise<void> {
    await navigator.clipboard.writeText(text);
    this.#handler.onCopied();
    this.#setCopied(id);
    setTimeout(() => this.#copied === id && this.#setCopied(undefined), COPIED_MS);
  }

  #setCopied(id: number | undefined): void {
    this.#copied = id;
    this.#host.requestUpdate();
  }

  #edit(id: number | undefined): void {
    this.#editing = id;
    this.#host.requestUpdate();
    if (id === undefined) return;
    this.#host.updateComplete.then(() => {
      const box = this.#host.renderRoot.querySelector<HTMLTextAreaElement>(".editor textarea");
      box?.focus();
      box?.setSelectionRange(box.value.length, box.value.length);
    });
  }

  #toggleReasoning(id: number, open: boolean): void {
    if (open) this.#openReasoning.add(id);
    else this.#openReasoning.delete(id);
    this.#host.requestUpdate();
  }

  /** Renders the answers again although they have not changed, as when the visitor lets an image load. */
  #refresh(): void {
    this.#revision++;
    this.#host.requestUpdate();
  }
}
