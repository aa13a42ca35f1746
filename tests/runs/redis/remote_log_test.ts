/** The copy of a log, put together from entries in any order. */
import { assert, assertEquals } from "@std/assert";
import { formatChatEvent } from "../../../protocol/chat_event.ts";
import type { LogEntry } from "../../../runs/redis/log_entry.ts";
import { RemoteLog } from "../../../runs/redis/remote_log.ts";
import { SeededRandom } from "../../seeded_random.ts";
import { event, readAll } from "../event_log_suite.ts";

const encoder = new TextEncoder();
const STOP = { type: "stop", data: "stop" } as const;
const CANCELLED = { type: "stop", data: "cancelled" } as const;

function entry(kind: LogEntry["kind"], ...events: string[]): LogEntry {
  return { kind, events: encoder.encode(events.join("")) };
}

Deno.test("R15 R17 RemoteLog hands over from the stream to the channel without a gap or a repeat, 10,000 times", () => {
  for (let seed = 1; seed <= 10_000; seed++) {
    const random = new SeededRandom(seed);
    const stream: LogEntry[] = [];
    const channel: LogEntry[] = [];
    const total = 1 + random.below(20);
    let written = 0;
    let read = 0;
    const log = new RemoteLog();
    const readStream = () => {
      while (read < stream.length) assert(log.add(stream[read++]!));
    };
    while (!log.events.hasEnded) {
      if (random.chance(0.5) && written < total) {
        const events: string[] = [];
        for (let left = 1 + random.below(4); left > 0 && written < total; left--) {
          events.push(++written === total ? formatChatEvent(written, STOP) : event(written));
        }
        const next = entry(written === total ? "end" : "events", ...events);
        stream.push(next);
        // Messages are lost, repeated and swapped.
        if (random.chance(0.7)) channel.splice(random.below(channel.length + 1), 0, next);
        if (random.chance(0.2)) channel.push(next);
      }
      const message = random.chance(0.5) ? channel.shift() : undefined;
      const isHole = message !== undefined && !log.add(message);
      // A reader reads the stream when a message shows that something is missing, and now and then.
      if (isHole || random.chance(0.2)) {
        read = 0;
        readStream();
      }
    }
    const expected = Array.from({ length: total - 1 }, (_, index) => event(index + 1)).join("");
    assertEquals(readAll(log.events.seek(0)), expected + formatChatEvent(total, STOP), `seed ${seed}`);
  }
});

Deno.test("RemoteLog puts an ending of another process last, with the next number", () => {
  const log = new RemoteLog();
  log.add(entry("events", event(1), event(2), event(3)));
  // Whoever ended the run did not know the third event.
  assert(log.add(entry("stopped", formatChatEvent(3, CANCELLED))));
  assertEquals(readAll(log.events.seek(3)), formatChatEvent(4, CANCELLED));
  assertEquals([log.events.hasEnded, log.isLost], [true, false]);
});

Deno.test("RemoteLog takes nothing after the end, and says where something is missing", () => {
  const log = new RemoteLog();
  assertEquals(log.add(entry("events", event(2))), false);
  assertEquals(log.add(entry("events")), false, "an empty message asks to read the stream");
  assert(log.add(entry("lost", event(1), formatChatEvent(2, STOP))));
  assert(log.add(entry("events", event(3))));
  assertEquals([log.events.newest, log.isLost], [2, true]);
});
