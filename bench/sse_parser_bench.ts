/**
 * Micro-benchmark of the event stream parser, beside npm's `eventsource-parser` and the decoder inside the OpenAI SDK.
 * The SDK's takes a body and not text, so its figures hold a stream's and a `TextDecoder`'s work too. Run with
 * `deno task bench:micro`.
 * @module
 */
import { createParser } from "eventsource-parser";
import { _iterSSEMessages } from "openai/streaming";
import { SseParser } from "../protocol/sse_parser.ts";
import { parserInputs } from "./inputs.ts";

for (const { name, pieces, messages } of parserInputs()) {
  Deno.bench({ name: "SseParser", group: name, baseline: true }, () => {
    let seen = 0;
    const parser = new SseParser({ onMessage: () => void seen++ });
    for (const piece of pieces) parser.feed(piece);
    expect(seen, messages);
  });

  Deno.bench({ name: "eventsource-parser", group: name }, () => {
    let seen = 0;
    const parser = createParser({ onEvent: () => void seen++ });
    for (const piece of pieces) parser.feed(piece);
    expect(seen, messages);
  });

  const encoder = new TextEncoder();
  const bytes = pieces.map((piece) => encoder.encode(piece));
  Deno.bench({ name: "openai", group: name }, async () => {
    let seen = 0;
    const response = new Response(ReadableStream.from(bytes));
    for await (const _ of _iterSSEMessages(response, new AbortController())) seen++;
    expect(seen, messages);
  });
}

/** A parser that loses messages is not fast. */
function expect(seen: number, messages: number): void {
  if (seen !== messages) throw new Error(`Cannot compare: ${seen} messages seen of ${messages}`);
}
