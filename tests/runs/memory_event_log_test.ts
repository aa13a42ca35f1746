/** The log in memory. */
import { assert, assertEquals } from "@std/assert";
import { MemoryEventLog } from "../../runs/memory_event_log.ts";
import { event, eventLogTests } from "./event_log_suite.ts";

const encoder = new TextEncoder();

eventLogTests("MemoryEventLog", (parts) => parts.forEach((part) => part(() => new MemoryEventLog())));

Deno.test("MemoryEventLog holds little more than its events, and nothing more once it has ended", () => {
  const log = new MemoryEventLog();
  for (let id = 1; id <= 1000; id++) log.append(encoder.encode(event(id)));
  assert(log.memory < 2 * log.size, `${log.memory} bytes for ${log.size}`);
  log.end();
  assertEquals(log.memory, log.size);
});

Deno.test("MemoryEventLog copies the events between any two, and finds how many fit", () => {
  const log = new MemoryEventLog();
  const events = Array.from({ length: 200 }, (_, index) => event(index + 1, "é漢👋".repeat((index * 7) % 90)));
  for (const each of events) log.append(encoder.encode(each));
  for (let after = 0; after < events.length; after += 7) {
    for (let last = after; last <= events.length; last += 5) {
      assertEquals(new TextDecoder().decode(log.slice(after, last)), events.slice(after, last).join(""));
    }
    for (const bytes of [0, 1, 1500, 5000, 1e9]) {
      const last = log.lastWithin(after, bytes);
      assert(
        last > after && (last === after + 1 || log.slice(after, last).length <= bytes),
        `${after} ${bytes} ${last}`,
      );
    }
  }
  assertEquals([log.lastWithin(3, 1e9), log.lastWithin(200, 10)], [200, 200]);
});

Deno.test("MemoryEventLog ends without events", () => {
  const log = new MemoryEventLog();
  log.end();
  assertEquals([log.newest, log.memory, log.seek(0).isAtEnd], [0, 0, true]);
});
