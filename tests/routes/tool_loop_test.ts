/** A tool loop of three rounds at each provider, with the state that the provider wants back, and none of another's. */
import { assert, assertEquals } from "@std/assert";
import { EMPTY_ANSWER, reduceChatAnswer } from "../../protocol/chat_answer.ts";
import type { ChatMessage } from "../../protocol/chat_request.ts";
import type { ProviderApi } from "../../upstream/chat_events/provider_config.ts";
import { eventsOf, TestServer } from "../test_server.ts";
import { LOOP_PROVIDERS, type LoopProvider } from "./tool_loop_providers.ts";

const ROUNDS = 3;

/** What the conversation is after so many rounds, as a client keeps it. */
async function converse({ quirks, states, answer }: LoopProvider): Promise<readonly ChatMessage[]> {
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

for (const [name, provider] of Object.entries(LOOP_PROVIDERS)) {
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

for (const [name, { quirks, answer }] of Object.entries(LOOP_PROVIDERS)) {
  Deno.test(`a call of ${name} gets another id than an earlier call of the conversation`, async () => {
    await using server = new TestServer({ quirks, script: () => ({ body: answer(0) }) });
    const messages: ChatMessage[] = [
      { role: "user", content: "Go." },
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "call_0", type: "function", function: { name: "f", arguments: "{}" } }],
      },
      { role: "tool", tool_call_id: "call_0", content: "done" },
    ];
    const tools = [{ type: "function", function: { name: "f", parameters: { type: "object" } } }];
    const events = await eventsOf(await server.chat({ messages, tools }));
    const { tool_calls = [] } = events.reduce(reduceChatAnswer, EMPTY_ANSWER);
    assertEquals(tool_calls.map(({ id, function: { name } }) => [id === "call_0", name]), [[false, "f"]]);
  });
}
