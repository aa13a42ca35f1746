/**
 * The living conversation: sends, listens, stops. It holds the one request there can be and the state that results;
 * nothing else in the component touches the network. A request that has been replaced can no longer change anything.
 * @module
 */
import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { ChatRequest, ContentPart, ToolCall } from "../../protocol/chat_request.ts";
import { streamChat } from "./chat_client.ts";
import {
  type ChatAction,
  type ChatEntry,
  type ChatState,
  chatStatus,
  EMPTY_CHAT,
  isRunning,
  reduceChat,
  requestMessages,
} from "./chat_state.ts";

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

/** Where and how to ask; read anew for each request. */
export interface ChatSessionConfig {
  readonly endpoint: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** Gives the embed token for a request. */
  readonly getToken?: () => string | Promise<string>;
  readonly credentials?: RequestCredentials;
  /** More fields of the request, such as `model` or `temperature`. */
  readonly request?: Partial<Omit<ChatRequest, "messages" | "stream">>;
  /** Tools that the page runs itself. */
  readonly tools?: readonly ChatTool[];
  /** How many times in a row the model may go on from the results of its calls. */
  readonly maxToolRounds?: number;
}

/** What the session asks of its element. */
export interface ChatSessionHost extends ReactiveControllerHost {
  readonly isConnected: boolean;
  /** The settings for the next request. */
  readonly sessionConfig: ChatSessionConfig;
  /** Whether the page lets a tool call happen; asked before each. */
  allowToolCall(call: ToolCall, tool: ChatTool, signal: AbortSignal): Promise<boolean>;
  /** Called after each change, before anything is rendered. */
  chatChanged(before: ChatState, after: ChatState, action: ChatAction): void;
}

/** A Lit controller with one conversation. */
export class ChatSession implements ReactiveController {
  readonly #host: ChatSessionHost;
  #state: ChatState = EMPTY_CHAT;
  #abort: AbortController | undefined;

  /** @param host the element that shows the conversation */
  constructor(host: ChatSessionHost) {
    this.#host = host;
    host.addController(this);
  }

  /** The conversation as it stands. */
  get state(): ChatState {
    return this.#state;
  }

  /** True while an answer is on its way. */
  get isRunning(): boolean {
    return isRunning(chatStatus(this.#state));
  }

  /** Asks `content` at the end. Does nothing while an answer is on its way. */
  send(content: string | readonly ContentPart[]): Promise<void> {
    if (this.isRunning) return Promise.resolve();
    return this.#ask({ type: "ask", content, parent: this.#state.leaf });
  }

  /** Asks `content` in the place of the question `id`, which stays as a version. A running answer is stopped. */
  edit(id: number, content: string | readonly ContentPart[]): Promise<void> {
    const entry = this.#find(id);
    if (entry?.type !== "question") return Promise.resolve();
    return this.#ask({ type: "ask", content, parent: entry.parent });
  }

  /** Asks again for the answer `id`, by default the last one, which stays as a version. A running answer is stopped. */
  regenerate(id: number | undefined = this.#state.leaf): Promise<void> {
    const entry = this.#find(id);
    if (entry?.type !== "answer" || entry.parent === undefined) return Promise.resolve();
    return this.#ask({ type: "answer", parent: entry.parent });
  }

  /** Shows the version `id` and what was said after it. A running answer is stopped. */
  show(id: number): void {
    this.stop();
    this.#dispatch({ type: "show", id });
  }

  /** Puts another conversation in the place of this one. */
  load(state: ChatState): void {
    this.stop();
    this.#dispatch({ type: "load", state });
  }

  /** Ends the running answer and keeps what has arrived. */
  stop(): void {
    if (this.#abort === undefined || this.#state.leaf === undefined) return;
    this.#dispatch({ type: "stop", id: this.#state.leaf });
    this.#abort.abort();
    this.#abort = undefined;
  }

  /** Removing the element ends its request; moving it within the page does not. */
  hostDisconnected(): void {
    queueMicrotask(() => {
      if (!this.#host.isConnected) this.stop();
    });
  }

  #find(id: number | undefined): ChatEntry | undefined {
    return this.#state.entries.find((entry) => entry.id === id);
  }

  #ask(action: ChatAction): Promise<void> {
    this.stop();
    this.#dispatch(action);
    return this.#run();
  }

  /** Runs the request for the answer that is now the leaf, and goes on from its tool calls. Never rejects. */
  async #run(): Promise<void> {
    const abort = new AbortController();
    this.#abort = abort;
    try {
      do {
        await this.#stream(this.#state.leaf as number, abort.signal);
      } while (await this.#callTools(abort.signal));
    } catch (error) {
      if (abort.signal.aborted) return;
      const id = this.#state.leaf as number;
      this.#dispatch({ type: "event", id, event: { type: "error", data: UNEXPECTED } });
      // A fault of ours, not of the connection: shown to the visitor above, and to the developer here.
      reportError(error);
    } finally {
      if (this.#abort === abort) this.#abort = undefined;
    }
  }

  async #stream(id: number, signal: AbortSignal): Promise<void> {
    const { tools = [], maxToolRounds = 0, request, ...config } = this.#host.sessionConfig;
    const runner = tools.length === 0 ? undefined : await import("../extras.ts");
    await streamChat({
      ...config,
      request: { ...runner?.offer(tools), ...request, messages: requestMessages(this.#state) },
      signal,
      onEvent: (event) => {
        if (signal.aborted) return;
        const calls = event.type === "stop" && runner?.canRunTools(this.#state, tools, maxToolRounds);
        this.#dispatch({ type: "event", id, event, calls: calls === true });
      },
    });
  }

  /** Runs the tools that the last answer calls. True where the model is to go on from the results. */
  async #callTools(signal: AbortSignal): Promise<boolean> {
    const entry = this.#find(this.#state.leaf);
    if (entry?.type !== "answer" || entry.status !== "calling") return false;
    const { runTools } = await import("../extras.ts");
    await runTools({
      calls: entry.answer.tool_calls ?? [],
      tools: this.#host.sessionConfig.tools ?? [],
      signal,
      allow: (call, tool) => this.#host.allowToolCall(call, tool, signal),
      onResult: (callId, result) => {
        if (!signal.aborted) this.#dispatch({ type: "tool", id: entry.id, callId, result });
      },
    });
    signal.throwIfAborted();
    this.#dispatch({ type: "answer", parent: entry.id });
    return true;
  }

  #dispatch(action: ChatAction): void {
    const before = this.#state;
    this.#state = reduceChat(before, action);
    if (this.#state !== before) this.#host.chatChanged(before, this.#state, action);
  }
}

const UNEXPECTED = { type: "InternalServerError", message: "The answer could not be shown." } as const;
