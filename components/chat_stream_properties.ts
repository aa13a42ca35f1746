/**
 * The attributes and properties of `<chat-stream>`, each with its default: what a page can set. What they do is in
 * `chat_stream.ts`.
 * @module
 */
import { LitElement, type PropertyDeclarations } from "lit";
import type { ChatSessionConfig, ChatTool } from "./chat/chat_session.ts";
import type { ChatStrings } from "./locales/strings.ts";

/** The server that the script came from, wherever the page is. */
const DEFAULT_ENDPOINT = new URL("/api/chat", import.meta.url).href;

/** Where the conversation is kept over a reload. */
export type ChatPersistence = "none" | "session" | "local";

/** An element with the properties and nothing else. */
export abstract class ChatStreamProperties extends LitElement {
  static override properties: PropertyDeclarations = {
    endpoint: {},
    model: {},
    mode: { reflect: true },
    theme: { reflect: true },
    opened: { type: Boolean, reflect: true },
    heading: {},
    placeholder: {},
    greeting: {},
    starters: { type: Array },
    attachments: { type: Boolean },
    tools: { attribute: false },
    maxToolRounds: { type: Number, attribute: "max-tool-rounds" },
    persist: {},
    persistKey: { attribute: "persist-key" },
    smoothing: {},
    imageOrigins: { attribute: "image-origins" },
    locale: {},
    strings: { attribute: false },
    token: {},
    getToken: { attribute: false },
    headers: { attribute: false },
    request: { attribute: false },
  };

  /** The address of `POST /api/chat`; the server that the script came from, by default. */
  declare endpoint: string;
  /** The model to ask for; the server's own choice, by default. */
  declare model: string;
  /** How it sits in the page: in a box, filling the window, or behind a button in the corner. */
  declare mode: "inline" | "page" | "launcher";
  /** Light, dark, or as the visitor's system has it. */
  declare theme: "auto" | "light" | "dark";
  /** Whether the launcher's panel is open. */
  declare opened: boolean;
  /** The title in the header. */
  declare heading: string;
  /** What the empty box says. */
  declare placeholder: string;
  /** What the empty conversation says. */
  declare greeting: string;
  /** Questions to begin with; a JSON array as an attribute. */
  declare starters: readonly string[];
  /** Whether the visitor can attach images and text files. */
  declare attachments: boolean;
  /** Tools that the model may call and the page runs. */
  declare tools: readonly ChatTool[];
  /** How many times in a row the model may go on from the results of its calls. */
  declare maxToolRounds: number;
  /** Where the conversation is kept: nowhere, until the tab is closed, or in this browser. */
  declare persist: ChatPersistence;
  /** The name it is kept under, for several on one site. */
  declare persistKey: string;
  /** `off` shows text as it arrives instead of evenly. */
  declare smoothing: "on" | "off";
  /** Foreign origins from which images in answers may load unasked, separated by spaces. */
  declare imageOrigins: string;
  /** The language, such as `de`; the page's own, by default. */
  declare locale: string;
  /** Other words than the component's own. */
  declare strings: Partial<ChatStrings>;
  /** An embed token that the page's backend has minted, for a server that wants one. */
  declare token: string;
  /** Fetches an embed token from the page's backend: before each request, and once more when one is not taken. */
  declare getToken: (() => string | Promise<string>) | undefined;
  /** More request headers, such as `authorization`. */
  declare headers: Readonly<Record<string, string>>;
  /** More fields of the request, such as `temperature`. */
  declare request: NonNullable<ChatSessionConfig["request"]>;

  constructor() {
    super();
    this.endpoint = DEFAULT_ENDPOINT;
    this.model =
      this.heading =
      this.placeholder =
      this.greeting =
      this.persistKey =
      this.imageOrigins =
      this.locale =
      this.token =
        "";
    this.mode = "inline";
    this.theme = "auto";
    this.opened = false;
    this.attachments = false;
    this.tools = this.starters = [];
    this.maxToolRounds = 5;
    this.persist = "none";
    this.smoothing = "on";
    this.strings = {};
    this.headers = {};
    this.request = {};
  }
}
