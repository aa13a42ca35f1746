/** Runs and their registry: limit, endings, and drain. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { ChatError } from "../../protocol/chat_error.ts";
import { RunRegistry } from "../../runs/run_registry.ts";
import { chatCompletions } from "../../upstream/chat_completions/chat_completions.ts";
import { StreamClock } from "../../upstream/chat_events/stream_clock.ts";
import { type ProviderBytes, providerBytesFrom, providerBytesIn } from "../../upstream/http/provider_bytes.ts";
import type { ProviderStream } from "../../upstream/open_chat.ts";
import { LONG_TIMEOUTS } from "../test_server.ts";
import { readWire } from "../upstream/answer_of.ts";

const encoder = new TextEncoder();
const ANSWER = 'data: {"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';

function registryOf(maxRuns = 10): RunRegistry {
  return new RunRegistry({ maxRuns, timeouts: LONG_TIMEOUTS }, { clock: new StreamClock(1e9, () => 0) });
}

/** A client that has not left. */
function client(): AbortSignal {
  return new AbortController().signal;
}

/** A provider that sends nothing. */
function silence(): ProviderStream {
  return streamOf(providerBytesFrom(new ReadableStream()));
}

function streamOf(bytes: ProviderBytes): ProviderStream {
  return { bytes, createDecoder: chatCompletions.createDecoder };
}

Deno.test("RunRegistry throws ServerBusy when it is full, and starts runs again when one has ended", () => {
  const registry = registryOf(1);
  const run = registry.start(client());
  const error = assertThrows(() => registry.start(client()), ChatError);
  assertEquals([error.type, error.retryAfterSeconds], ["ServerBusy", 2]);
  run[Symbol.dispose]();
  registry.start(client())[Symbol.dispose]();
  assertEquals(registry.size, 0);
});

Deno.test("Run stays in the registry until its events have ended", async () => {
  const registry = registryOf();
  let body: ReadableStream<Uint8Array>;
  const run = registry.start(client());
  {
    using running = run;
    body = running.produce(streamOf(providerBytesIn([encoder.encode(ANSWER)])));
  }
  assertEquals(registry.size, 1);
  assertEquals(readWire(await new Response(body).text()).at(-1), { type: "stop", data: "stop" });
  assertEquals((await run.ended)?.outcome, "stop");
  assertEquals(registry.size, 0);
});

Deno.test("Run aborts its signal when the client leaves while it is opening, but not while it is producing", () => {
  const registry = registryOf();
  const leaving = new AbortController();
  using opening = registry.start(leaving.signal);
  const producing = registry.start(leaving.signal);
  const body = producing.produce(silence());
  producing[Symbol.dispose]();
  leaving.abort();
  assertEquals([opening.signal.aborted, producing.signal.aborted], [true, false]);
  void body.cancel();
});

Deno.test("Run ends as client_left when its body is cancelled", async () => {
  const registry = registryOf();
  using run = registry.start(client());
  await run.produce(silence()).cancel();
  assertEquals((await run.ended)?.outcome, "client_left");
  assertEquals(registry.size, 0);
});

Deno.test("Run ends as client_left when the client leaves before the response has its body, which cuts the bytes", async () => {
  const registry = registryOf();
  const leaving = new AbortController();
  using run = registry.start(leaving.signal);
  leaving.abort();
  const wire = await new Response(run.produce(streamOf(providerBytesIn([encoder.encode(ANSWER.slice(0, 20))])))).text();
  assertEquals(readWire(wire).at(-1)?.type, "error");
  assertEquals([(await run.ended)?.outcome, (await run.ended)?.reason], ["client_left", undefined]);
});

Deno.test("Run lasts as long as a relayed response, and has its counts", async () => {
  const registry = registryOf();
  const completed = Promise.withResolvers<void>();
  const run = registry.start(client());
  run.relay(completed.promise, () => ({ usage: { totalTokens: 3 }, contentBytes: 5 }));
  run[Symbol.dispose]();
  assertEquals(registry.size, 1);
  completed.resolve();
  assertEquals(await run.ended, { outcome: "passed_on", usage: { totalTokens: 3 }, contentBytes: 5 });
  assertEquals(registry.size, 0);
});

Deno.test("RunRegistry drains at once when there are no runs, and refuses new ones", async () => {
  const registry = registryOf();
  await registry.drain(60_000);
  assertEquals(registry.isDraining, true);
  assertThrows(() => registry.start(client()), ChatError, "shutting down");
});

Deno.test("RunRegistry finishes draining when the last run has ended", async () => {
  const registry = registryOf();
  const [first, second] = [registry.start(client()), registry.start(client())];
  let isDrained = false;
  const drained = registry.drain(60_000).then(() => isDrained = true);
  first[Symbol.dispose]();
  await Promise.resolve();
  assertEquals(isDrained, false);
  second[Symbol.dispose]();
  await drained;
});

Deno.test("RunRegistry interrupts opening, producing and relaying runs when the drain time is over", async () => {
  const registry = registryOf();
  using opening = registry.start(client());
  using producing = registry.start(client());
  const wire = new Response(producing.produce(silence())).text();
  using relaying = registry.start(client());
  relaying.relay(new Promise(() => {}));
  await registry.drain(0);
  assertEquals(registry.size, 0);
  assert(opening.signal.reason instanceof ChatError && opening.signal.reason.type === "ServerBusy");
  const last = readWire(await wire).at(-1);
  assertEquals(last?.type === "error" && last.data.type, "ServerBusy");
  assertEquals((await relaying.ended)?.outcome, "ServerBusy");
});
