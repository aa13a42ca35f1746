/** The bodies that feed the transform: those of `fetch`, by the server's reader and in a pipe. */
import { assertEquals } from "@std/assert";
import { readProviderBytes } from "../../upstream/http/provider_bytes.ts";
import { OpenAIToChatEventStream } from "../../upstream/openai_to_chat_events.ts";
import { answerOf, chunk, DONE, readWire } from "./answer_of.ts";

const encoder = new TextEncoder();

Deno.test("readProviderBytes returns the right bytes when it reuses its buffers", async () => {
  const sent = Array.from({ length: 500 }, (_, n) => chunk(`${n} ${"é漢👋".repeat(n % 40)}`)).join("") + DONE;
  const bytes = encoder.encode(sent);
  let at = 0;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    type: "bytes",
    pull(controller) {
      const end = Math.min(bytes.length, at + 1 + (at * 7919) % 9000);
      controller.enqueue(bytes.slice(at, end));
      at = end;
      if (at === bytes.length) controller.close();
    },
  });
  const { events } = await answerOf(readProviderBytes(body));
  const texts = events.flatMap((event) => event.type === "text" ? [event.data] : []);
  assertEquals(texts, Array.from({ length: 500 }, (_, n) => `${n} ${"é漢👋".repeat(n % 40)}`));
});

Deno.test("readProviderBytes returns all bytes and then ends properly when the connection breaks", async () => {
  const left = [chunk("a"), chunk("b")];
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    type: "bytes",
    pull(controller) {
      const next = left.shift();
      if (next === undefined) controller.error(new TypeError("connection reset"));
      else controller.enqueue(encoder.encode(next));
    },
  });
  const { events } = await answerOf(readProviderBytes(body));
  assertEquals(events.map(({ type }) => type), ["text", "text", "speed", "error"]);
});

Deno.test("readProviderBytes cancels the body when its reader leaves", async () => {
  let reason: unknown;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({ type: "bytes", cancel: (why) => void (reason = why) });
  await readProviderBytes(body).cancel("left");
  assertEquals(reason, "left");
});

/** The provider's bytes as a body that sends `chunks` and then fails. */
function brokenBody(chunks: string[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    pull(controller) {
      const next = chunks.shift();
      if (next === undefined) controller.error(new TypeError("connection reset"));
      else controller.enqueue(encoder.encode(next));
    },
  });
}

async function wireOf(events: ReadableStream<Uint8Array>): Promise<string> {
  return await new Response(events).text();
}

Deno.test("OpenAIToChatEventStream works in a pipe without options", async () => {
  const body = new Response(chunk("a") + chunk("b", "stop") + DONE).body!;
  const events = readWire(await wireOf(body.pipeThrough(new OpenAIToChatEventStream())));
  assertEquals(events.map(({ type }) => type), ["text", "text", "speed", "stop"]);
});

Deno.test("OpenAIToChatEventStream emits one error after all earlier events when the source of its pipe breaks", async () => {
  const events = readWire(
    await wireOf(brokenBody([chunk("a"), chunk("b")]).pipeThrough(new OpenAIToChatEventStream())),
  );
  assertEquals(events.map(({ type }) => type), ["text", "text", "speed", "error"]);
  const last = events.at(-1);
  assertEquals(last?.type === "error" && last.data.body?.reason, "unexpected_end");
});

Deno.test("OpenAIToChatEventStream emits stop when the source of its pipe breaks after the finish reason", async () => {
  const body = brokenBody([chunk("a", "stop")]);
  const events = readWire(await wireOf(body.pipeThrough(new OpenAIToChatEventStream())));
  assertEquals(events.at(-1), { type: "stop", data: "stop" });
});

Deno.test("OpenAIToChatEventStream cancels the source of a pipe when its reader leaves, and when it ends first", async () => {
  for (const first of [chunk("a"), chunk("a", "stop") + DONE]) {
    const canceled = Promise.withResolvers<void>();
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => controller.enqueue(encoder.encode(first)),
      cancel: () => canceled.resolve(),
    });
    const reader = body.pipeThrough(new OpenAIToChatEventStream()).getReader();
    await reader.read();
    if (first.endsWith(DONE)) assertEquals((await reader.read()).done, true);
    else await reader.cancel();
    await canceled.promise;
  }
});
