/**
 * Runs the parser on event streams, lines and byte sequences of other projects: whole, cut everywhere, and byte by byte.
 * @module
 */
import { type SseMessage, SseParser } from "../../protocol/sse_parser.ts";
import { everyChunking, fewChunkings } from "../chunkings.ts";
import { answerOf, mapChunks } from "../upstream/answer_of.ts";
import { assertSame, fromBase64, readSuite, Suite, type SuiteResult } from "./suite.ts";

interface StreamCase {
  readonly name: string;
  readonly input: string;
  readonly expected: readonly { readonly event: string; readonly data: string; readonly id: string }[];
  readonly expected_retry?: readonly number[];
  readonly large?: boolean;
}

interface LineCase {
  readonly name: string;
  readonly chunks: readonly string[];
  readonly flush: boolean;
  readonly expected_lines: readonly string[];
}

interface ByteCase {
  readonly id: string;
  readonly valid: boolean;
  readonly input: string;
  /** The expected text, in UTF-8. It is the input itself when the input is valid. */
  readonly replaced?: string;
}

/** Runs `sse.json`, `sse_lines.json` and `utf8.json`, as far as they exist. */
export async function run(suitesDir: string): Promise<SuiteResult[]> {
  const streams = await readSuite<readonly StreamCase[]>(suitesDir, "suites/sse.json");
  const lines = await readSuite<readonly LineCase[]>(suitesDir, "suites/sse_lines.json");
  const bytes = await readSuite<{ readonly cases: readonly ByteCase[] }>(suitesDir, "suites/utf8.json");
  return [
    ...streams === undefined ? [] : [await runStreams(streams)],
    ...lines === undefined ? [] : [await runLines(lines)],
    ...bytes === undefined ? [] : [await runBytes(bytes.cases)],
  ];
}

/** What the parser reports for these chunks. */
function parse(chunks: Iterable<Uint8Array>) {
  const messages: SseMessage[] = [];
  const retries: number[] = [];
  const lines: string[] = [];
  const parser = new SseParser({
    onMessage: (message) => messages.push(message),
    onUnknownField: (name, value) => lines.push(value === "" ? name : `${name}:${value}`),
    onRetry: (milliseconds) => retries.push(milliseconds),
  });
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  for (const chunk of chunks) parser.feed(decoder.decode(chunk, { stream: true }));
  return { messages, retries, lines };
}

async function runStreams(cases: readonly StreamCase[]): Promise<SuiteResult> {
  const suite = new Suite("sse.json");
  for (const { name, input, expected, expected_retry, large } of cases) {
    const bytes = fromBase64(input);
    await suite.try(name, () => {
      for (const cut of large ? fewChunkings(bytes) : everyChunking(bytes)) {
        const { messages, retries } = parse(cut.chunks);
        assertSame(
          `${cut.name}: the messages`,
          messages,
          expected.map(({ event, data, id }) => ({ event, data, id })),
        );
        if (expected_retry !== undefined) assertSame(`${cut.name}: the reconnection times`, retries, expected_retry);
      }
    });
  }
  return suite.result;
}

/**
 * The parser reports a line that is no field as an unknown field's name. It does not report blank lines. As the standard
 * says, it ignores a last line without an end, which the source's decoder flushes.
 */
async function runLines(cases: readonly LineCase[]): Promise<SuiteResult> {
  const suite = new Suite("sse_lines.json");
  for (const { name, chunks, flush, expected_lines } of cases) {
    const pieces = chunks.map(fromBase64);
    const last = pieces.findLast((piece) => piece.length > 0)?.at(-1);
    const isFlushed = flush && last !== undefined && last !== 10 && last !== 13;
    await suite.try(name, () => {
      const ended = isFlushed ? expected_lines.slice(0, -1) : expected_lines;
      assertSame("the lines", parse(pieces).lines, ended.filter((line) => line !== ""));
    });
  }
  return suite.result;
}

/** Puts each sequence into a model's text, and sends it through the parser alone and through the whole transform. */
async function runBytes(cases: readonly ByteCase[]): Promise<SuiteResult> {
  const suite = new Suite("utf8.json, in text, in JSON strings and in lines");
  for (const { id, input, replaced } of cases) {
    const bytes = fromBase64(input);
    const shown = new TextDecoder("utf-8", { ignoreBOM: true }).decode(fromBase64(replaced ?? input));
    await suite.try(id, async () => {
      const line = around("data: before ", bytes, " after\n\ndata: next\n\n");
      for (const { name, chunks } of everyChunking(line)) {
        assertSame(`${name}: the line`, parse(chunks).messages.map(({ data }) => data), [
          `before ${shown} after`,
          "next",
        ]);
      }
      const chunk = around(
        'data: {"choices":[{"delta":{"content":"',
        bytes,
        '"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
      );
      for (const { name, chunks } of everyChunking(chunk)) {
        assertSame(`${name}: the text`, mapChunks(chunks).filter(({ type }) => type !== "speed"), tell(shown));
      }
      for (const { name, chunks } of fewChunkings(chunk)) {
        const { events } = await answerOf(chunks);
        assertSame(`${name}: what was sent`, events.filter(({ type }) => type !== "speed"), tell(shown));
      }
    });
  }
  return suite.result;
}

/** The expected events of a text. A control character that JSON forbids in a string is an error. */
function tell(text: string): unknown[] {
  try {
    return [{ type: "text", data: JSON.parse(`"${text}"`) }, { type: "stop", data: "stop" }];
  } catch {
    const message = "The model provider sent something that could not be read.";
    return [{ type: "error", data: { type: "StreamChunkError", message, body: { reason: "invalid_json" } } }];
  }
}

function around(before: string, bytes: Uint8Array, after: string): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  return Uint8Array.from([...encoder.encode(before), ...bytes, ...encoder.encode(after)]);
}
