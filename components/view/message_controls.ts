/**
 * The lazily loaded part of the messages: their buttons, the editor of a question, tool calls, failures, and what the
 * features of the page add. Keeps the state that belongs to them.
 * @module
 */
import type { ReactiveControllerHost, TemplateResult } from "lit";
import type { ContentPart, ToolCall } from "../../protocol/chat_request.ts";
import {
  type AnswerEntry,
  type ChatEntry,
  type ChatState,
  isRunning,
  type QuestionEntry,
  type ToolResult,
} from "../chat/chat_state.ts";
import type { ChatTool } from "../chat/chat_tool.ts";
import { versionsByParent } from "../chat/chat_versions.ts";
import { readQuestionContent } from "../chat/question_content.ts";
import type { ChatStrings } from "../locales/chat_strings.ts";
import { describeFailure, describeWait } from "../locales/extra_strings.ts";
import type { CodeWrapper } from "../markdown/markdown_view.ts";
import { renderActions, renderEditor } from "./message_actions.ts";
import type { AnswerViewOptions, QuestionViewOptions } from "./message_view.ts";
import { renderQuotedText } from "./quoted_text.ts";
import { RetryCountdown } from "./retry_countdown.ts";
import { renderToolCalls, type ToolDecision } from "./tool_view.ts";

/** What the features of the page add to messages. */
export interface MessageFeatures {
  /** Grows when unchanged messages must be rendered again. */
  readonly revision: number;
  readonly wrapCode: CodeWrapper | undefined;
  /** Renders the line above a message; undefined for none. */
  renderByline(entry: ChatEntry): unknown;
  /** Replaces the view of a message's text. */
  wrapMessage(entry: ChatEntry, view: unknown): unknown;
  /** Replaces the view of a tool call. */
  wrapTool(call: ToolCall, result: ToolResult | undefined, view: unknown): unknown;
  /** Describes the tokens used; empty for nothing. */
  describeUsage(entry: AnswerEntry): string;
  /** Renders further buttons. */
  renderActions(entry: ChatEntry): unknown;
  /** Renders what is below the buttons. */
  renderBelow(entry: ChatEntry): unknown;
}

/** Receives the visitor's actions on messages. */
export interface MessageHandler {
  onRegenerate(id: number): void;
  /** Requests the rest of the last answer. */
  onContinue(): void;
  /** Resolves with true once the edited question is sent. */
  onEdit(id: number, content: string | readonly ContentPart[]): Promise<boolean>;
  onShow(id: number): void;
  onCopied(): void;
  /** The visitor decides on the pending tool call. */
  onDecide(decision: ToolDecision): void;
}

/** What all messages are rendered with. */
export interface MessageControlsOptions {
  readonly strings: ChatStrings;
  /** The features of the page, once they are loaded. */
  readonly features: MessageFeatures | undefined;
  /** The tools of the page. */
  readonly tools: readonly ChatTool[];
}

const COPIED_MS = 2000;

/** The controls of the messages of one element. */
export class MessageControls {
  readonly #host: ReactiveControllerHost & { readonly renderRoot: ParentNode };
  readonly #handler: MessageHandler;
  readonly #countdown: RetryCountdown;
  #options: MessageControlsOptions | undefined;
  #versions: ReadonlyMap<number | undefined, readonly number[]> = new Map();
  #editing: number | undefined;
  #copied: number | undefined;

  /** @param host the element to update @param handler receives the visitor's actions */
  constructor(host: ReactiveControllerHost & { readonly renderRoot: ParentNode }, handler: MessageHandler) {
    this.#host = host;
    this.#handler = handler;
    this.#countdown = new RetryCountdown(host);
  }

  /** Clears the state, as another conversation is shown. */
  reset(): void {
    this.#editing = this.#copied = undefined;
  }

  /** Takes over what the next messages are rendered with. */
  update(state: ChatState, options: MessageControlsOptions): void {
    this.#options = options;
    this.#versions = versionsByParent(state);
  }

  /** What the view of a message depends on besides the message. Equal texts mean an equal view. */
  look(entry: ChatEntry, isLast: boolean): string {
    const isEditing = this.#editing === entry.id;
    const isCopied = this.#copied === entry.id;
    const wait = isLast ? this.#describeWait(entry) : "";
    return [this.#siblings(entry).length, isEditing, isCopied, wait, this.#options?.features?.revision].join();
  }

  /** The options of a question. */
  question(entry: QuestionEntry): Partial<QuestionViewOptions> {
    const { strings, features } = this.#options as MessageControlsOptions;
    const { text, attached } = readQuestionContent(entry.content);
    const onSend = async (edited: string) => {
      const content = attached.length === 0 ? edited : [{ type: "text", text: edited } as const, ...attached];
      if (await this.#handler.onEdit(entry.id, content)) this.#edit(undefined);
    };
    const isEditing = this.#editing === entry.id;
    return {
      text: renderQuotedText(text),
      byline: features?.renderByline(entry),
      editor: isEditing ? renderEditor({ strings, text, onSend, onCancel: () => this.#edit(undefined) }) : undefined,
      actions: this.#renderActions(entry, text, { onEdit: () => this.#edit(entry.id) }),
      wrap: (bubble) => features?.wrapMessage(entry, bubble) ?? bubble,
    };
  }

  /**
   * The options of an answer.
   * @param content the rendered text @param isLast true for the last message @param isContinued true after another answer
   */
  answer(
    entry: AnswerEntry,
    content: unknown,
    isLast: boolean,
    isContinued: boolean,
  ): Partial<AnswerViewOptions> {
    const { strings, features, tools } = this.#options as MessageControlsOptions;
    const onRegenerate = () => this.#handler.onRegenerate(entry.id);
    // A failure at the end has its own button.
    const more = isLast && entry.answer.error ? {} : { onRegenerate };
    return {
      content: features?.wrapMessage(entry, content) ?? content,
      byline: isContinued ? undefined : features?.renderByline(entry),
      usage: features?.describeUsage(entry) ?? "",
      retryIn: isLast ? this.#describeWait(entry) : "",
      describeFailure: (error) => describeFailure(error, strings),
      tools: renderToolCalls(entry, {
        strings,
        tools,
        wrap: (call, result, view) => features?.wrapTool(call, result, view) ?? view,
        onDecide: this.#handler.onDecide,
      }),
      actions: isRunning(entry.status) ? undefined : this.#renderActions(entry, entry.answer.text, more),
      below: features?.renderBelow(entry),
    };
  }

  #siblings(entry: ChatEntry): readonly number[] {
    return this.#versions.get(entry.parent) ?? [];
  }

  #describeWait(entry: ChatEntry): string {
    if (entry.type !== "answer" || !entry.answer.error || !this.#options) return "";
    return describeWait(this.#countdown.secondsLeft(entry), this.#options.strings);
  }

  #renderActions(entry: ChatEntry, text: string, more: { onRegenerate?(): void; onEdit?(): void }): TemplateResult {
    const { strings, features } = this.#options as MessageControlsOptions;
    return renderActions({
      id: entry.id,
      versions: this.#siblings(entry),
      strings,
      isCopied: this.#copied === entry.id,
      more: features?.renderActions(entry),
      ...(text !== "" && { onCopy: () => void this.#copy(entry.id, text) }),
      onShow: this.#handler.onShow,
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
}
