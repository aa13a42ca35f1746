/** The recorder of answers that outlive their connection: order, endings, and what becomes of the provider. */
import { assertEquals } from "@std/assert";
import { ChatError } from "../../protocol/chat_error.ts";
import { chatCompletions } from "../../upstream/chat_completions/chat_completions.ts";
import type { ChatEventStreamOptions } from "../../upstream/chat_event_stream.ts";
import { ChatEventRecorder } from "../../upstream/chat_event_recorder.ts";
import { StreamClock } from "../../upstream/chat_events/stream_clock.ts";
import { chunk, DONE, NO_TIMEOUTS, readWire } from "./answer_of.ts";

const encoder = new TextEncoder();

/** A recorder between a provider and a log. The provider's `undefined` is the end of its bytes. */
class Recording {
  readonly recorder: ChatEventRecorder;
  readonly outcomes: string[] = [];
  readonly log: string[] = [];
  /** Resolves when the provider's bytes are cancelled. */
  readonly cancelled = Promise.withResolvers<void>();
  /** Resolves when the log has its end. */
  readonly ended = Promise.withResolvers<void>();
  onAppend = () => {};

  constructor(chunks: readonly (string | undefined)[], options: ChatEventStreamOptions = {}) {
    const left = [...chunks];
    const bytes = {
      read: async () => {
        if (left.length === 0) await this.cancelled.promise;
        const text = left.shift();
        return text === undefined ? undefined : encoder.encode(text);
      },
      cancel: () => Promise.resolve(this.cancelled.resolve()),
    };
    const sink = {
      append: (events: Uint8Array<ArrayBuffer>) => {
        this.log.push(new TextDecoder().decode(events));
        this.onAppend();
      },
      end: () => this.ended.resolve(),
    };
    this.recorder = new ChatEventRecorder(bytes, chatCompletions.createDecoder, sink, {
      timeouts: NO_TIMEOUTS,
      onEnd: ({ outcome }) => void this.outcomes.push(outcome),
      ...options,
    });
  }

  get types(): readonly string[] {
    return readWire(this.log.join("")).map(({ type }) => type);
  }
}

Deno.test("ChatEventRecorder appends the events of each read, ends the log and releases the provider at [DONE]", async () => {
  const recording = new Recording([chunk("a"), chunk("b", "stop"), DONE + chunk("late")]);
  await recording.recorder.record();
  await Promise.all([recording.ended.promise, recording.cancelled.promise]);
  assertEquals(recording.log.slice(0, 2).map((events) => events.split("\n")[2]), ['data: "a"', 'data: "b"']);
  assertEquals([recording.types, recording.outcomes], [["text", "text", "speed", "stop"], ["stop"]]);
});

Deno.test("ChatEventRecorder ends the log with an error when the provider's bytes end in the middle of an answer", async () => {
  const recording = new Recording([chunk("a"), undefined]);
  await recording.recorder.record();
  await recording.ended.promise;
  assertEquals([recording.types, recording.outcomes], [["text", "speed", "error"], ["StreamChunkError"]]);
});

Deno.test("ChatEventRecorder ends a pending read when it is interrupted or stopped", async () => {
  for (
    const { end, last } of [
      {
        end: (recorder: ChatEventRecorder) => recorder.interrupt(new ChatError("ServerBusy", "Enough.")),
        last: "error",
      },
      { end: (recorder: ChatEventRecorder) => recorder.stop("cancelled"), last: "stop" },
    ]
  ) {
    const recording = new Recording([chunk("a")]);
    const recorded = recording.recorder.record();
    await new Promise((resolve) => setTimeout(resolve, 0));
    end(recording.recorder);
    await recorded;
    assertEquals([recording.types.at(0), recording.types.at(-1)], ["text", last]);
  }
});

Deno.test("ChatEventRecorder ends the log after the events of a read when an append interrupts it", async () => {
  const recording = new Recording([chunk("a") + chunk("b"), chunk("c")]);
  recording.onAppend = () => recording.recorder.interrupt(new ChatError("ServerBusy", "Enough."));
  await recording.recorder.record();
  assertEquals([recording.types, recording.outcomes], [["text", "text", "speed", "error"], ["ServerBusy"]]);
});

Deno.test("ChatEventRecorder ends the log when a deadline passes", async () => {
  let now = 0;
  const clock = new StreamClock(1e9, () => now);
  const recording = new Recording([], { clock, timeouts: { ...NO_TIMEOUTS, idleTimeoutMs: 100 } });
  const recorded = recording.recorder.record();
  now = 100;
  clock.tick();
  await recorded;
  assertEquals([recording.types, recording.outcomes], [["error"], ["StreamChunkError"]]);
});
