/** The timer for the deadlines of all streams. */
import { assertEquals } from "@std/assert";
import { StreamClock, type Timed } from "../../../upstream/chat_events/stream_clock.ts";

/** Records its ticks. */
class FakeTimed implements Timed {
  readonly ticks: number[] = [];

  tick(now: number): void {
    this.ticks.push(now);
  }
}

Deno.test("StreamClock calls everything that was added and not deleted, with its time", () => {
  let now = 5;
  const clock = new StreamClock(1000, () => now);
  const [first, second] = [new FakeTimed(), new FakeTimed()];
  clock.add(first);
  clock.add(second);
  clock.tick();
  now = 7;
  clock.delete(second);
  clock.tick();
  assertEquals([first.ticks, second.ticks], [[5, 7], [5]]);
  clock.delete(first);
});

Deno.test("StreamClock has a timer only while there is something to call", async () => {
  const clock = new StreamClock(1);
  for (let round = 0; round < 2; round++) {
    // The second round needs a new timer. The sanitizer reports one that stays.
    const timed = { tick: () => {} };
    const ticked = new Promise<void>((resolve) => timed.tick = resolve);
    clock.add(timed);
    await ticked;
    clock.delete(timed);
  }
});

Deno.test("StreamClock does not throw when ticks delete each other", () => {
  const clock = new StreamClock(1000, () => 0);
  const all: Timed[] = [1, 2, 3].map(() => ({ tick: () => all.forEach((each) => clock.delete(each)) }));
  for (const each of all) clock.add(each);
  clock.tick();
});

Deno.test("StreamClock deletes a stream whose tick throws, and calls the others", () => {
  const clock = new StreamClock(60_000, () => 7);
  let calls = 0;
  clock.add({
    tick: () => {
      calls++;
      throw new Error("broken");
    },
  });
  const other = new FakeTimed();
  clock.add(other);
  const { error } = console;
  console.error = () => {};
  clock.tick();
  clock.tick();
  console.error = error;
  assertEquals([calls, other.ticks], [1, [7, 7]]);
  clock.delete(other);
});
