/** A tool loop of three rounds at each provider, with the state that the provider wants back, and none of another's. */
import { assert, assertEquals } from "@std/assert";
import { EMPTY_ANSWER, reduceChatAnswer } from "../../protocol/chat_answer.ts";
import type { ChatMessage } from "../../protocol/chat_request.ts";
import type { ProviderApi, ProviderQuirks } from "../../upstream/chat_events/provider_config.ts";
import { sse } from "../fake_openai.ts";
import { eventsOf, TestServer } from "../test_server.ts";

const ROUNDS = 3;

/** A provider: its settings, and its answer of a round, which calls a tool and has a state. */
interface Provider {
  readonly quirks: ProviderQuirks;
  /** The states of a round, in base64 where the API has that. */
  readonly states: (round: number) => readonly string[];
  readonly answer: (round: number) => string[];
}

const stateOf = (name: string, round: number) => btoa(`${name} state of round ${round}`);

const PROVIDERS: Readonly<Record<string, Provider>> = {
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

/** What the conversation is after so many rounds, as a client keeps it. */
async function converse({ quirks, states, answer }: Provider): Promise<readonly ChatMessage[]> {
  const messages: ChatMessage[] = [{ role: "user", content: "Go." }];
  await using server = new TestServer({ quirks, script: (_request, count) => ({ body: answer(count) }) });
  for (let round = 0; round < ROUNDS; round++) {
    const tools = [{ type: "function", function: { name: "f", parameters: { type: "object" } } }];
    const events = await eventsOf(await server.chat({ messages, tools }));
    const sent = JSON.stringify(server.provider.requests[round]!.body);
    for (let before = 0; before < round; before++) {
      for (const state of states(before)) assert(sent.includes(state), `round ${round} lacks ${state}: ${sent}`);
    }
    const { text, reasoning, reasoning_signature, tool_calls = [], stop } = events.reduce(
      reduceChatAnswer,
      EMPTY_ANSWER,
    );
    assertEquals([stop, tool_calls.map(({ id }) => id)], ["tool_calls", [`call_${round}`]]);
    const state = reasoning_signature === undefined ? {} : { signature: reasoning_signature };
    const hasReasoning = reasoning !== undefined || reasoning_signature !== undefined;
    messages.push(
      {
        role: "assistant",
        content: text,
        tool_calls,
        ...(hasReasoning && { reasoning: { content: reasoning ?? "", ...state } }),
      },
      { role: "tool", tool_call_id: `call_${round}`, content: "done" },
    );
  }
  return messages;
}

for (const [name, provider] of Object.entries(PROVIDERS)) {
  Deno.test(`a tool loop of ${ROUNDS} rounds at ${name} returns the provider's state, and no other provider gets it`, async () => {
    const messages = await converse(provider);
    for (const api of ["chat-completions", "responses", "anthropic", "gemini"] satisfies ProviderApi[]) {
      // Both of Gemini's APIs have the same signatures.
      if (
        api === (provider.quirks.api ?? "chat-completions") || (api === "gemini" && provider.quirks.thoughtSignatures)
      ) {
        continue;
      }
      await using server = new TestServer({ quirks: { api }, script: () => ({ status: 400 }) });
      await (await server.chat({ messages })).body?.cancel();
      const sent = JSON.stringify(server.provider.requests[0]!.body);
      for (const state of provider.states(0)) assert(!sent.includes(state), `${api} got ${state}`);
    }
  });
}
