/**
 * Attacks with request bodies: more large ones at once than the pool has room for, while the provider is slow.
 * @module
 */
import { contentChunk, FakeOpenAI, finishChunk, sse } from "../fake_openai.ts";
import { Program } from "../program.ts";
import { eventsOf } from "../test_server.ts";
import { type Attack, type Outcome, peakMemoryMB, type Size } from "./attack.ts";

/**
 * The memory of a server with a full pool: the pool is 64 MiB, a body exists as bytes, text and JSON for a moment, each of the
 * 200 has its free part, and on a busy machine memory is freed late.
 */
const MAX_MEMORY_MB = 750;
/** How many of the bodies the pool has room for. */
const ROOM = 9;
const MAX_BODY_BYTES = 8 * 1024 * 1024;

/** Bodies of almost `MAX_BODY_BYTES` from many visitors at once, then one short message. */
async function floodBodies(size: Size): Promise<Outcome> {
  const count = size === "full" ? 200 : 60;
  const finished = Promise.withResolvers<void>();
  await using provider = new FakeOpenAI(async ({ body }) => {
    if (Array.isArray(body.messages[0].content)) await finished.promise;
    return { body: sse(contentChunk("ok"), finishChunk(), "[DONE]") };
  });
  await using program = await Program.start({
    OPENAI_BASE_URL: provider.baseURL,
    RATE_LIMIT_STREAMS_AT_ONCE: "0",
    RATE_LIMIT_REQUESTS_PER_MINUTE: "0",
    RATE_LIMIT_TOKENS_PER_DAY: "0",
  });
  const file_data = `data:application/pdf;base64,${"A".repeat(MAX_BODY_BYTES - 1000)}`;
  const body = JSON.stringify({ messages: [{ role: "user", content: [{ type: "file", file: { file_data } }] }] });
  let [busy, left] = [0, count];
  const { promise: decided, resolve: decide } = Promise.withResolvers<void>();
  const settle = () => {
    // The others have been refused.
    if (--left <= ROOM) decide();
  };
  const large = Array.from({ length: count }, async () => {
    const response = await program.chat({ body }).catch(() => undefined);
    if (response?.status === 503) busy++;
    settle();
    await response?.body?.cancel().catch(() => {});
  });
  await decided;
  const ending = (await eventsOf(await program.chat())).at(-1)?.type;
  finished.resolve();
  await Promise.all(large);
  const peak = peakMemoryMB(program);
  return {
    holds: ending === "stop" && busy >= count - ROOM && peak <= MAX_MEMORY_MB,
    figure: `${busy} of ${count} bodies of 8 MB refused, ${peak} MB, a short message ended with ${ending}`,
  };
}

/** The attacks of this file. */
export const BODY_ATTACKS: readonly Attack[] = [
  { name: "large bodies at once", wanted: `at most ${MAX_MEMORY_MB} MB, short messages served`, run: floodBodies },
];
