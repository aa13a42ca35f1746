/**
 * Asks whether a tool call may run: the page by an event, and the visitor if the tool wants that.
 * @module
 */
import type { LitElement } from "lit";
import type { ToolCall } from "../protocol/chat_request.ts";
import { ChatToolCallEvent } from "./chat_stream_events.ts";
import type { Announcer } from "./view/announcer.ts";
import type { ToolDecision } from "./view/tool_view.ts";

/** The consent to the tool calls of one element, one call at a time. */
export class ToolConsent {
  readonly #host: LitElement;
  readonly #announcer: Announcer;
  readonly #onAlways: (tool: string) => void;
  #decide: (decision: ToolDecision) => void = () => {};

  /**
   * @param host dispatches the event @param announcer receives the question
   * @param onAlways called with a tool whose further calls the visitor allows
   */
  constructor(host: LitElement, announcer: Announcer, onAlways: (tool: string) => void) {
    this.#host = host;
    this.#announcer = announcer;
    this.#onAlways = onAlways;
  }

  /** Resolves with the decision. @param question what to announce if the visitor decides; undefined if nobody asks */
  ask(call: ToolCall, signal: AbortSignal, question: string | undefined): Promise<boolean> {
    if (!this.#host.dispatchEvent(new ChatToolCallEvent(call))) return Promise.resolve(false);
    if (question === undefined) return Promise.resolve(true);
    this.#announcer.alert(question);
    return new Promise((resolve) => {
      this.#decide = (decision) => {
        if (decision === "always") this.#onAlways(call.function.name);
        resolve(decision !== "decline");
      };
      signal.addEventListener("abort", () => resolve(false));
    });
  }

  /** The visitor decides on the pending call. */
  decide(decision: ToolDecision): void {
    this.#decide(decision);
  }
}
