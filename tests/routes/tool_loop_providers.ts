/**
 * Providers for the tests of tool loops: each answer of a round calls a tool, and has a state that the provider wants back.
 * @module
 */
import type { ProviderQuirks } from "../../upstream/chat_events/provider_config.ts";
import { sse } from "../fake_openai.ts";

/** A provider: its settings, and its answer of a round, which calls a tool and has a state. */
export interface LoopProvider {
  readonly quirks: ProviderQuirks;
  /** The states of a round, in base64 where the API has that. */
  readonly states: (round: number) => readonly string[];
  readonly answer: (round: number) => string[];
}

const stateOf = (name: string, round: number) => btoa(`${name} state of round ${round}`);

/** The providers, by name. */
export const LOOP_PROVIDERS: Readonly<Record<string, LoopProvider>> = {
  "anthropic": {
    quirks: { api: "anthropic" },
    states: (round) => [stateOf("signed", round), stateOf("redacted", round)],
    answer: (round) =>
      sse(
        { type: "message_start", message: {} },
        { type: "content_block_start", index: 0, content_block: { type: "thinking" } },
        { type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking: "Hm." } },
        {
          type: "content_block_delta",
          index: 0,
          delta: { type: "signature_delta", signature: stateOf("signed", round) },
        },
        { type: "content_block_stop", index: 0 },
        {
          type: "content_block_start",
          index: 1,
          content_block: { type: "redacted_thinking", data: stateOf("redacted", round) },
        },
        { type: "content_block_stop", index: 1 },
        {
          type: "content_block_start",
          index: 2,
          content_block: { type: "tool_use", id: `call_${round}`, name: "f", input: {} },
        },
        { type: "content_block_stop", index: 2 },
        { type: "message_delta", delta: { stop_reason: "tool_use" } },
        { type: "message_stop" },
      ),
  },
  "gemini": {
    quirks: { api: "gemini" },
    states: (round) => [stateOf("gemini", round)],
    answer: (round) => {
      const part = {
        functionCall: { id: `call_${round}`, name: "f", args: {} },
        thoughtSignature: stateOf("gemini", round),
      };
      return sse({ candidates: [{ content: { parts: [part] }, finishReason: "STOP" }] });
    },
  },
  "gemini's compatible endpoint": {
    quirks: { thoughtSignatures: true },
    states: (round) => [stateOf("compatible", round)],
    answer: (round) => {
      const call = {
        index: 0,
        id: `call_${round}`,
        function: { name: "f", arguments: "{}" },
        extra_content: { google: { thought_signature: stateOf("compatible", round) } },
      };
      return sse({ choices: [{ index: 0, delta: { tool_calls: [call] }, finish_reason: "tool_calls" }] }, "[DONE]");
    },
  },
  "responses": {
    quirks: { api: "responses" },
    states: (round) => [stateOf("encrypted", round)],
    answer: (round) => {
      const reasoning = {
        type: "reasoning",
        id: `rs_${round}`,
        summary: [],
        encrypted_content: stateOf("encrypted", round),
      };
      const call = { type: "function_call", id: `fc_${round}`, call_id: `call_${round}`, name: "f", arguments: "{}" };
      return sse(
        { type: "response.output_item.done", output_index: 0, item: reasoning },
        { type: "response.output_item.added", output_index: 1, item: { ...call, arguments: "" } },
        { type: "response.output_item.done", output_index: 1, item: call },
        { type: "response.completed", response: { status: "completed", output: [reasoning, call] } },
      );
    },
  },
  "deepseek": {
    quirks: { reasoningField: "reasoning_content" },
    states: (round) => [`The reasoning of round ${round}.`],
    answer: (round) => {
      const call = { index: 0, id: `call_${round}`, function: { name: "f", arguments: "{}" } };
      const delta = { reasoning_content: `The reasoning of round ${round}.`, tool_calls: [call] };
      return sse({ choices: [{ index: 0, delta, finish_reason: "tool_calls" }] }, "[DONE]");
    },
  },
};
