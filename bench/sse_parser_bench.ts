/**
 * Micro-benchmark of the event stream parser, npm's `eventsource-parser` and the decoder of the OpenAI SDK. The input
 * of the SDK's decoder is a body, so its figures include a stream and a `TextDecoder`. Run with `deno task bench:micro`.
 * @module
 */
import { createParser } from "eventsource-parser";
import { _iterSSEMessages } from "openai/streaming";
import { SseParser } from "../protocol/sse_parser.ts";
import { parserInputs } from "./inputs.ts";

for (const { name, chunks, messages } of parserInputs()) {
  Deno.bench({ name: "SseParser", group: name, baseline: true }, () => {
    let seen = 0;
    const parser = new SseParser({ onMessage: () => void seen++ });
    for (const chunk of chunks) parser.feed(chunk);
    expect(seen, messages);
  });

  Deno.bench({ name: "eventsource-parser", group: name }, () => {
    let seen = 0;
    const parser = createParser({ onEvent: () => void seen++ });
    for (const chunk of chunks) parser.feed(chunk);
    expect(seen, messages);
  });

  const encoder = new TextEncoder();
  const bytes = chunks.map((chunk) => encoder.encode(chunk));
  Deno.bench({ name: "openai", group: name }, async () => {
    let seen = 0;
    const response = new Response(ReadableStream.from(bytes));
    for await (const _ of _iterSSEMessages(response, new AbortController())) seen++;
    expect(seen, messages);
  });
}

/** Fails where a parser has lost messages. */
function expect(seen: number, messages: number): void {
  if (seen !== messages) throw new Error(`Cannot compare: ${seen} messages seen of ${messages}`);
}
