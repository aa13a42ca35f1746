/** Tests of the timer that paces the provider's streams. @module */
import { assert, assertEquals } from "@std/assert";
import { PaceClock } from "../../bench/pace_clock.ts";

Deno.test("PaceClock wakes waiters in the order of their times, and never early", async () => {
  const clock = new PaceClock();
  const start = performance.now();
  const woken: number[] = [];
  await Promise.all([12, 3, 7, 3].map(async (after) => {
    await clock.at(start + after);
    assert(performance.now() >= start + after - 1, "woken early");
    woken.push(after);
  }));
  assertEquals(woken, [3, 3, 7, 12]);
});

Deno.test("PaceClock wakes at once when the time is past, and stops its timer when there are no waiters", async () => {
  const clock = new PaceClock();
  await clock.at(performance.now() - 1_000);
  await clock.at(performance.now() - 1_000);
  // The test's sanitizers fail if a timer is left.
});
