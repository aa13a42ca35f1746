/**
 * The features that a page turns on by properties, as one module: names and times, feedback, suggestions, the model
 * picker, token counts, and the page's own views, actions and check of messages. It is loaded when the first of their
 * properties is set.
 * @module
 */
// A hint for the bundler: what is used here and there stays in the component's chunk.
import "./chat_stream.ts";

import { html, nothing, type ReactiveController } from "lit";
import type { ToolCall } from "../protocol/chat_request.ts";
import { checkMessage, type MessageContent } from "./chat/before_send.ts";
import { modelsUrl } from "./chat/server_models.ts";
import {
  type AnswerEntry,
  type ChatEntry,
  type ChatFeedback,
  type ChatState,
  isRunning,
  type QuestionEntry,
  type ToolResult,
} from "./chat/chat_state.ts";
import { FollowUps } from "./chat/follow_ups.ts";
import { readModel, writeModel } from "./chat/model_storage.ts";
import type { ChatFeatures, FeatureContext } from "./chat_features.ts";
import { ChatFeedbackEvent } from "./chat_stream_events.ts";
import { renderByline } from "./view/byline.ts";
import { customView } from "./view/custom_view.ts";
import { renderCommentForm, renderThanks, renderThumbs } from "./view/feedback.ts";
import { ModelPicker } from "./view/model_picker.ts";
import { renderPageActions } from "./view/page_actions.ts";
import { renderSuggestions } from "./view/suggestion_chips.ts";
import type { MessageFeatures } from "./view/message_features.ts";
import type { AnswerViewOptions, QuestionViewOptions } from "./view/message_view.ts";
import { describeUsage } from "./view/usage_note.ts";

export { FEATURE_ENGLISH } from "./locales/feature_strings.ts";
export { featureStyles } from "./view/feature_styles.ts";

/** A Lit controller with the features of one element. */
export class PageFeatures implements ChatFeatures, ReactiveController {
  readonly #context: FeatureContext;
  readonly #followUps: FollowUps;
  readonly #models: ModelPicker;
  #revision = 0;
  /** The properties that messages depend on, as of the last update. */
  #settings: readonly unknown[] = [];
  #wrapCode: MessageFeatures["wrapCode"];
  /** The answer whose comment form is open, or whose comment was just sent. */
  #commented: { readonly id: number; readonly isSent: boolean } | undefined;
  #isChecking = false;
  #refusal = "";

  /** @param context the element */
  constructor(context: FeatureContext) {
    const { host } = this.#context = context;
    this.#followUps = new FollowUps(() => host.requestUpdate());
    this.#models = new ModelPicker({
      readKept: () => readModel(host.persist, this.#storageKey),
      onChoose: (model) => {
        host.model = model;
        writeModel(host.persist, this.#storageKey, model);
      },
      onChange: () => host.requestUpdate(),
    });
    host.addController(this);
  }

  get revision(): number {
    return this.#revision;
  }

  get showsTimes(): boolean {
    return this.#context.host.timestamps;
  }

  get wrapCode(): MessageFeatures["wrapCode"] {
    return this.#wrapCode;
  }

  /** Takes changed properties over. Lit calls it before each update. */
  hostUpdate(): void {
    const { host } = this.#context;
    const { feedback, timestamps, showUsage, renderers, messageActions } = host;
    const names = [host.assistantName, host.userName, host.assistantAvatar, host.userAvatar];
    const settings = [feedback, timestamps, showUsage, renderers, messageActions, ...names];
    if (settings.some((value, i) => value !== this.#settings[i])) {
      this.#settings = settings;
      this.#revision++;
      this.#wrapCode = renderers?.code && (({ language, text }, complete, view) => {
        const create = ownValue(renderers.code, language.toLowerCase());
        return create ? customView(createCode, [create, text, complete], view) : view;
      });
    }
    const config = this.#context.readConfig();
    void this.#models.load(host.models ? modelsUrl(config.endpoint, document.baseURI) : "", config);
  }

  async check(content: MessageContent): Promise<MessageContent | undefined> {
    const { host, announcer, strings } = this.#context;
    const hook = host.beforeSend;
    if (hook === undefined) return content;
    // Enter was pressed twice.
    if (this.#isChecking) return undefined;
    this.#isChecking = true;
    const checked = await checkMessage(hook, content);
    this.#isChecking = false;
    this.#refusal = "refusal" in checked ? checked.refusal || strings().notSent : "";
    if (this.#refusal !== "") announcer.alert(this.#refusal);
    host.requestUpdate();
    return "content" in checked ? checked.content : undefined;
  }

  renderModels(): unknown {
    const { host, strings } = this.#context;
    return this.#models.render(host.model, strings().model);
  }

  renderSuggestions(state: ChatState): unknown {
    const { host, strings } = this.#context;
    const texts = this.#followUps.read(host.suggestions, state);
    return renderSuggestions(texts, strings(), (text) => void host.send(text));
  }

  renderRefusal(): unknown {
    return this.#refusal === "" ? nothing : html`<div class="refusal" part="refusal">${this.#refusal}</div>`;
  }

  question(entry: QuestionEntry): Partial<QuestionViewOptions> {
    return { byline: this.#renderByline(entry), wrap: (bubble) => this.#wrapMessage(entry, bubble) };
  }

  answer(entry: AnswerEntry, content: unknown, isContinued: boolean): Partial<AnswerViewOptions> {
    const { host, strings } = this.#context;
    return {
      content: this.#wrapMessage(entry, content),
      byline: isContinued ? undefined : this.#renderByline(entry),
      usage: host.showUsage ? describeUsage(entry.answer.usage, strings()) : "",
      below: this.#renderBelow(entry),
    };
  }

  #renderByline(entry: ChatEntry): unknown {
    const { host, strings, language } = this.#context;
    const isAnswer = entry.type === "answer";
    const [name, avatar] = isAnswer ? [host.assistantName, host.assistantAvatar] : [host.userName, host.userAvatar];
    const time = host.timestamps ? entry.createdAt : undefined;
    if (!name && !avatar && time === undefined) return undefined;
    const label = isAnswer ? strings().assistant : strings().you;
    return renderByline({ name, label, avatar, time, language: language() });
  }

  #wrapMessage(entry: ChatEntry, view: unknown): unknown {
    const create = this.#context.host.renderers?.message;
    return create ? customView(create, [entry], view) : view;
  }

  wrapTool(call: ToolCall, result: ToolResult | undefined, view: unknown): unknown {
    const create = ownValue(this.#context.host.renderers?.tools, call.function.name);
    return create ? customView(create, [call, result], view) : view;
  }

  renderActions(entry: ChatEntry): unknown {
    const { host, strings } = this.#context;
    const isRated = host.feedback && entry.type === "answer" && !isRunning(entry.status) && entry.answer.text !== "";
    return [
      isRated ? renderThumbs(entry.feedback, strings(), (rating) => this.#rate(entry, rating)) : nothing,
      renderPageActions(host.messageActions ?? [], entry),
    ];
  }

  #renderBelow(entry: AnswerEntry): unknown {
    const strings = this.#context.strings();
    if (this.#commented?.id !== entry.id || !entry.feedback) return nothing;
    if (this.#commented.isSent) return renderThanks(strings);
    return renderCommentForm({
      strings,
      comment: entry.feedback.comment ?? "",
      onSend: (comment) => this.#comment(entry, comment),
      onClose: () => this.#closeComment(undefined),
    });
  }

  get #storageKey(): string {
    return `chat-stream:${this.#context.host.persistKey}`;
  }

  #rate(entry: AnswerEntry, rating: ChatFeedback["rating"]): void {
    const isTakenBack = entry.feedback?.rating === rating;
    this.#setFeedback(entry, isTakenBack ? undefined : { rating });
    this.#commented = isTakenBack ? undefined : { id: entry.id, isSent: false };
    this.#refresh();
  }

  #comment(entry: AnswerEntry, comment: string): void {
    if (entry.feedback === undefined) return;
    this.#setFeedback(entry, { ...entry.feedback, comment });
    this.#context.announcer.status(this.#context.strings().thanks);
    this.#closeComment({ id: entry.id, isSent: true });
  }

  #setFeedback({ id, answer }: AnswerEntry, feedback: ChatFeedback | undefined): void {
    const { host, session } = this.#context;
    session.apply({ type: "feedback", id, feedback });
    host.dispatchEvent(new ChatFeedbackEvent(id, feedback?.rating, feedback?.comment ?? "", answer.text));
  }

  /** Removes the form and gives the focus back to the chosen thumb. */
  #closeComment(commented: { readonly id: number; readonly isSent: boolean } | undefined): void {
    const form = this.#context.host.renderRoot.querySelector(".comment");
    form?.closest("article")?.querySelector<HTMLElement>('.thumb[aria-pressed="true"]')?.focus();
    this.#commented = commented;
    this.#refresh();
  }

  #refresh(): void {
    this.#revision++;
    this.#context.host.requestUpdate();
  }
}

type CodeRenderer = (source: string, info: { readonly complete: boolean }) => Node | undefined;

function createCode(create: CodeRenderer, source: string, complete: boolean): Node | undefined {
  return create(source, { complete });
}

/** A model may name a language or a tool `constructor`. */
function ownValue<Value>(values: Readonly<Record<string, Value>> | undefined, name: string): Value | undefined {
  return values && Object.hasOwn(values, name) ? values[name] : undefined;
}
