/**
 * Sends an answer of any size through the server, with a client that reads it, and watches the memory.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { contentChunk, finishChunk, sse } from "../fake_openai.ts";
import { LONG_TIMEOUTS, TestServer } from "../test_server.ts";

/** The most that the process may grow by, provider and client included, in bytes. */
const MAX_GROWTH_BYTES = 256 * 1024 * 1024;
const CHUNKS_PER_WRITE = 64;
const HOUR_MS = 3_600_000;

const [chunk = ""] = sse(contentChunk("x".repeat(950)));
const write = new TextEncoder().encode(chunk.repeat(CHUNKS_PER_WRITE));

/** The bytes of an answer of so many writes. */
function* answerOf(writes: number): Generator<Uint8Array | string> {
  for (let sent = 0; sent < writes; sent++) yield write;
  yield* sse(finishChunk(), "[DONE]");
}

/** @throws {AssertionError} when the answer does not arrive whole, or the process grows by more than {@linkcode MAX_GROWTH_BYTES} */
export async function assertAnswerPassesThrough(bytes: number): Promise<void> {
  const writes = Math.ceil(bytes / write.byteLength);
  const timeouts = { ...LONG_TIMEOUTS, maxStreamMs: HOUR_MS };
  await using server = new TestServer({ timeouts, script: () => ({ body: answerOf(writes) }) });
  const before = Deno.memoryUsage().rss;
  const decoder = new TextDecoder();
  const response = await server.chat();
  let largest = 0;
  let end = "";
  for await (const chunk of response.body!) {
    largest = Math.max(largest, Deno.memoryUsage().rss);
    end = (end + decoder.decode(chunk.subarray(-100))).slice(-100);
  }
  // One event for each chunk, `speed` and `stop`: none is missing.
  assertEquals(end.slice(end.indexOf("id: ")), `id: ${writes * CHUNKS_PER_WRITE + 2}\nevent: stop\ndata: "stop"\n\n`);
  const growth = largest - before;
  assert(growth < MAX_GROWTH_BYTES, `the process grew by ${growth} bytes`);
}
