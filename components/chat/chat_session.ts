/**
 * A running conversation: sends requests, reads answers, stops them. It owns the one request that can run at a time and
 * the resulting state; nothing else in the component sends requests. A replaced request can no longer change the state.
 * @module
 */
import type { ChatEvent } from "../../protocol/chat_event.ts";
import { UNEXPECTED_END } from "../../protocol/chat_event_reader.ts";
import type { ChatMessage, ChatRequest, ContentPart, ToolCall } from "../../protocol/chat_request.ts";
import { type CallOptions, randomKey } from "./chat_call.ts";
import { type FollowOptions, resumeChat, stopChat, streamChat } from "./chat_client.ts";
import {
  type AnswerEntry,
  canContinue,
  type ChatAction,
  type ChatEntry,
  type ChatState,
  chatStatus,
  CONTINUE_MESSAGE,
  EMPTY_CHAT,
  hasAttachments,
  isRunning,
  reduceChat,
  requestMessages,
} from "./chat_state.ts";
import type { ChatTool } from "./chat_tool.ts";
import type { ToolRunner } from "./tool_runner.ts";

/** Where to send requests and what to put into them. */
export interface ChatSessionConfig extends CallOptions {
  readonly endpoint: string | URL;
  /** Whether answers outlive their connections. */
  readonly resumable?: boolean;
  /** More fields of the request, such as `model` or `temperature`. */
  readonly request?: Partial<Omit<ChatRequest, "messages" | "stream" | "resumable">>;
  /** Tools that the page runs itself. */
  readonly tools?: readonly ChatTool[];
  /** The maximum number of requests in a row that continue from tool results. */
  readonly maxToolRounds?: number;
}

/** Where the running answer can be taken up. */
export interface RunPosition {
  /** The key of the request. */
  readonly key: string;
  /** The URL of the run, once the server has sent it. */
  readonly url?: string;
  /** The number of the last event that the state has. */
  readonly after: number;
  /** When the request was first sent, in milliseconds since 1970. */
  readonly startedAt: number;
}

/** A conversation, and the run of its running answer. The run is not part of what `toJSON` returns. */
export interface KeptChat {
  readonly state: ChatState;
  readonly run: RunPosition | undefined;
}

/** What the session needs from its owner. */
export interface ChatSessionHost {
  /** Returns the settings. Called for each request. */
  readConfig(): ChatSessionConfig;
  /** Loads the tool runner. Called only if there are tools; `() => import("./tool_runner.ts")` is enough. */
  loadToolRunner(): Promise<ToolRunner>;
  /** Decides whether a tool call may run. Called before each. `asks` means that the visitor decides. */
  allowToolCall(call: ToolCall, tool: ChatTool, asks: boolean, signal: AbortSignal): Promise<boolean>;
  /** Replaces the attachments that would make a request too large. Called only if there are some. */
  limitAttachments?(messages: readonly ChatMessage[]): Promise<readonly ChatMessage[]>;
  /** Called after each change of the state. */
  onChange(before: ChatState, after: ChatState, action: ChatAction): void;
  /** Called when the URL of the run is known. */
  onRun(): void;
  /** Called when the connection is lost, and when the answer continues or has ended. */
  onReconnecting(isReconnecting: boolean): void;
}

/** One conversation. */
export class ChatSession {
  readonly #host: ChatSessionHost;
  #state: ChatState = EMPTY_CHAT;
  #run: RunPosition | undefined;
  #abort: AbortController | undefined;
  #isReconnecting = false;

  /** @param host the owner, such as the element that shows the conversation */
  constructor(host: ChatSessionHost) {
    this.#host = host;
  }

  /** The current conversation. */
  get state(): ChatState {
    return this.#state;
  }

  /** The current conversation, and the run of the running answer if it is resumable. */
  get kept(): KeptChat {
    return { state: this.#state, run: this.isRunning ? this.#run : undefined };
  }

  /** True while an answer is running, here or in another tab. */
  get isRunning(): boolean {
    return isRunning(chatStatus(this.#state));
  }

  /** True while this session talks to the server or runs tools. */
  get isLeading(): boolean {
    return this.#abort !== undefined;
  }

  /** True while the connection of the running answer is lost. */
  get isReconnecting(): boolean {
    return this.#isReconnecting;
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

  /** Requests the rest of the last answer, if it ended early, and appends it. */
  continue(): Promise<void> {
    const answer = this.#answer;
    if (answer === undefined || !canContinue(answer)) return Promise.resolve();
    return this.#start({ type: "continue", id: answer.id });
  }

  /** Rates an answer, or allows a tool. */
  apply(action: Extract<ChatAction, { readonly type: "feedback" | "allow" }>): void {
    this.#dispatch(action);
  }

  /** Shows the version `id` and what follows it. Stops a running answer. */
  show(id: number): void {
    this.stop();
    this.#dispatch({ type: "show", id });
  }

  /**
   * Replaces the conversation. Stops a running answer.
   * @param run where the last answer can be taken up by `resume`; without it, a running answer has failed
   */
  load(state: ChatState, run?: RunPosition): void {
    this.stop();
    this.#run = run;
    this.#dispatch({ type: "load", state, isRunning: run !== undefined });
  }

  /** Stops the running answer, also one that another tab reads, and keeps what has arrived. */
  stop(): void {
    const { run } = this.kept;
    const { status } = this.#answer ?? {};
    if (this.#state.leaf === undefined || !this.isRunning) return;
    this.#dispatch({ type: "stop", id: this.#state.leaf });
    this.leave();
    if (run === undefined || status === "calling") return;
    const { endpoint, ...config } = this.#host.readConfig();
    void stopChat(run.url ?? { endpoint, key: run.key }, config);
  }

  /** Stops reading the running answer. If it is resumable, it goes on without a reader. */
  leave(): void {
    this.#abort?.abort();
    this.#abort = undefined;
    this.#setReconnecting(false);
  }

  /** Reads the running answer from where its state ends. Never rejects. */
  resume(): Promise<void> {
    const answer = this.#answer;
    if (this.isLeading || answer === undefined || !this.isRunning) return Promise.resolve();
    if (this.#run !== undefined && answer.status !== "calling") return this.#lead();
    // Nobody knows which of the tools have run. To run one twice may do harm.
    this.#dispatch({ type: "event", id: answer.id, event: { type: "error", data: UNEXPECTED_END } });
    return Promise.resolve();
  }

  /** Shows the conversation of another tab, which reads its running answer. */
  follow({ state, run }: KeptChat): void {
    this.leave();
    this.#run = run;
    this.#dispatch({ type: "follow", state });
  }

  /**
   * Adds an event that another tab has read.
   * @param before the number of the event before it @param after its own number
   * @returns false if this session does not have the event before it
   */
  followEvent(id: number, event: ChatEvent, before: number, after: number): boolean {
    if (this.isLeading || this.#state.leaf !== id || this.#run?.after !== before) return false;
    this.#run = { ...this.#run, after };
    this.#dispatch({ type: "follow", state: reduceChat(this.#state, { type: "event", id, event }) });
    return true;
  }

  get #answer(): AnswerEntry | undefined {
    const entry = this.#find(this.#state.leaf);
    return entry?.type === "answer" ? entry : undefined;
  }

  #find(id: number | undefined): ChatEntry | undefined {
    return this.#state.entries.find((entry) => entry.id === id);
  }

  #start(action: ChatAction): Promise<void> {
    this.stop();
    const abort = this.#abort = new AbortController();
    this.#request(action);
    // A listener may have stopped the answer already.
    return abort.signal.aborted ? Promise.resolve() : this.#lead(abort);
  }

  /** Begins an answer, under a new key. */
  #request(action: ChatAction): void {
    const { resumable } = this.#host.readConfig();
    this.#run = resumable ? { key: randomKey(), after: 0, startedAt: Date.now() } : undefined;
    this.#dispatch(action);
  }

  /** Reads the answer that is now the leaf, and continues from its tool calls. Never rejects. */
  async #lead(abort: AbortController = new AbortController()): Promise<void> {
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
    const follow: FollowOptions = {
      ...config,
      signal,
      onRun: (url) => {
        this.#move({ url });
        this.#host.onRun();
      },
      onReconnecting: (isReconnecting) => !signal.aborted && this.#setReconnecting(isReconnecting),
      onEvent: (event, after) => {
        if (signal.aborted) return;
        this.#move({ after });
        const calls = event.type === "stop" && runner?.canRunTools(this.#state, tools, maxToolRounds);
        this.#dispatch({ type: "event", id, event, calls: calls === true });
      },
    };
    const { url, after = 0, key } = this.#run ?? {};
    if (url !== undefined) return await resumeChat({ ...follow, url, after });
    const isContinued = this.#answer?.answer.text !== "";
    const all = requestMessages(this.#state, isContinued ? [CONTINUE_MESSAGE] : []);
    const messages = hasAttachments(this.#state) && await this.#host.limitAttachments?.(all) || all;
    signal.throwIfAborted();
    await streamChat({
      ...config,
      ...follow,
      ...(key && { key }),
      request: { ...runner?.toolDefinitions(tools), ...request, messages },
    });
  }

  /** Runs the tools that the last answer calls. Returns true if the model should continue from the results. */
  async #callTools(signal: AbortSignal): Promise<boolean> {
    const entry = this.#answer;
    if (entry?.status !== "calling") return false;
    const { runTools } = await this.#host.loadToolRunner();
    await runTools({
      calls: entry.answer.tool_calls ?? [],
      tools: this.#host.readConfig().tools ?? [],
      signal,
      mustAsk: (tool) => tool.confirm === true && !this.#state.allowedTools?.includes(tool.name),
      allow: (call, tool, asks) => this.#host.allowToolCall(call, tool, asks, signal),
      onResult: (callId, result) => {
        if (!signal.aborted) this.#dispatch({ type: "tool", id: entry.id, callId, result });
      },
    });
    signal.throwIfAborted();
    this.#request({ type: "answer", parent: entry.id });
    return true;
  }

  #move(change: Partial<RunPosition>): void {
    if (this.#run !== undefined) this.#run = { ...this.#run, ...change };
  }

  #setReconnecting(value: boolean): void {
    if (this.#isReconnecting === value) return;
    this.#isReconnecting = value;
    this.#host.onReconnecting(value);
  }

  #dispatch(action: ChatAction): void {
    const before = this.#state;
    this.#state = reduceChat(before, { ...action, now: Date.now() });
    if (this.#state !== before) this.#host.onChange(before, this.#state, action);
  }
}

const UNEXPECTED = { type: "InternalServerError", message: "The answer could not be shown." } as const;
