/**
 * Renders the shown messages. Keeps the state of the view (growing text, open reasoning, the edited question). A guard
 * skips messages that have not changed.
 * @module
 */
import { noChange, nothing, type ReactiveControllerHost, type TemplateResult } from "lit";
import type { ContentPart } from "../../protocol/chat_request.ts";
import { guard } from "lit/directives/guard.js";
import { AnswerText } from "./answer_text.ts";
import {
  type AnswerEntry,
  type ChatEntry,
  type ChatState,
  isRunning,
  type QuestionEntry,
  shownEntries,
  versionsByParent,
} from "../chat/chat_state.ts";
import type { answerMarkdown } from "../chat/chat_export.ts";
import type { ChatTool } from "../chat/chat_tool.ts";
import { questionContent, readQuestionContent } from "../chat/question_content.ts";
import { isAwaitingModule } from "../markdown/markdown_modules.ts";
import { renderMarkdown, type Sources } from "../markdown/markdown_view.ts";
import type { ChatStrings } from "../locales/chat_strings.ts";
import { describeLoss } from "../locales/core_strings.ts";
import type { describeFailure } from "../locales/occasional_strings.ts";
import type { renderEdited } from "./attachment_view.ts";
import { renderActions } from "./message_actions.ts";
import type { renderEditor } from "./message_editor.ts";
import type { MessageFeatures } from "./message_features.ts";
import { renderAnswer, renderQuestion } from "./message_view.ts";
import type { renderReasoning } from "./reasoning_view.ts";
import type { renderQuotedText } from "./quoted_text.ts";
import { nextShown } from "./smooth_text.ts";
import type { renderImages } from "./answer_images.ts";
import type { renderJump } from "./jump_button.ts";
import type { renderDownloads } from "./menu_items.ts";
import type { renderTimeOnDemand } from "./message_time.ts";
import type { renderUndo } from "./undo_notice.ts";
import type { renderVersions } from "./version_pager.ts";
import type { renderToolCalls, ToolDecision } from "./tool_view.ts";

/** What the transcript uses of the lazily loaded parts. */
export interface LazyViews {
  /** The first eleven are absent until one of them is needed. */
  readonly answerMarkdown?: typeof answerMarkdown;
  readonly describeFailure?: typeof describeFailure;
  readonly renderDownloads?: typeof renderDownloads;
  readonly renderEditor?: typeof renderEditor;
  readonly renderImages?: typeof renderImages;
  readonly renderJump?: typeof renderJump;
  readonly renderQuotedText?: typeof renderQuotedText;
  readonly renderTimeOnDemand?: typeof renderTimeOnDemand;
  readonly renderUndo?: typeof renderUndo;
  readonly renderVersions?: typeof renderVersions;
  /** Describes the time until a refused question may be sent again; empty if it may. */
  readonly describeWait?: (entry: AnswerEntry, strings: ChatStrings) => string;
  /** Absent until an answer has reasoning. */
  readonly renderReasoning?: typeof renderReasoning;
  /** Absent until there is a tool call. */
  readonly renderToolCalls?: typeof renderToolCalls;
}

/** What the transcript uses of the attachments. */
export interface TranscriptAttachments {
  readonly renderEdited: typeof renderEdited;
  /** Changes when sent attachments must be rendered again. */
  readonly version: number;
  renderSent(parts: readonly ContentPart[], options: TranscriptOptions): unknown;
}

/** Receives the visitor's actions on messages. */
export interface TranscriptHandler {
  onRegenerate(id: number): void;
  /** Requests the rest of the last answer. */
  onContinue(): void;
  /** Resolves with true once the edited question is sent. */
  onEdit(id: number, content: string | readonly ContentPart[]): Promise<boolean>;
  onShow(id: number): void;
  onCopied(): void;
  /** Loads `describeFailure`, `renderEditor`, `renderQuotedText`, `renderVersions` and `describeWait`. */
  loadOccasional(): Promise<unknown>;
  /** The visitor decides on the pending tool call. */
  onDecide(decision: ToolDecision): void;
}

/** How to render the messages. */
export interface TranscriptOptions {
  readonly strings: ChatStrings;
  /** The origins whose images load without asking, separated by spaces. */
  readonly imageOrigins: string;
  /** What is loaded of the lazily loaded parts. */
  readonly views: LazyViews;
  /** The features of the page, once they are loaded. */
  readonly features: MessageFeatures | undefined;
  /** The tools of the page. */
  readonly tools: readonly ChatTool[];
  /** The attachments, once they are loaded. */
  readonly attachments: TranscriptAttachments | undefined;
  /** The language of numbers, such as `de`. */
  readonly language: string;
  /** True while the connection of the last answer is lost. */
  readonly isReconnecting: boolean;
  /** True to show streamed text at an even pace. */
  readonly isSmooth: boolean;
}

const COPIED_MS = 2000;
/** A loaded conversation is rendered in parts of so many messages, the last part first. */
const PART_LENGTH = 24;

const QUOTATION = /^>/m;

/** The sources of an answer. The places of their marks are known once the text is complete. */
function sourcesOf({ answer: { grounding, text }, status }: AnswerEntry): Sources | undefined {
  return grounding && { ...grounding, text: isRunning(status) ? undefined : text };
}

/** The view of a conversation. */
export class Transcript {
  readonly #host: ReactiveControllerHost & { readonly renderRoot: ParentNode };
  readonly #handler: TranscriptHandler;
  readonly #texts = new Map<number, AnswerText>();
  readonly #openReasoning = new Set<number>();
  #views: LazyViews = {};
  #features: MessageFeatures | undefined;
  #editing: number | undefined;
  /** The attachments of the edited question that it keeps. */
  #kept: readonly ContentPart[] = [];
  #copied: number | undefined;
  #isFramePending = false;
  /** The index of the first message that is rendered. */
  #first = 0;
  #isPartPending = false;
  #revision = 0;

  /** @param host the element to update @param handler receives the visitor's actions */
  constructor(host: ReactiveControllerHost & { readonly renderRoot: ParentNode }, handler: TranscriptHandler) {
    this.#host = host;
    this.#handler = handler;
  }

  /** Clears the state of the view, as another conversation is shown. */
  reset(): void {
    this.#texts.clear();
    this.#openReasoning.clear();
    this.#editing = this.#copied = undefined;
    this.#first = Infinity;
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
    this.#views = options.views;
    this.#features = options.features;
    const versions = versionsByParent(state);
    const last = entries.at(-1)?.id;
    this.#first = Math.max(0, Math.min(this.#first, entries.length - PART_LENGTH));
    if (this.#first > 0) this.#schedulePart();
    return entries.map((entry, index) => {
      if (index < this.#first) return nothing;
      const siblings = versions.get(entry.parent) ?? [];
      if (entry.type === "question") return this.#renderQuestion(entry, siblings, options);
      const isContinued = entries[index - 1]?.type === "answer";
      return this.#renderAnswer(entry, siblings, entry.id === last, isContinued, options);
    });
  }

  /** Renders the part before the first message when the browser is idle. What is on the screen stays where it is. */
  #schedulePart(): void {
    if (this.#isPartPending) return;
    this.#isPartPending = true;
    const whenIdle = globalThis.requestIdleCallback ?? setTimeout;
    whenIdle(async () => {
      const log = this.#host.renderRoot.querySelector(".log");
      const fromEnd = log ? log.scrollHeight - log.scrollTop : 0;
      this.#isPartPending = false;
      this.#first -= PART_LENGTH;
      this.#host.requestUpdate();
      await this.#host.updateComplete;
      if (log) log.scrollTop = log.scrollHeight - fromEnd;
    });
  }

  #renderQuestion(entry: QuestionEntry, versions: readonly number[], options: TranscriptOptions): unknown {
    const { strings, attachments, imageOrigins } = options;
    const isEditing = this.#editing === entry.id;
    const isCopied = this.#copied === entry.id;
    const look = [strings, isEditing && this.#kept, isCopied, this.#views, attachments?.version, imageOrigins];
    return guard([entry, versions.length, ...look, this.#features?.revision], () => {
      const { text, attached } = readQuestionContent(entry.content);
      const editor = isEditing ? this.#renderEditor(entry.id, text, options) : undefined;
      const actions = this.#renderActions(entry, versions, text, options, {
        onEdit: () => void this.#startEdit(entry.id, attached),
      });
      return renderQuestion({
        strings,
        text,
        view: QUOTATION.test(text) ? this.#occasional().renderQuotedText?.(text) : undefined,
        attached: attached.length > 0 ? attachments?.renderSent(attached, options) : nothing,
        editor,
        actions,
        ...this.#features?.question(entry),
      });
    });
  }

  #renderEditor(id: number, text: string, options: TranscriptOptions): TemplateResult | undefined {
    const { strings, attachments } = options;
    const kept = this.#kept;
    return this.#views.renderEditor?.({
      strings,
      text,
      files: attachments?.renderEdited(kept, options, (removed) => {
        this.#kept = kept.filter((part) => part !== removed);
        this.#host.requestUpdate();
      }),
      canSendEmpty: kept.length > 0,
      onSend: async (edited) => {
        if (await this.#handler.onEdit(id, questionContent(edited, kept))) this.#edit(undefined);
      },
      onCancel: () => this.#edit(undefined),
    });
  }

  #renderAnswer(
    entry: AnswerEntry,
    versions: readonly number[],
    isLast: boolean,
    isContinued: boolean,
    options: TranscriptOptions,
  ): unknown {
    const { strings, imageOrigins, isSmooth, tools, features } = options;
    const text = this.#texts.get(entry.id) ?? new AnswerText();
    this.#texts.set(entry.id, text);
    const isHeld = isLast && isAwaitingModule();
    if (text.update(entry, isSmooth ? nextShown : undefined, isHeld)) this.schedule();
    const isOpen = this.#openReasoning.has(entry.id);
    const isCopied = this.#copied === entry.id;
    const isReconnecting = isLast && options.isReconnecting;
    const retryIn = isLast ? this.#describeWait(entry, strings) : "";
    const look = [strings, imageOrigins, tools, isOpen, isCopied, isReconnecting, retryIn, isContinued, this.#views];
    const revisions = [this.#revision, features?.revision];
    return guard([entry, text.document.version, versions.length, isLast, isHeld, ...look, ...revisions], () => {
      const rendered = renderMarkdown(text.document, {
        imageOrigins: imageOrigins.split(/\s+/).filter(Boolean),
        strings,
        sources: sourcesOf(entry),
        wrapCode: features?.wrapCode,
        onChange: () => this.#refresh(),
      });
      const images = entry.answer.base64_images;
      const markdown = images && this.#occasional().answerMarkdown?.(entry, strings);
      const isAwaiting = isLast && isAwaitingModule();
      if (isAwaiting) this.schedule();
      // What follows the module's content in the same frame waits too.
      const isKept = isAwaiting && (isHeld || isRunning(entry.status));
      const content = isKept ? noChange : rendered;
      return renderAnswer(entry, {
        strings,
        content,
        isHeld: isKept,
        isLast,
        retryIn,
        isReconnecting,
        describeFailure: (error) =>
          describeLoss(error, strings) ?? this.#occasional().describeFailure?.(error, strings) ?? strings.failed,
        images: images && this.#views.renderImages?.(images, strings),
        tools: this.#views.renderToolCalls?.(entry, { strings, tools, features, onDecide: this.#handler.onDecide }),
        reasoning: entry.answer.reasoning && this.#views.renderReasoning?.(entry, {
          strings,
          isOpen,
          onToggle: (open) => this.#toggleReasoning(entry.id, open),
        }),
        onRetry: () => this.#handler.onRegenerate(entry.id),
        onContinue: () => this.#handler.onContinue(),
        actions: isRunning(entry.status) || isAwaiting
          ? nothing
          : this.#renderActions(entry, versions, markdown ?? entry.answer.text, options, {
            // A failure at the end has its own button.
            ...(!(isLast && entry.answer.error) && { onRegenerate: () => this.#handler.onRegenerate(entry.id) }),
          }),
        ...features?.answer(entry, content, isContinued),
      });
    });
  }

  #describeWait(entry: AnswerEntry, strings: ChatStrings): string {
    if (entry.answer.error?.body?.retryAfterSeconds === undefined) return "";
    return this.#occasional().describeWait?.(entry, strings) ?? "";
  }

  /** Returns the lazily loaded parts, and loads the occasional ones if they are missing. */
  #occasional(): LazyViews {
    if (this.#views.renderEditor === undefined) this.#handler.loadOccasional().catch(() => {});
    return this.#views;
  }

  #renderActions(
    entry: ChatEntry,
    versions: readonly number[],
    text: string,
    { strings, language }: TranscriptOptions,
    more: { onRegenerate?(): void; onEdit?(): void },
  ): TemplateResult {
    const { id } = entry;
    const { onShow } = this.#handler;
    return renderActions({
      versions: versions.length > 1 ? this.#occasional().renderVersions?.({ strings, versions, id, onShow }) : nothing,
      strings,
      isCopied: this.#copied === id,
      time: this.#features?.showsTimes || entry.createdAt === undefined
        ? nothing
        : this.#views.renderTimeOnDemand?.(entry.createdAt, language),
      more: this.#features?.renderActions(entry),
      ...(text !== "" && { onCopy: () => void this.#copy(id, text) }),
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

  async #startEdit(id: number, attached: readonly ContentPart[]): Promise<void> {
    await this.#handler.loadOccasional().then(() => this.#edit(id, attached), () => {});
  }

  #edit(id: number | undefined, attached: readonly ContentPart[] = []): void {
    this.#editing = id;
    this.#kept = attached;
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

  /** Renders unchanged answers again, such as after the visitor allowed an image. */
  #refresh(): void {
    this.#revision++;
    this.#host.requestUpdate();
  }
}
