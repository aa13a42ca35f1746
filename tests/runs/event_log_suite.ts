/**
 * What every event log must do. Each implementation runs it.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { formatChatEvent } from "../../protocol/chat_event.ts";
import type { EventLog, LogCursor } from "../../runs/event_log.ts";
import { SeededRandom } from "../seeded_random.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The wire of a text event. */
export function event(id: number, text = `word ${id}`): string {
  return formatChatEvent(id, { type: "text", data: text });
}

/** Everything that a cursor reads now. */
export function readAll(cursor: LogCursor): string {
  let wire = "";
  for (let chunk = cursor.read(); chunk !== undefined; chunk = cursor.read()) {
    wire += decoder.decode(chunk, { stream: true });
  }
  return wire + decoder.decode();
}

/** A part of a test, which opens logs. */
export type LogTest = (open: () => EventLog) => void;

/** Runs the parts of a test one after another. */
export type WithLogs = (parts: readonly LogTest[]) => void | Promise<void>;

/** The random orders of a hand-over, and those of a part: no part may keep a connection waiting for long. */
const [SEEDS, SEEDS_OF_PART] = [10_000, 50];

/** Registers the tests. */
export function eventLogTests(name: string, withLogs: WithLogs, ignore = false): void {
  function test(what: string, ...parts: readonly LogTest[]): void {
    Deno.test({ name: `${name} ${what}`, ignore, fn: () => withLogs(parts) });
  }

  test("gives the same bytes behind every event, while it is written and after its end", (open) => {
    const log = open();
    const events = Array.from({ length: 300 }, (_, index) => event(index + 1, "é漢👋".repeat(index % 30)));
    for (const [index, each] of events.entries()) {
      log.append(encoder.encode(each));
      assertEquals(log.newest, index + 1);
      const after = Math.floor(index / 2);
      assertEquals(readAll(log.seek(after)), events.slice(after, index + 1).join(""));
    }
    log.end();
    for (let after = 0; after <= events.length; after++) {
      const cursor = log.seek(after);
      assertEquals(readAll(cursor), events.slice(after).join(""));
      assert(cursor.isAtEnd);
    }
    assertEquals(log.size, encoder.encode(events.join("")).length);
  });

  test("numbers the events of a chunk, and holds events larger than a segment", (open) => {
    const log = open();
    const image = event(3, "x".repeat(300_000));
    log.append(encoder.encode(event(1) + event(2) + image));
    log.append(encoder.encode(event(4)));
    assertEquals(log.newest, 4);
    assertEquals(readAll(log.seek(2)), image + event(4));
    assertEquals(readAll(log.seek(3)), event(4));
  });

  test("reads in chunks of bounded size", (open) => {
    const log = open();
    for (let id = 1; id <= 20_000; id++) log.append(encoder.encode(event(id)));
    const cursor = log.seek(0);
    for (let chunk = cursor.read(); chunk !== undefined; chunk = cursor.read()) assert(chunk.length <= 64 * 1024);
  });

  test("lets a cursor go on where it was, across appends", (open) => {
    const log = open();
    const cursor = log.seek(0);
    assertEquals([cursor.read(), cursor.hasMore, cursor.isAtEnd], [undefined, false, false]);
    let wire = "";
    for (let id = 1; id <= 100; id++) {
      log.append(encoder.encode(event(id)));
      assert(cursor.hasMore);
      wire += readAll(cursor);
    }
    assertEquals(wire, Array.from({ length: 100 }, (_, index) => event(index + 1)).join(""));
    log.end();
    assert(cursor.isAtEnd);
  });

  test("wakes its watchers at each append and at the end, until they stop", (open) => {
    const log = open();
    const wakes = [0, 0];
    const stop = log.watch(() => wakes[0]!++);
    log.watch(() => wakes[1]!++);
    log.append(encoder.encode(event(1)));
    stop();
    log.append(encoder.encode(event(2)));
    log.end();
    assertEquals(wakes, [1, 3]);
  });

  test("never changes bytes that were read", (open) => {
    const log = open();
    log.append(encoder.encode(event(1)));
    const chunk = log.seek(0).read()!;
    for (let id = 2; id <= 500; id++) log.append(encoder.encode(event(id)));
    log.end();
    assertEquals(decoder.decode(chunk), event(1));
  });

  test(
    "(R07 R15) hands over from replay to live without a gap or a repeat, 10,000 times",
    ...Array.from({ length: SEEDS / SEEDS_OF_PART }, (_, part): LogTest => (open) => {
      for (let at = 1; at <= SEEDS_OF_PART; at++) handOver(open(), part * SEEDS_OF_PART + at);
    }),
  );
}

/** Writes and reads a log in any order. */
function handOver(log: EventLog, seed: number): void {
  const random = new SeededRandom(seed);
  const total = 1 + random.below(12);
  let written = 0;
  const write = (count: number) => {
    let wire = "";
    for (let left = count; left > 0 && written < total; left--) wire += event(++written);
    if (wire !== "") log.append(encoder.encode(wire));
    if (written === total && !log.hasEnded) log.end();
  };
  write(random.below(total + 1));
  const after = random.below(log.newest + 1);
  const cursor = log.seek(after);
  let wire = "";
  while (!cursor.isAtEnd) {
    if (random.chance(0.5)) write(1 + random.below(3));
    if (random.chance(0.5)) wire += decoder.decode(cursor.read());
  }
  const expected = Array.from({ length: total - after }, (_, index) => event(after + index + 1)).join("");
  assertEquals(wire, expected, `seed ${seed}`);
}
