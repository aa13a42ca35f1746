/** A reader of a run: replay, live, heartbeat, stall. Time is moved by hand. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { MemoryEventLog } from "../../runs/memory_event_log.ts";
import { type ReaderOutcome, RunReader } from "../../runs/run_reader.ts";
import type { Recode } from "../../upstream/chat_event_stream.ts";
import { StreamClock } from "../../upstream/chat_events/stream_clock.ts";
import { event } from "./event_log_suite.ts";

const encoder = new TextEncoder();

class Fixture {
  readonly log = new MemoryEventLog();
  readonly clock = new StreamClock(1e9, () => this.now);
  readonly outcomes: ReaderOutcome[] = [];
  readonly source: RunReader;
  readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  now = 0;

  constructor(after = 0, timeouts = { heartbeatMs: 1e9, writeStallMs: 1e9 }, before = 0, recode?: Recode) {
    for (let id = 1; id <= before; id++) this.append(id);
    this.source = new RunReader({
      log: this.log,
      after,
      clock: this.clock,
      timeouts,
      recode,
      onEnd: (outcome) => this.outcomes.push(outcome),
    });
    this.reader = this.source.body.getReader();
  }

  append(id: number): void {
    this.log.append(encoder.encode(event(id)));
  }

  pass(milliseconds: number): void {
    this.now += milliseconds;
    this.clock.tick();
  }

  async read(): Promise<string | undefined> {
    const { value } = await this.reader.read();
    return value && new TextDecoder().decode(value);
  }

  /** A read that has reached the source, and waits there. */
  async pendingRead(): Promise<{ readonly chunk: Promise<string | undefined> }> {
    const chunk = this.read();
    await new Promise((resolve) => setTimeout(resolve, 0));
    return { chunk };
  }
}

Deno.test("RunReader replays what is there, goes on live, and ends with the log", async () => {
  const it = new Fixture(1, undefined, 3);
  assertEquals(await it.read(), event(2) + event(3));
  const next = it.read();
  it.append(4);
  assertEquals(await next, event(4));
  it.append(5);
  it.log.end();
  assertEquals([await it.read(), await it.read()], [event(5), undefined]);
  assertEquals(it.outcomes, ["read"]);
});

Deno.test("RunReader ends a client that waits when the log ends", async () => {
  const it = new Fixture();
  const next = it.read();
  it.log.end();
  assertEquals([await next, it.outcomes], [undefined, ["read"]]);
});

Deno.test("RunReader takes nothing from the log for a client that does not ask", async () => {
  const it = new Fixture(0, undefined, 1);
  it.append(2);
  await it.reader.cancel();
  assertEquals(it.outcomes, ["client_left"]);
});

Deno.test("R06 RunReader sends a heartbeat after each silence, while the client waits", async () => {
  const it = new Fixture(0, { heartbeatMs: 15, writeStallMs: 1e9 });
  for (let beat = 0; beat < 2; beat++) {
    const { chunk } = await it.pendingRead();
    it.pass(14);
    it.pass(1);
    assertEquals(await chunk, ": ping\n");
  }
  await it.reader.cancel();
});

Deno.test("RunReader cuts a client that does not read, and only where there is something to read", async () => {
  const it = new Fixture(0, { heartbeatMs: 1e9, writeStallMs: 100 });
  it.pass(1000);
  assertEquals(it.outcomes, []);
  it.append(1);
  it.pass(50);
  it.pass(99);
  assertEquals(it.outcomes, [], "it was first seen to be behind 99 ms ago");
  it.pass(1);
  assertEquals(it.outcomes, ["write_stall"]);
  await assertRejects(() => it.reader.read(), Error, "does not read");
  it.append(2);
});

Deno.test("RunReader waits for a client that is slow but reads", async () => {
  const it = new Fixture(0, { heartbeatMs: 1e9, writeStallMs: 100 }, 1);
  for (let id = 2; id < 12; id++) {
    it.append(id);
    it.pass(90);
    assert(await it.read() !== undefined);
  }
  assertEquals(it.outcomes, []);
  await it.reader.cancel();
});

Deno.test("RunReader ends when its client leaves, and hears nothing more", async () => {
  const it = new Fixture();
  await it.reader.cancel();
  it.append(1);
  it.log.end();
  it.pass(1e10);
  assertEquals(it.outcomes, ["client_left"]);
});

Deno.test("RunReader lets a client go without a terminal event", async () => {
  const it = new Fixture(0, undefined, 1);
  await it.read();
  it.source.letGo();
  assertEquals([await it.read(), it.outcomes], [undefined, ["let_go"]]);
  it.append(2);
});

/** Drops the first event, and turns each other one into its number. */
function onlyNumbers(chunk: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const numbers = [...new TextDecoder().decode(chunk).matchAll(/^id: (\d+)$/gm)].map(([, id]) => id!);
  return encoder.encode(numbers.filter((id) => id !== "1").join(""));
}

Deno.test("RunReader sends a client's own format, and nothing for events that it has no form for", async () => {
  const it = new Fixture(0, undefined, 1, onlyNumbers);
  const { chunk } = await it.pendingRead();
  it.append(2);
  assertEquals(await chunk, "2");
  it.append(3);
  it.log.end();
  assertEquals([await it.read(), await it.read(), it.outcomes], ["3", undefined, ["read"]]);
});

Deno.test("RunReader breaks the connection of a client with its own format when it lets it go", async () => {
  const it = new Fixture(0, undefined, 2, onlyNumbers);
  assertEquals(await it.read(), "2");
  it.source.letGo();
  await assertRejects(() => it.read(), Error, "Cannot send: the server is stopping");
  assertEquals(it.outcomes, ["let_go"]);
});
