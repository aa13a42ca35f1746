/**
 * The contract between the element and `features.ts`, which it loads lazily. Declared here, as a type import of that
 * module would be a circle.
 * @module
 */
import type { CSSResult } from "lit";
import type { MessageContent } from "./chat/before_send.ts";
import type { ChatSession, ChatSessionConfig } from "./chat/chat_session.ts";
import type { ChatState } from "./chat/chat_state.ts";
import type { ChatStreamProperties } from "./chat_stream_properties.ts";
import type { ChatStrings } from "./locales/chat_strings.ts";
import type { FEATURE_ENGLISH } from "./locales/feature_strings.ts";
import type { Announcer } from "./view/announcer.ts";
import type { MessageFeatures } from "./view/message_features.ts";

/** What the features need of their element. */
export interface FeatureContext {
  readonly host: ChatStreamProperties & { send(content: MessageContent): Promise<void> };
  readonly session: ChatSession;
  readonly announcer: Announcer;
  /** Returns the current strings. */
  strings(): ChatStrings;
  /** Returns the language to show. */
  language(): string;
  /** Returns the settings of requests. */
  readConfig(): ChatSessionConfig;
}

/** The features of one element. */
export interface ChatFeatures extends MessageFeatures {
  /** Lets the page check a message. Resolves with the content to send; undefined to send nothing. */
  check(content: MessageContent): Promise<MessageContent | undefined>;
  /** Renders the model picker. */
  renderModels(): unknown;
  /** Renders the suggested next questions. */
  renderSuggestions(state: ChatState): unknown;
  /** Renders why the last message was not sent. */
  renderRefusal(): unknown;
}

/** The exports of `features.ts`. */
export interface FeaturesModule {
  readonly FEATURE_ENGLISH: typeof FEATURE_ENGLISH;
  readonly featureStyles: CSSResult;
  readonly PageFeatures: new (context: FeatureContext) => ChatFeatures;
}
