/**
 * The attributes and properties of `<chat-stream>` with their defaults. `chat_stream.ts` implements what they do.
 * @module
 */
import { LitElement, type PropertyDeclarations } from "lit";
import type { ChatSessionConfig } from "./chat/chat_session.ts";
import type { ChatTool } from "./chat/chat_tool.ts";
import type { ChatStrings } from "./locales/chat_strings.ts";

/** Where the conversation is stored over a reload. */
export type ChatPersistence = "none" | "session" | "local";

/** The base class of the element: the properties, and the settings that derive from them. */
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
    resumable: {},
    smoothing: {},
    imageOrigins: { attribute: "image-origins" },
    locale: {},
    strings: { attribute: false },
    token: {},
    getToken: { attribute: false },
    headers: { attribute: false },
    request: { attribute: false },
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
  /** The title in the header. */
  declare heading: string;
  /** The placeholder of the box. */
  declare placeholder: string;
  /** The greeting in the empty conversation. */
  declare greeting: string;
  /** Suggested first questions. A JSON array as an attribute. */
  declare starters: readonly string[];
  /** Whether the visitor can attach images and text files. */
  declare attachments: boolean;
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
  declare strings: Partial<ChatStrings>;
  /** An embed token from the page's backend, for a server that requires one. */
  declare token: string;
  /** Fetches an embed token from the page's backend: for each request, and once more after a 401. */
  declare getToken: (() => string | Promise<string>) | undefined;
  /** More request headers, such as `authorization`. */
  declare headers: Readonly<Record<string, string>>;
  /** More fields of the request, such as `temperature`. */
  declare request: NonNullable<ChatSessionConfig["request"]>;

  constructor() {
    super();
    this.endpoint = this.defaultEndpoint;
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
    this.resumable = this.smoothing = "on";
    this.strings = {};
    this.headers = {};
    this.request = {};
  }

  /** The URL for elements without an `endpoint`. `define.ts` overrides it. */
  protected get defaultEndpoint(): string {
    return "/api/chat";
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
