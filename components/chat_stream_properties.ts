/**
 * The face of `<chat-stream>`: its attributes and properties with their defaults, its slots, parts and custom properties.
 * `chat_stream.ts` implements what they do.
 * @module
 */
import { LitElement, type PropertyDeclarations } from "lit";
import type { ChatUpload } from "./chat/chat_upload.ts";
import type { ChatSessionConfig } from "./chat/chat_session.ts";
import type { BeforeSend } from "./chat/before_send.ts";
import type { ChatTool } from "./chat/chat_tool.ts";
import type { Suggestions } from "./chat/follow_ups.ts";
import type { ChatStrings } from "./locales/chat_strings.ts";
import type { ChatRenderers } from "./view/custom_view.ts";
import type { MessageAction } from "./view/page_actions.ts";
import type { LauncherStrings } from "./locales/launcher_english.ts";

/** Where the conversation is stored over a reload. */
export type ChatPersistence = "none" | "session" | "local";

/** The properties that load `features.ts` when one of them is set. */
const FEATURES = [
  "assistantName",
  "userName",
  "assistantAvatar",
  "userAvatar",
  "timestamps",
  "showUsage",
  "models",
  "feedback",
  "suggestions",
  "renderers",
  "messageActions",
  "beforeSend",
] as const;

/**
 * The base class of the element: its properties, and the settings that derive from them. The tags below document the
 * element's slots, parts and custom properties for the manifest.
 *
 * @slot header - Replaces the title.
 * @slot empty - Replaces the greeting and the starters.
 * @slot footer - Content below the box, such as a note on privacy.
 * @slot launcher-icon - Replaces the icon of the launcher's button.
 *
 * @csspart panel - The visible box, in the launcher its panel.
 * @csspart chat - Everything inside the panel.
 * @csspart header - The header.
 * @csspart title - The title in the header.
 * @csspart log - The scrolling conversation.
 * @csspart empty - The empty state before the first question.
 * @csspart starter - A suggested first question.
 * @csspart question - A message of the visitor with its buttons.
 * @csspart bubble - The text of a question.
 * @csspart answer - An answer with everything that belongs to it.
 * @csspart content - The text of an answer.
 * @csspart reasoning - The model's reasoning.
 * @csspart tool - A tool call.
 * @csspart error - The message of a failure.
 * @csspart notice - The notice below an answer: it reached its length limit, or its connection is lost.
 * @csspart usage - The notes below an answer: stopped, tokens used.
 * @csspart actions - The buttons below a message.
 * @csspart byline - The line above a message: picture, name and time.
 * @csspart avatar - The picture in the line above a message.
 * @csspart name - The name in the line above a message.
 * @csspart time - The time of a message: in the line above it, or among the buttons below it.
 * @csspart comment - The form for a comment on an answer.
 * @csspart message-action - A button of the page below a message.
 * @csspart suggestions - The suggested next questions.
 * @csspart suggestion - A suggested next question.
 * @csspart model-picker - The list of models in the header.
 * @csspart quote-button - The button that quotes selected text.
 * @csspart queued - The message that waits for the running answer.
 * @csspart refusal - The reason why the last message was not sent.
 * @csspart jump-button - The button that jumps to the end.
 * @csspart footer - The composer and what surrounds it.
 * @csspart files - The attachments of a message.
 * @csspart file - An attachment.
 * @csspart drop-zone - The zone over the chat that takes dragged files.
 * @csspart composer - The box with its buttons.
 * @csspart attach-button - The button that opens the file picker.
 * @csspart input - The text area.
 * @csspart queue-button - The button that queues a message while an answer is running.
 * @csspart send-button - The Send or Stop button.
 * @csspart launcher - The launcher's button.
 * @csspart teaser - The message beside the launcher's button.
 *
 * @cssprop --chat-stream-accent - The colour of buttons and links.
 * @cssprop --chat-stream-on-accent - The text on the accent colour.
 * @cssprop --chat-stream-background - The background of the chat.
 * @cssprop --chat-stream-surface - The background of the box and of cards.
 * @cssprop --chat-stream-text - The colour of the text.
 * @cssprop --chat-stream-muted - The colour of secondary text.
 * @cssprop --chat-stream-border - The colour of separators.
 * @cssprop --chat-stream-outline - The border of the box. Its contrast must be at least 3:1.
 * @cssprop --chat-stream-bubble - The background of questions.
 * @cssprop --chat-stream-danger - The text colour of failures.
 * @cssprop --chat-stream-danger-surface - The background of failures.
 * @cssprop --chat-stream-code-surface - The background of code.
 * @cssprop --chat-stream-code-keyword - The colour of keywords in code.
 * @cssprop --chat-stream-code-string - The colour of strings in code.
 * @cssprop --chat-stream-code-number - The colour of numbers in code.
 * @cssprop --chat-stream-code-title - The colour of function and type names in code.
 * @cssprop --chat-stream-code-comment - The colour of comments in code.
 * @cssprop --chat-stream-font-size - The size of the text, of which every other length is a multiple. The default is
 *   `medium`: the size that the visitor chose in the browser.
 * @cssprop --chat-stream-radius - The radius of corners, of which every other radius is a multiple.
 * @cssprop --chat-stream-measure - The maximum width of a line of text.
 * @cssprop --chat-stream-height - The height of the element or of the launcher's panel.
 * @cssprop --chat-stream-width - The width of the launcher's panel.
 * @cssprop --chat-stream-z-index - The z-index of the launcher.
 * @cssprop --chat-stream-font - The font family of the text.
 * @cssprop --chat-stream-font-mono - The font family of code.
 * @cssprop --chat-stream-font-math - The font family of formulas.
 */
export abstract class ChatStreamProperties extends LitElement {
  static override properties: PropertyDeclarations = {
    endpoint: {},
    model: {},
    mode: { reflect: true },
    theme: { reflect: true },
    opened: { type: Boolean, reflect: true },
    teaser: {},
    teaserDelay: { type: Number, attribute: "teaser-delay" },
    heading: {},
    placeholder: {},
    greeting: {},
    starters: { type: Array },
    attachments: { type: Boolean },
    accept: {},
    upload: { attribute: false },
    tools: { attribute: false },
    maxToolRounds: { type: Number, attribute: "max-tool-rounds" },
    persist: {},
    persistKey: { attribute: "persist-key" },
    resumable: {},
    smoothing: {},
    imageOrigins: { attribute: "image-origins" },
    locale: {},
    strings: { attribute: false },
    token: {},
    getToken: { attribute: false },
    headers: { attribute: false },
    request: { attribute: false },
    assistantName: { attribute: "assistant-name" },
    userName: { attribute: "user-name" },
    assistantAvatar: { attribute: "assistant-avatar" },
    userAvatar: { attribute: "user-avatar" },
    timestamps: { type: Boolean },
    showUsage: { type: Boolean, attribute: "show-usage" },
    models: { type: Boolean },
    feedback: { type: Boolean },
    suggestions: { type: Array },
    renderers: { attribute: false },
    messageActions: { attribute: false },
    beforeSend: { attribute: false },
  };

  /** The URL of `POST /api/chat`. The default is on the server that served the script, or in the npm package that of the page. */
  declare endpoint: string;
  /** The model to request. The default is the server's choice. */
  declare model: string;
  /** The layout: a box in the page, the whole window, or a button in the corner that opens a panel. */
  declare mode: "inline" | "page" | "launcher";
  /** The colour scheme: light, dark, or that of the visitor's system. */
  declare theme: "auto" | "light" | "dark";
  /** Whether the launcher's panel is open. */
  declare opened: boolean;
  /** A message beside the closed launcher. It opens the chat when it is pressed, and is then the greeting. */
  declare teaser: string;
  /** The seconds before the message is shown. */
  declare teaserDelay: number;
  /** The title in the header. */
  declare heading: string;
  /** The placeholder of the box. */
  declare placeholder: string;
  /** The greeting in the empty conversation. */
  declare greeting: string;
  /** Suggested first questions. A JSON array as an attribute. */
  declare starters: readonly string[];
  /** Whether the visitor can attach files. */
  declare attachments: boolean;
  /** The files that can be attached, as in `<input accept>`. The default is images, texts, and PDF if the model takes it. */
  declare accept: string;
  /** Uploads a file to the page's own storage. The message then contains its URL and not its data. */
  declare upload: ChatUpload | undefined;
  /** Tools that the model may call and that the page runs. */
  declare tools: readonly ChatTool[];
  /** The maximum number of requests in a row that continue from tool results. */
  declare maxToolRounds: number;
  /** Where the conversation is stored: nowhere, until the tab is closed, or in this browser. */
  declare persist: ChatPersistence;
  /** The storage key, for several conversations on one site. */
  declare persistKey: string;
  /**
   * Whether an answer outlives its connection, so that it goes on after a lost network, and with `persist` after a
   * reload. `off` ends it with its connection.
   */
  declare resumable: "on" | "off";
  /** `off` shows text as it arrives instead of at an even pace. */
  declare smoothing: "on" | "off";
  /** The origins whose images in answers load without asking the visitor, separated by spaces. None by default. */
  declare imageOrigins: string;
  /** The language, such as `de`. The default is the language of the page. */
  declare locale: string;
  /** Strings that replace the component's own. */
  declare strings: Partial<ChatStrings & LauncherStrings>;
  /** An embed token from the page's backend, for a server that requires one. */
  declare token: string;
  /** Fetches an embed token from the page's backend: for each request, and once more after a 401. */
  declare getToken: (() => string | Promise<string>) | undefined;
  /** More request headers, such as `authorization`. */
  declare headers: Readonly<Record<string, string>>;
  /** More fields of the request, such as `temperature`. */
  declare request: NonNullable<ChatSessionConfig["request"]>;
  /** The name above answers. */
  declare assistantName: string;
  /** The name above the visitor's messages. */
  declare userName: string;
  /** The URL of the picture above answers. */
  declare assistantAvatar: string;
  /** The URL of the picture above the visitor's messages. */
  declare userAvatar: string;
  /** Whether each message shows its time. */
  declare timestamps: boolean;
  /** Whether answers show the tokens that they used. */
  declare showUsage: boolean;
  /** Whether the visitor can choose one of the server's models. */
  declare models: boolean;
  /** Whether the visitor can rate answers. See the event `chat-feedback`. */
  declare feedback: boolean;
  /** Suggested next questions below the last answer: an array, or a function. A JSON array as an attribute. */
  declare suggestions: Suggestions | undefined;
  /** Functions that replace views of the component. */
  declare renderers: ChatRenderers | undefined;
  /** Further buttons below messages. */
  declare messageActions: readonly MessageAction[] | undefined;
  /** Checks a message before it is sent: it may change or refuse it. */
  declare beforeSend: BeforeSend | undefined;

  constructor() {
    super();
    this.endpoint = this.defaultEndpoint;
    this.model =
      this.heading =
      this.placeholder =
      this.greeting =
      this.accept =
      this.teaser =
      this.persistKey =
      this.imageOrigins =
      this.locale =
      this.token =
      this.assistantName =
      this.userName =
      this.assistantAvatar =
      this.userAvatar =
        "";
    this.mode = "inline";
    this.theme = "auto";
    this.opened =
      this.attachments =
      this.timestamps =
      this.showUsage =
      this.models =
      this.feedback =
        false;
    this.teaserDelay = 5;
    this.tools = this.starters = [];
    this.maxToolRounds = 5;
    this.persist = "none";
    this.resumable = this.smoothing = "on";
    this.strings = {};
    this.headers = {};
    this.request = {};
  }

  /** The URL for elements without an `endpoint`. `element.ts` overrides it. */
  protected get defaultEndpoint(): string {
    return "/api/chat";
  }

  /** True if a property needs `features.ts`. */
  protected get usesFeatures(): boolean {
    return FEATURES.some((name) => this[name]);
  }

  /** The strings that the page sets. The names also replace "You" and "Assistant" in exports and for screen readers. */
  protected get ownStrings(): Partial<ChatStrings> {
    const { assistantName: assistant, userName: you, strings } = this;
    return { ...(assistant && { assistant }), ...(you && { you }), ...strings };
  }

  /** The settings of the next request. */
  protected get sessionConfig(): ChatSessionConfig {
    const model = this.model === "" ? {} : { model: this.model };
    const { endpoint, headers, token, tools, maxToolRounds } = this;
    const getToken = this.getToken ?? (token === "" ? undefined : () => token);
    const request = { ...model, ...this.request };
    const resumable = this.resumable !== "off";
    return { endpoint, headers, tools, maxToolRounds, request, resumable, ...(getToken && { getToken }) };
  }

  /** The language to show: the property, or else that of the page. */
  protected get language(): string {
    return this.locale || this.closest<HTMLElement>("[lang]")?.lang || document.documentElement.lang;
  }
}
