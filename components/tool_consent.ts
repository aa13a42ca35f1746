/**
 * Asks whether a tool call may run: the page by an event, and the visitor if the tool wants that.
 * @module
 */
import type { LitElement } from "lit";
import type { ToolCall } from "../protocol/chat_request.ts";
import type { ChatTool } from "./chat/chat_tool.ts";
import { ChatToolCallEvent } from "./chat_stream_events.ts";
import type { ChatStrings } from "./locales/chat_strings.ts";
import { fillString } from "./locales/core_strings.ts";
import { type ToolDecision, toolTitle } from "./view/tool_view.ts";

/** What the consent needs of its element. */
export interface ToolConsentHandler {
  /** Announces the question to the visitor. */
  alert(text: string): void;
  /** The visitor allows all further calls of a tool. */
  onAlways(tool: string): void;
}

/** The consent to the tool calls of one element, one call at a time. */
export class ToolConsent {
  readonly #host: LitElement;
  readonly #handler: ToolConsentHandler;
  #decide: (decision: ToolDecision) => void = () => {};

  /** @param host dispatches the event @param handler receives the question and the decision for further calls */
  constructor(host: LitElement, handler: ToolConsentHandler) {
    this.#host = host;
    this.#handler = handler;
  }

  /** Resolves with the decision. @param strings those of the question to the visitor; undefined if nobody asks */
  ask(call: ToolCall, tool: ChatTool, signal: AbortSignal, strings: ChatStrings | undefined): Promise<boolean> {
    if (!this.#host.dispatchEvent(new ChatToolCallEvent(call))) return Promise.resolve(false);
    if (strings === undefined) return Promise.resolve(true);
    this.#handler.alert(fillString(strings.toolAsk, { name: toolTitle(tool.name, [tool]) }));
    return new Promise((resolve) => {
      this.#decide = (decision) => {
        if (decision === "always") this.#handler.onAlways(tool.name);
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
