/** The transform, alone and fed by the server: deadlines, back-pressure and endings. The tests drive the clock. */
import { assert, assertEquals } from "@std/assert";
import { ChatError } from "../../protocol/chat_error.ts";
import type { ChatEvent } from "../../protocol/chat_event.ts";
import { StreamClock } from "../../upstream/chat_events/stream_clock.ts";
import {
  OpenAIToChatEventStream,
  type StreamSummary,
  type StreamTimeouts,
} from "../../upstream/openai_to_chat_events.ts";
import { providerBytesFrom } from "../../upstream/http/provider_bytes.ts";
import { answerOf, chunk, DONE, NO_TIMEOUTS, readWire } from "./answer_of.ts";

const encoder = new TextEncoder();

/** A stream between a source, a reader and a clock that the test drives. */
class Pipe {
  readonly clock: StreamClock;
  readonly stream: OpenAIToChatEventStream;
  readonly summaries: StreamSummary[] = [];
  readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  /** Resolves with the reason when the source is cancelled. */
  readonly canceled: Promise<unknown>;
  /** Milliseconds since the request. */
  now = 0;
  pulls = 0;
  isCanceled = false;
  #source!: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  readonly #decoder = new TextDecoder();

  constructor(timeouts: Partial<StreamTimeouts> = {}, pull?: (pipe: Pipe) => void) {
    this.clock = new StreamClock(1e9, () => 1000 + this.now);
    let onCancel: (reason: unknown) => void;
    this.canceled = new Promise((resolve) => onCancel = resolve);
    const source = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => void (this.#source = controller),
      pull: () => {
        this.pulls++;
        pull?.(this);
      },
      cancel: (reason) => {
        this.isCanceled = true;
        onCancel(reason);
      },
    }, { highWaterMark: 0 });
    this.stream = new OpenAIToChatEventStream({
      timeouts: { ...NO_TIMEOUTS, ...timeouts },
      clock: this.clock,
      startedAt: 1000,
      onEnd: (summary) => void this.summaries.push(summary),
    });
    void this.stream.feed(providerBytesFrom(source));
    this.reader = this.stream.readable.getReader();
  }

  /** Sends from the provider. */
  send(text: string): void {
    this.#source.enqueue(encoder.encode(text));
  }

  close(): void {
    this.#source.close();
  }

  /** Advances the clock and checks the deadlines. */
  pass(milliseconds: number): void {
    this.now += milliseconds;
    this.clock.tick();
  }

  /** The next chunk of the output; undefined at the end. */
  async read(): Promise<string | undefined> {
    const { value } = await this.reader.read();
    return value && this.#decoder.decode(value);
  }

  /** The rest of the output. */
  async rest(): Promise<string> {
    let wire = "";
    for (let text = await this.read(); text !== undefined; text = await this.read()) wire += text;
    return wire;
  }
}

/** Resolves after all pending work that needs no clock and no network. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

function reasonOf(event: ChatEvent | undefined): unknown {
  return event?.type === "error" ? event.data.body?.reason : undefined;
}

Deno.test("OpenAIToChatEventStream emits one chunk of whole events for each chunk of input", async () => {
  const pipe = new Pipe();
  pipe.send(chunk("a") + chunk("b") + chunk("c").slice(0, 30));
  assertEquals(await pipe.read(), 'id: 1\nevent: text\ndata: "a"\n\nid: 2\nevent: text\ndata: "b"\n\n');
  pipe.send(chunk("c").slice(30));
  assertEquals(await pipe.read(), 'id: 3\nevent: text\ndata: "c"\n\n');
  await pipe.reader.cancel();
});

Deno.test("OpenAIToChatEventStream emits nothing when a chunk has no content", async () => {
  const pipe = new Pipe();
  pipe.send(chunk(""));
  await settle();
  pipe.send(chunk("a"));
  assert((await pipe.read())?.startsWith("id: 1\n"));
  await pipe.reader.cancel();
});

Deno.test("OpenAIToChatEventStream ends at [DONE] and cancels the provider when it keeps the connection open", async () => {
  const pipe = new Pipe();
  pipe.send(chunk("a", "stop") + DONE + chunk("late") + DONE);
  const events = readWire(await pipe.rest());
  assertEquals(events.map(({ type }) => type), ["text", "speed", "stop"]);
  await pipe.canceled;
  assertEquals(pipe.summaries.length, 1);
});

Deno.test("OpenAIToChatEventStream emits unexpected_end after all earlier events when the input is cut", async () => {
  const pipe = new Pipe();
  pipe.send(chunk("a") + chunk("b").slice(0, 20));
  pipe.close();
  const events = readWire(await pipe.rest());
  assertEquals([events[0], reasonOf(events.at(-1))], [{ type: "text", data: "a" }, "unexpected_end"]);
  assertEquals(pipe.summaries.map(({ outcome, reason }) => [outcome, reason]), [[
    "StreamChunkError",
    "unexpected_end",
  ]]);
});

Deno.test("OpenAIToChatEventStream emits event_too_large after all earlier events when an event is too large", async () => {
  for (const endless of ["data: ", ": ", "x"]) {
    const { events } = await answerOf([encoder.encode(chunk("a") + endless), encoder.encode("x".repeat(2000))], {
      maxEventChars: 1000,
    });
    assertEquals([events[0], reasonOf(events.at(-1))], [{ type: "text", data: "a" }, "event_too_large"], endless);
  }
});

Deno.test("OpenAIToChatEventStream emits stop when an event after the finish reason is too large", async () => {
  const { events } = await answerOf([encoder.encode(`${chunk("a", "stop")}data: ${"x".repeat(2000)}`)], {
    maxEventChars: 1000,
  });
  assertEquals(events.at(-1), { type: "stop", data: "stop" });
});

Deno.test("OpenAIToChatEventStream sends a heartbeat after each silence, and none while there are events", async () => {
  const pipe = new Pipe({ heartbeatMs: 15 });
  const first = pipe.read();
  pipe.pass(14);
  pipe.pass(1);
  assertEquals(await first, ": ping\n");
  pipe.send(chunk("a"));
  assert((await pipe.read())?.startsWith("id: 1\n"));
  const next = pipe.read();
  pipe.pass(10);
  pipe.send(chunk("b"));
  assert((await next)?.startsWith("id: 2\n"));
  const last = pipe.read();
  pipe.pass(14);
  pipe.pass(1);
  assertEquals(await last, ": ping\n");
  pipe.close();
  await pipe.rest();
});

Deno.test("OpenAIToChatEventStream emits idle_timeout and cancels the provider when it is silent for too long", async () => {
  const pipe = new Pipe({ idleTimeoutMs: 100 });
  pipe.send(chunk("a"));
  const reading = pipe.rest();
  await settle();
  pipe.pass(99);
  assertEquals(pipe.summaries, []);
  pipe.pass(1);
  assertEquals(reasonOf(readWire(await reading).at(-1)), "idle_timeout");
  await pipe.canceled;
  assertEquals(pipe.summaries[0]?.reason, "idle_timeout");
});

Deno.test("OpenAIToChatEventStream resets the idle timeout when any byte arrives", async () => {
  const pipe = new Pipe({ idleTimeoutMs: 100 });
  const reading = pipe.rest();
  for (let n = 0; n < 5; n++) {
    pipe.send(": still here\n");
    await settle();
    pipe.pass(60);
  }
  pipe.send(chunk("a", "stop") + DONE);
  assertEquals(readWire(await reading).at(-1), { type: "stop", data: "stop" });
});

Deno.test("OpenAIToChatEventStream emits stop when silence follows the finish reason", async () => {
  const pipe = new Pipe({ idleTimeoutMs: 100 });
  pipe.send(chunk("a", "length"));
  const reading = pipe.rest();
  await settle();
  pipe.pass(100);
  assertEquals(readWire(await reading).at(-1), { type: "stop", data: "length" });
});

Deno.test("OpenAIToChatEventStream emits max_duration when an active stream lasts too long", async () => {
  const pipe = new Pipe({ maxStreamMs: 100, idleTimeoutMs: 30 });
  const reading = pipe.rest();
  for (let n = 0; n < 5; n++) {
    pipe.send(chunk("a"));
    await settle();
    pipe.pass(20);
  }
  const events = readWire(await reading);
  assertEquals(reasonOf(events.at(-1)), "max_duration");
  await pipe.canceled;
});

Deno.test("OpenAIToChatEventStream emits write_stall and cancels the provider when its reader reads nothing", async () => {
  const pipe = new Pipe({ writeStallMs: 100, idleTimeoutMs: 50, heartbeatMs: 10 }, (it) => it.send(chunk("a")));
  let wire = await pipe.read() ?? "";
  await settle();
  pipe.pass(60);
  pipe.pass(99);
  assertEquals(pipe.summaries, [], "the stall was first detected 99 ms ago");
  pipe.pass(1);
  await pipe.canceled;
  assertEquals(pipe.summaries[0]?.reason, "write_stall");
  wire += await pipe.rest();
  assertEquals(reasonOf(readWire(wire).at(-1)), "write_stall");
});

Deno.test("OpenAIToChatEventStream continues when its reader is slow but reads", async () => {
  const pipe = new Pipe({ writeStallMs: 100, idleTimeoutMs: 50 }, (it) => it.send(chunk("a")));
  for (let n = 0; n < 10; n++) {
    await pipe.read();
    await settle();
    for (let tick = 0; tick < 4; tick++) pipe.pass(20);
  }
  assertEquals(pipe.summaries, []);
  await pipe.reader.cancel();
});

Deno.test("OpenAIToChatEventStream does not count time towards idle_timeout when its reader was behind", async () => {
  const pipe = new Pipe({ idleTimeoutMs: 100 });
  pipe.send(chunk("a"));
  await settle();
  for (let n = 0; n < 5; n++) pipe.pass(90);
  assert((await pipe.read())?.includes('"a"'));
  const rest = pipe.rest();
  pipe.pass(90);
  assertEquals(pipe.summaries, []);
  pipe.pass(10);
  await rest;
  assertEquals(pipe.summaries[0]?.reason, "idle_timeout");
});

Deno.test("OpenAIToChatEventStream reads from the provider only as fast as its own reader reads", async () => {
  const pipe = new Pipe({}, (it) => it.send(chunk("x".repeat(1000))));
  await settle();
  const ahead = pipe.pulls;
  assert(ahead <= 2, `${ahead} chunks were read without a reader`);
  for (let read = 1; read <= 5; read++) {
    await pipe.read();
    await settle();
    assert(pipe.pulls <= ahead + read, `${pipe.pulls} chunks for ${read} reads`);
  }
  await pipe.reader.cancel();
});

Deno.test("OpenAIToChatEventStream cancels the provider when its reader leaves before, during or behind the input", async () => {
  const before = new Pipe();
  await before.reader.cancel();
  await before.canceled;

  const midway = new Pipe();
  midway.send(chunk("a"));
  await midway.read();
  const reading = midway.read();
  await midway.reader.cancel();
  await midway.canceled;
  await reading;

  const behind = new Pipe();
  behind.send(chunk("a") + chunk("b"));
  await settle();
  await behind.reader.cancel();
  await behind.canceled;

  for (const pipe of [before, midway, behind]) {
    assertEquals(pipe.summaries.map(({ outcome }) => outcome), ["client_left"]);
    pipe.pass(1e10);
  }
});

Deno.test("OpenAIToChatEventStream emits the error when it is interrupted, or stop when the answer is complete", async () => {
  for (const finish of [null, "stop"]) {
    const pipe = new Pipe();
    pipe.send(chunk("a", finish));
    const wire = await pipe.read();
    pipe.stream.interrupt(new ChatError("ServerBusy", "Going away."));
    const events = readWire(wire + await pipe.rest());
    assertEquals(events.at(-1)?.type, finish === null ? "error" : "stop");
    assertEquals(pipe.summaries.map(({ outcome }) => outcome), [finish === null ? "ServerBusy" : "stop"]);
    await pipe.canceled;
  }
});

for (
  const [name, thrown, type] of [
    ["the error of an allowance", new ChatError("RateLimitExceeded", "No more."), "RateLimitExceeded"],
    ["an error of our own where an allowance fails", new TypeError("No connection"), "InternalServerError"],
  ] as const
) {
  Deno.test(`OpenAIToChatEventStream ends with ${name}, after the text that had come`, async () => {
    const reported = console.error;
    console.error = () => {};
    try {
      const amounts: number[] = [];
      const stream = new OpenAIToChatEventStream({
        allowance: {
          covers: ({ contentBytes }) => contentBytes <= 3,
          growToCover({ contentBytes }) {
            amounts.push(contentBytes);
            return contentBytes > 6 ? Promise.reject(thrown) : Promise.resolve();
          },
        },
      });
      const source = ReadableStream.from(["ab", "cd", "ef", "gh", "ij"].map((text) => encoder.encode(chunk(text))));
      const events = readWire(await new Response(source.pipeThrough(stream)).text());
      assertEquals(events.map(({ type }) => type), ["text", "text", "text", "text", "speed", "error"]);
      const last = events.at(-1);
      assertEquals(last?.type === "error" && last.data.type, type);
      assertEquals(amounts, [4, 6, 8]);
    } finally {
      console.error = reported;
    }
  });
}

Deno.test("OpenAIToChatEventStream sums up what it did, once", async () => {
  const pipe = new Pipe();
  pipe.now = 5;
  pipe.send(chunk("a"));
  await pipe.read();
  pipe.now = 9;
  pipe.send(`data: {"choices":[],"usage":{"total_tokens":3}}\n\n${chunk("", "stop")}${DONE}`);
  await pipe.rest();
  pipe.pass(1e10);
  assertEquals(pipe.summaries, [
    { outcome: "stop", events: 4, contentBytes: 1, firstEventMs: 5, usage: { totalTokens: 3 } },
  ]);
});

Deno.test("OpenAIToChatEventStream generates different ids when tool calls have none", async () => {
  const call = 'data: {"choices":[{"delta":{"tool_calls":[{"function":{"name":"f","arguments":"{}"}}]}}]}\n\n';
  const { events } = await answerOf([encoder.encode(call + call + DONE)]);
  const ids = events.flatMap((event) => event.type === "tool_calls" ? event.data.map(({ id }) => id) : []);
  assertEquals([ids.length, new Set(ids).size], [2, 2]);
  assert(ids.every((id) => id.startsWith("call_")));
});

Deno.test("OpenAIToChatEventStream ends only once when its reader leaves and then a deadline passes", async () => {
  const pipe = new Pipe();
  pipe.send(chunk("a"));
  await pipe.read();
  await pipe.reader.cancel();
  // A second ending would add a second summary.
  pipe.pass(1e10);
  assertEquals(pipe.summaries.length, 1);
});
