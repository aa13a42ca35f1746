/**
 * Micro-benchmark of the whole transform: a provider's bytes in, our bytes out, with usual and with hostile inputs. The
 * OpenAI SDK's iterator is measured as well: it is the cost of a server that uses it, before it has written anything.
 * Run with `deno task bench:micro`.
 * @module
 */
import { Stream } from "openai/streaming";
import { chatCompletions } from "../upstream/chat_completions/chat_completions.ts";
import { ChatEventStream } from "../upstream/chat_event_stream.ts";
import { OpenAIToChatEventStream } from "../upstream/openai_to_chat_events.ts";
import { providerBytesIn } from "../upstream/http/provider_bytes.ts";
import { cut, mixedAnswer, providerAnswer } from "./inputs.ts";

const answer = providerAnswer(2_000);
const longChunk = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: "x".repeat(2 ** 20) } }] })}\n\n`;

const INPUTS: readonly (readonly [string, readonly string[]])[] = [
  ["2,000 chunks in 16 KiB reads", cut(answer, 16_384)],
  ["2,000 chunks, one a read", answer.split(/(?<=\n\n)/)],
  ["2,000 chunks of every kind, one a read", mixedAnswer(2_000).split(/(?<=\n\n)/)],
  ["2,000 chunks with CRLF in 16 KiB reads", cut(answer.replaceAll("\n", "\r\n"), 16_384)],
  ["one chunk of 1 MiB in 1 KiB reads", cut(longChunk, 1_024)],
];

const encoder = new TextEncoder();

for (const [group, chunks] of INPUTS) {
  const reads = chunks.map((chunk) => encoder.encode(chunk));

  const streams = {
    "the server's transform": () => new ChatEventStream(chatCompletions.createDecoder),
    "OpenAIToChatEventStream": () => new OpenAIToChatEventStream(),
  };
  for (const [index, [name, createStream]] of Object.entries(streams).entries()) {
    Deno.bench({ name, group, baseline: index === 0 }, async () => {
      let bytes = 0;
      const stream = createStream();
      void stream.feed(providerBytesIn(reads));
      for await (const chunk of stream.readable) bytes += chunk.length;
      if (bytes === 0) throw new Error("Cannot measure: nothing came out");
    });
  }

  Deno.bench({ name: "the OpenAI SDK's iterator", group }, async () => {
    let chunks = 0;
    const response = new Response(ReadableStream.from(reads));
    for await (const _ of Stream.fromSSEResponse(response, new AbortController())) chunks++;
    if (chunks === 0) throw new Error("Cannot measure: nothing came out");
  });
}
