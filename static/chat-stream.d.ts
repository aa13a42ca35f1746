/**
 * The types of `<chat-stream>` for pages written in TypeScript. Copy this file, or reference it where it is served.
 * @module
 */

/** A piece of a message's content, as OpenAI's API has it. */
export type ContentPart =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "refusal"; readonly refusal: string }
  | { readonly type: "image_url"; readonly image_url: { readonly url: string; readonly detail?: string } }
  | { readonly type: "input_audio"; readonly input_audio: { readonly data: string; readonly format: string } }
  | {
    readonly type: "file";
    readonly file: { readonly file_data?: string; readonly file_id?: string; readonly filename?: string };
  };

/** A tool call of the model; `arguments` is JSON text. */
export interface ToolCall {
  readonly id: string;
  readonly type: "function";
  readonly function: { readonly name: string; readonly arguments: string };
}

/** A tool that the page offers to the model and runs itself. */
export interface ChatTool {
  readonly name: string;
  /** What it does, for the model. */
  readonly description?: string;
  /** The JSON Schema of its arguments. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Asks the visitor before each run. */
  readonly confirm?: boolean;
  /** Runs it. What it returns is told to the model, as JSON unless it is a string. */
  run(args: Readonly<Record<string, unknown>>, signal: AbortSignal): unknown;
}

/** What an answer consists of; absent fields have not been heard of. */
export interface ChatAnswer {
  readonly text: string;
  readonly reasoning?: string;
  readonly tool_calls?: readonly ToolCall[];
  readonly base64_images?: readonly string[];
  readonly usage?: {
    readonly totalInputTokens?: number;
    readonly totalOutputTokens?: number;
    readonly totalTokens?: number;
  };
  /** The finish reason: there once the answer is complete. */
  readonly stop?: string;
  /** What broke the answer: there instead of `stop`. */
  readonly error?: ChatError;
}

/** What went wrong: a stable name for programs, and a sentence. */
export interface ChatError {
  readonly type: string;
  readonly message: string;
  readonly body?: Readonly<Record<string, unknown>>;
}

/** How far the conversation is. */
export type ChatStatus = "idle" | "waiting" | "streaming" | "done" | "failed";

/** A conversation as `toJSON` gives and `load` takes it. Treat it as opaque. */
export interface ChatState {
  readonly entries: readonly unknown[];
  readonly leaf: number | undefined;
  readonly nextId: number;
}

/** A message is about to be sent; cancelling keeps it in the box. */
export interface ChatSendEvent extends Event {
  readonly content: string | readonly ContentPart[];
}
/** A piece of the answer has arrived. */
export interface ChatDeltaEvent extends Event {
  readonly text: string;
}
/** An answer is complete, or was stopped by the visitor. */
export interface ChatStopEvent extends Event {
  readonly answer: ChatAnswer;
  readonly stopped: boolean;
}
/** An answer has failed. Cancelling keeps the failure from being read out. */
export interface ChatErrorEvent extends Event {
  readonly error: ChatError;
  readonly answer: ChatAnswer;
}
/** A tool of the page is about to run; cancelling declines the call. */
export interface ChatToolCallEvent extends Event {
  readonly call: ToolCall;
}
/** The launcher's panel is about to open or close; cancelling leaves it as it is. */
export interface ChatToggleEvent extends Event {
  readonly open: boolean;
}

/** The element. */
export interface ChatStreamElement extends HTMLElement {
  endpoint: string;
  model: string;
  mode: "inline" | "page" | "launcher";
  theme: "auto" | "light" | "dark";
  opened: boolean;
  heading: string;
  placeholder: string;
  greeting: string;
  starters: readonly string[];
  attachments: boolean;
  tools: readonly ChatTool[];
  maxToolRounds: number;
  persist: "none" | "session" | "local";
  persistKey: string;
  smoothing: "on" | "off";
  imageOrigins: string;
  locale: string;
  strings: Readonly<Record<string, string>>;
  token: string;
  getToken: (() => string | Promise<string>) | undefined;
  headers: Readonly<Record<string, string>>;
  request: Readonly<Record<string, unknown>>;
  readonly status: ChatStatus;
  send(content: string | readonly ContentPart[]): Promise<void>;
  stop(): void;
  regenerate(id?: number): Promise<void>;
  edit(id: number, content: string | readonly ContentPart[]): Promise<void>;
  clear(): void;
  toJSON(): ChatState;
  load(state: ChatState): void;
  export(format: "markdown" | "json"): Promise<string>;
  open(): Promise<void>;
  close(): Promise<void>;
}

declare global {
  interface HTMLElementTagNameMap {
    "chat-stream": ChatStreamElement;
  }
  interface HTMLElementEventMap {
    "chat-send": ChatSendEvent;
    "chat-delta": ChatDeltaEvent;
    "chat-stop": ChatStopEvent;
    "chat-error": ChatErrorEvent;
    "chat-tool-call": ChatToolCallEvent;
    "chat-clear": Event;
    "chat-toggle": ChatToggleEvent;
  }
}
