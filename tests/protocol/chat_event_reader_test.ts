/** Tests streams that are complete, cut, aborted or invalid. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { type ChatEvent, formatChatEvent, HEARTBEAT } from "../../protocol/chat_event.ts";
import { readChatEvents } from "../../protocol/chat_event_reader.ts";
import { everyChunking, fewChunkings } from "../chunkings.ts";

const HELLO: ChatEvent = { type: "text", data: "\uFEFFhéllo 👋" };
const STOP: ChatEvent = { type: "stop", data: "stop" };
const FAILED: ChatEvent = { type: "error", data: { type: "ProviderBizError", message: "It broke." } };
const CUT: ChatEvent = {
  type: "error",
  data: {
    type: "StreamChunkError",
    message: "The connection was lost before the answer was complete.",
    body: { reason: "unexpected_end" },
  },
};

/** The bytes of a stream of these events and strings of wire text. */
function wire(...parts: readonly (ChatEvent | string)[]): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(
    parts.map((part, index) => typeof part === "string" ? part : formatChatEvent(index + 1, part)).join(""),
  );
}

/** A body of these chunks that then closes. */
function bodyOf(chunks: readonly Uint8Array<ArrayBuffer>[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  return ReadableStream.from(chunks);
}

async function read(body: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<ChatEvent[]> {
  const events: ChatEvent[] = [];
  await readChatEvents(body, (event) => events.push(event));
  return events;
}

const STREAMS: readonly [what: string, bytes: Uint8Array<ArrayBuffer>, events: readonly ChatEvent[]][] = [
  ["a whole stream", wire(HELLO, STOP), [HELLO, STOP]],
  ["heartbeats between events", wire(HEARTBEAT, HELLO, HEARTBEAT, HEARTBEAT, STOP, HEARTBEAT), [HELLO, STOP]],
  ["an error frame", wire(HELLO, FAILED), [HELLO, FAILED]],
  ["nothing", wire(), [CUT]],
  ["a stream cut between events", wire(HELLO), [HELLO, CUT]],
  ["a stream cut inside its terminal event", wire(HELLO, STOP).slice(0, -1), [HELLO, CUT]],
  ["events after the terminal one", wire(STOP, HELLO, FAILED, STOP), [STOP]],
  ["an event of a newer protocol", wire("event: mood\ndata: {\n\n", HELLO, STOP), [HELLO, STOP]],
  ["an event whose data is no JSON", wire(HELLO, "event: text\ndata: oops\n\n", HELLO, STOP), [HELLO, CUT]],
  ["an event whose data has another shape", wire(HELLO, "event: text\ndata: 1\n\n", STOP), [HELLO, CUT]],
  ["malformed data after the terminal event", wire(HELLO, STOP, "event: text\ndata: oops\n\n"), [HELLO, STOP]],
  ["a page instead of a stream", wire("<!doctype html>\n<html>\n\n</html>\n"), [CUT]],
  ["an answer in another format", wire('data: {"choices":[]}\n\ndata: [DONE]\n\n'), [CUT]],
];

for (const [what, bytes, events] of STREAMS) {
  Deno.test(`readChatEvents reads ${what}, however it is cut`, async () => {
    for (const { name, chunks } of everyChunking(bytes)) assertEquals(await read(bodyOf(chunks)), events, name);
  });
}

Deno.test("readChatEvents emits unexpected_end after all earlier events when the connection breaks", async () => {
  for (const { name, chunks } of fewChunkings(wire(HELLO))) {
    const left = [...chunks];
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull(controller) {
        const chunk = left.shift();
        if (chunk === undefined) controller.error(new TypeError("connection reset"));
        else controller.enqueue(chunk);
      },
    }, { highWaterMark: 0 });
    assertEquals(await read(body), [HELLO, CUT], name);
  }
});

Deno.test("readChatEvents emits each event when its bytes have arrived", async () => {
  const { readable, writable } = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>();
  const writer = writable.getWriter();
  const events: ChatEvent[] = [];
  let notify = () => {};
  const done = readChatEvents(readable, (event) => {
    events.push(event);
    notify();
  });
  for (const event of [HELLO, HELLO, STOP]) {
    const emitted = new Promise<void>((resolve) => notify = resolve);
    await writer.write(wire(event));
    await emitted;
    assertEquals(events.at(-1), event);
  }
  await done;
});

Deno.test("readChatEvents resolves at the terminal event when the connection stays open", async () => {
  let isCancelled = false;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (controller) => controller.enqueue(wire(HELLO, STOP)),
    cancel: () => void (isCancelled = true),
  });
  assertEquals(await read(body), [HELLO, STOP]);
  assert(isCancelled, "the body must be cancelled");
});

Deno.test("readChatEvents rejects with AbortError when its signal aborts, and cancels the body", async () => {
  let isCancelled = false;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (controller) => controller.enqueue(wire(HELLO)),
    cancel: () => void (isCancelled = true),
  });
  const controller = new AbortController();
  const events: ChatEvent[] = [];
  const error = await assertRejects(() =>
    readChatEvents(body, (event) => {
      events.push(event);
      controller.abort();
    }, controller.signal), DOMException);
  assertEquals([error.name, events, isCancelled], ["AbortError", [HELLO], true]);
});

Deno.test("readChatEvents rejects at once when its signal is already aborted", async () => {
  const events: ChatEvent[] = [];
  const body = bodyOf([wire(HELLO, STOP)]);
  const reading = readChatEvents(body, (event) => events.push(event), AbortSignal.abort());
  assertEquals((await assertRejects(() => reading, DOMException)).name, "AbortError");
  assertEquals(events, []);
});

Deno.test("readChatEvents rejects with the error of onEvent, and cancels the body", async () => {
  let isCancelled = false;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (controller) => controller.enqueue(wire(HELLO, STOP)),
    cancel: () => void (isCancelled = true),
  });
  let calls = 0;
  await assertRejects(
    () =>
      readChatEvents(body, () => {
        calls++;
        throw new RangeError("mine");
      }),
    RangeError,
    "mine",
  );
  assertEquals([calls, isCancelled], [1, true]);
});
