/** The clock of runs in a process that was frozen. */
import { assertEquals } from "@std/assert";
import { RunClock } from "../../runs/run_clock.ts";

Deno.test("RunClock leaves one check out after a freeze, and no second one", () => {
  let now = 0;
  const clock = new RunClock(500, () => now);
  const ticks: number[] = [];
  const timed = { tick: (at: number) => void ticks.push(at) };
  clock.add(timed);
  for (now of [0, 500, 1000, 2400, 10_000, 10_500, 20_000, 30_000, 40_000]) clock.tick();
  // The first tick of all may have waited, too.
  assertEquals(ticks, [500, 1000, 2400, 10_500, 30_000]);
  clock.delete(timed);
});
