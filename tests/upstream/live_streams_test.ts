/** One clock for all streams, and the way to end them all. */
import { assertEquals } from "@std/assert";
import { ChatError } from "../../protocol/chat_error.ts";
import { type LiveStream, LiveStreams } from "../../upstream/live_streams.ts";

const GOING = new ChatError("ServerBusy", "Going away.");

/** A stream that writes down what happens to it, and ends when told to. */
class FakeStream implements LiveStream {
  readonly ticks: number[] = [];
  readonly errors: ChatError[] = [];
  readonly #streams: LiveStreams;

  constructor(streams: LiveStreams) {
    this.#streams = streams;
    streams.add(this);
  }

  tick(now: number): void {
    this.ticks.push(now);
  }

  interrupt(error: ChatError): void {
    this.errors.push(error);
    this.end();
  }

  end(): void {
    this.#streams.delete(this);
  }
}

Deno.test("LiveStreams lets every open stream look at the clock it was given", () => {
  let now = 5;
  const streams = new LiveStreams(1000, () => now);
  const [first, second] = [new FakeStream(streams), new FakeStream(streams)];
  streams.tick();
  now = 7;
  second.end();
  streams.tick();
  assertEquals([first.ticks, second.ticks, streams.size], [[5, 7], [5], 1]);
  first.end();
});

Deno.test("LiveStreams ticks by itself while there are streams, and leaves no timer behind", async () => {
  const streams = new LiveStreams(1);
  const [stream, other] = [new FakeStream(streams), new FakeStream(streams)];
  other.end();
  await new Promise<void>((resolve) => stream.tick = () => resolve());
  stream.end();
  // The timer is made again for the next one; the sanitizer would report one that stays.
  const next = new FakeStream(streams);
  await new Promise<void>((resolve) => next.tick = () => resolve());
  next.end();
  assertEquals(streams.size, 0);
});

Deno.test("LiveStreams survives streams that end each other in a tick", () => {
  const streams = new LiveStreams(1000, () => 0);
  const all = [new FakeStream(streams), new FakeStream(streams), new FakeStream(streams)];
  for (const stream of all) stream.tick = () => all.forEach((each) => each.end());
  streams.tick();
  assertEquals(streams.size, 0);
});

Deno.test("LiveStreams drains at once when there is nothing to wait for", async () => {
  await new LiveStreams(1000, () => 0).drain(60_000, GOING);
});

Deno.test("LiveStreams drains as soon as the last stream has ended by itself", async () => {
  const streams = new LiveStreams(1000, () => 0);
  const [first, second] = [new FakeStream(streams), new FakeStream(streams)];
  let isDrained = false;
  const drained = streams.drain(60_000, GOING).then(() => isDrained = true);
  first.end();
  await Promise.resolve();
  assertEquals(isDrained, false);
  second.end();
  await drained;
  assertEquals([first.errors, second.errors], [[], []]);
});

Deno.test("LiveStreams ends what is still open after the grace, with the error given", async () => {
  const streams = new LiveStreams(1000, () => 0);
  const [first, second] = [new FakeStream(streams), new FakeStream(streams)];
  await streams.drain(1, GOING);
  assertEquals([first.errors, second.errors, streams.size], [[GOING], [GOING], 0]);
});

Deno.test("LiveStreams lets the others tick when one stream fails, and forgets that one", () => {
  const streams = new LiveStreams(60_000, () => 7);
  const broken = {
    tick: () => {
      throw new Error("broken");
    },
    interrupt: () => {},
  };
  streams.add(broken);
  const other = new FakeStream(streams);
  const { error } = console;
  console.error = () => {};
  streams.tick();
  console.error = error;
  assertEquals([other.ticks, streams.size], [[7], 1]);
  other.end();
});
