/**
 * Asks whether a tool call may run: the page by an event, and the visitor if the tool wants that.
 * @module
 */
import type { LitElement } from "lit";
import type { ToolCall } from "../protocol/chat_request.ts";
import type { ChatTool } from "./chat/chat_tool.ts";
import { ChatToolCallEvent } from "./chat_stream_events.ts";
import type { Announcer } from "./view/announcer.ts";

/** The consent to the tool calls of one element, one call at a time. */
export class ToolConsent {
  readonly #host: LitElement;
  readonly #announcer: Announcer;
  #decide: (allowed: boolean) => void = () => {};

  /** @param host dispatches the event @param announcer receives the question */
  constructor(host: LitElement, announcer: Announcer) {
    this.#host = host;
    this.#announcer = announcer;
  }

  /** Resolves with the decision. @param question what to announce if the visitor decides */
  ask(call: ToolCall, tool: ChatTool, signal: AbortSignal, question: string): Promise<boolean> {
    if (!this.#host.dispatchEvent(new ChatToolCallEvent(call))) return Promise.resolve(false);
    if (!tool.confirm) return Promise.resolve(true);
    this.#announcer.alert(question);
    return new Promise((resolve) => {
      this.#decide = resolve;
      signal.addEventListener("abort", () => resolve(false));
    });
  }

  /** The visitor allows or declines the pending call. */
  decide(allowed: boolean): void {
    this.#decide(allowed);
  }
}
