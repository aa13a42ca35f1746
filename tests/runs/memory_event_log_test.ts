/** The log in memory. */
import { assert, assertEquals } from "@std/assert";
import { MemoryEventLog } from "../../runs/memory_event_log.ts";
import { event, eventLogTests } from "./event_log_suite.ts";

const encoder = new TextEncoder();

eventLogTests("MemoryEventLog", () => new MemoryEventLog());

Deno.test("MemoryEventLog holds little more than its events, and nothing more once it has ended", () => {
  const log = new MemoryEventLog();
  for (let id = 1; id <= 1000; id++) log.append(encoder.encode(event(id)));
  assert(log.memory < 2 * log.size, `${log.memory} bytes for ${log.size}`);
  log.end();
  assertEquals(log.memory, log.size);
});

Deno.test("MemoryEventLog ends without events", () => {
  const log = new MemoryEventLog();
  log.end();
  assertEquals([log.newest, log.memory, log.seek(0).isAtEnd], [0, 0, true]);
});
