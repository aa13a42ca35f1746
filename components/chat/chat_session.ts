/**
 * A running conversation: sends requests, reads answers, stops them. It owns the one request that can run at a time and
 * the resulting state; nothing else in the component sends requests. A replaced request can no longer change the state.
 * @module
 */
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
import type { ChatTool } from "./chat_tool.ts";
import type { ToolRunner } from "./tool_runner.ts";

/** Where to send requests and what to put into them. */
export interface ChatSessionConfig {
  readonly endpoint: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** Returns the embed token for a request. */
  readonly getToken?: () => string | Promise<string>;
  readonly credentials?: RequestCredentials;
  /** More fields of the request, such as `model` or `temperature`. */
  readonly request?: Partial<Omit<ChatRequest, "messages" | "stream">>;
  /** Tools that the page runs itself. */
  readonly tools?: readonly ChatTool[];
  /** The maximum number of requests in a row that continue from tool results. */
  readonly maxToolRounds?: number;
}

/** What the session needs from its owner. */
export interface ChatSessionHost {
  /** Returns the settings. Called for each request. */
  readConfig(): ChatSessionConfig;
  /** Loads the tool runner. Called only if there are tools; `() => import("./tool_runner.ts")` is enough. */
  loadToolRunner(): Promise<ToolRunner>;
  /** Decides whether a tool call may run. Called before each. */
  allowToolCall(call: ToolCall, tool: ChatTool, signal: AbortSignal): Promise<boolean>;
  /** Called after each change of the state. */
  onChange(before: ChatState, after: ChatState, action: ChatAction): void;
}

/** One conversation. */
export class ChatSession {
  readonly #host: ChatSessionHost;
  #state: ChatState = EMPTY_CHAT;
  #abort: AbortController | undefined;

  /** @param host the owner, such as the element that shows the conversation */
  constructor(host: ChatSessionHost) {
    this.#host = host;
  }

  /** The current conversation. */
  get state(): ChatState {
    return this.#state;
  }

  /** True while an answer is running. */
  get isRunning(): boolean {
    return isRunning(chatStatus(this.#state));
  }

  /** Sends `content` at the end of the conversation. Does nothing while an answer is running. */
  send(content: string | readonly ContentPart[]): Promise<void> {
    if (this.isRunning) return Promise.resolve();
    return this.#start({ type: "question", content, parent: this.#state.leaf });
  }

  /** Replaces the question `id` and sends it; the old one stays as a version. Stops a running answer. */
  edit(id: number, content: string | readonly ContentPart[]): Promise<void> {
    const entry = this.#find(id);
    if (entry?.type !== "question") return Promise.resolve();
    return this.#start({ type: "question", content, parent: entry.parent });
  }

  /**
   * Requests another answer in place of `id`, by default the last one, which stays as a version. Stops a running
   * answer.
   */
  regenerate(id: number | undefined = this.#state.leaf): Promise<void> {
    const entry = this.#find(id);
    if (entry?.type !== "answer" || entry.parent === undefined) return Promise.resolve();
    return this.#start({ type: "answer", parent: entry.parent });
  }

  /** Shows the version `id` and what follows it. Stops a running answer. */
  show(id: number): void {
    this.stop();
    this.#dispatch({ type: "show", id });
  }

  /** Replaces the conversation. Stops a running answer. */
  load(state: ChatState): void {
    this.stop();
    this.#dispatch({ type: "load", state });
  }

  /** Stops the running answer and keeps what has arrived. */
  stop(): void {
    if (this.#abort === undefined || this.#state.leaf === undefined) return;
    this.#dispatch({ type: "stop", id: this.#state.leaf });
    this.#abort.abort();
    this.#abort = undefined;
  }

  #find(id: number | undefined): ChatEntry | undefined {
    return this.#state.entries.find((entry) => entry.id === id);
  }

  #start(action: ChatAction): Promise<void> {
    this.stop();
    this.#dispatch(action);
    return this.#run();
  }

  /** Requests the answer that is now the leaf, and continues from its tool calls. Never rejects. */
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
      // A bug of ours or the page's: the visitor sees the failure, the developer finds the cause in the console.
      reportError(error);
    } finally {
      if (this.#abort === abort) this.#abort = undefined;
    }
  }

  async #stream(id: number, signal: AbortSignal): Promise<void> {
    const { tools = [], maxToolRounds = 0, request, ...config } = this.#host.readConfig();
    const runner = tools.length === 0 ? undefined : await this.#host.loadToolRunner();
    await streamChat({
      ...config,
      request: { ...runner?.toolDefinitions(tools), ...request, messages: requestMessages(this.#state) },
      signal,
      onEvent: (event) => {
        if (signal.aborted) return;
        const calls = event.type === "stop" && runner?.canRunTools(this.#state, tools, maxToolRounds);
        this.#dispatch({ type: "event", id, event, calls: calls === true });
      },
    });
  }

  /** Runs the tools that the last answer calls. Returns true if the model should continue from the results. */
  async #callTools(signal: AbortSignal): Promise<boolean> {
    const entry = this.#find(this.#state.leaf);
    if (entry?.type !== "answer" || entry.status !== "calling") return false;
    const { runTools } = await this.#host.loadToolRunner();
    await runTools({
      calls: entry.answer.tool_calls ?? [],
      tools: this.#host.readConfig().tools ?? [],
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
    if (this.#state !== before) this.#host.onChange(before, this.#state, action);
  }
}

const UNEXPECTED = { type: "InternalServerError", message: "The answer could not be shown." } as const;
