/**
 * Micro-benchmark of the mapper alone: a provider's messages in, events out. `JSON.parse` is the baseline: every server
 * at least parses a chunk. Run with `deno task bench:micro`.
 * @module
 */
import { type SseMessage, SseParser } from "../protocol/sse_parser.ts";
import { ChatEventMapper } from "../upstream/chat_completions/chat_event_mapper.ts";
import { mixedAnswer, providerAnswer } from "./inputs.ts";

const INPUTS: readonly (readonly [string, string])[] = [
  ["2,000 chunks of text", providerAnswer(2_000)],
  ["2,000 chunks of every kind", mixedAnswer(2_000)],
];

for (const [group, answer] of INPUTS) {
  const messages = messagesOf(answer);

  Deno.bench({ name: "ChatEventMapper", group, baseline: true }, () => {
    let events = 0;
    const mapper = new ChatEventMapper({
      emit: () => void events++,
      now: () => 0,
      startedAt: 0,
      generateId: () => "call",
    });
    for (const message of messages) mapper.onMessage(message);
    if (events < 2_000) throw new Error(`Cannot measure: ${events} events of 2000`);
  });

  Deno.bench({ name: "JSON.parse alone", group }, () => {
    let chunks = 0;
    for (const { data } of messages) if (data !== "[DONE]" && JSON.parse(data) !== null) chunks++;
    if (chunks < 2_000) throw new Error(`Cannot measure: ${chunks} chunks of 2000`);
  });
}

function messagesOf(answer: string): readonly SseMessage[] {
  const messages: SseMessage[] = [];
  new SseParser({ onMessage: (message) => void messages.push(message) }).feed(answer);
  return messages;
}
