/**
 * Random streams that no provider should send. To run one again, set `FIRST_SEED` to the seed that the failure names and
 * run with `FUZZ_STREAMS=1`. After the fix, its bytes become a fixture.
 * @module
 */
import { assertEquals } from "@std/assert";
import { EMPTY_ANSWER, reduceChatAnswer } from "../../protocol/chat_answer.ts";
import { FUZZ_STREAMS } from "../seeded_random.ts";
import { answerOf } from "./answer_of.ts";
import { createHostileStream } from "./chat_completions/hostile_stream.ts";

const FIRST_SEED = 1;

/** Sends one seed's stream through the transform, and compares the events with what the stream was made from. */
async function check(seed: number): Promise<void> {
  const { chunks, text, reasoning, toolArguments, stop } = createHostileStream(seed);
  // It also checks the frames, their ids and the terminal event, and rejects when the transform throws.
  const { events, summary } = await answerOf(chunks);
  const answer = events.reduce(reduceChatAnswer, EMPTY_ANSWER);
  const fragments = events.flatMap((event) => event.type === "tool_calls" ? event.data : []);
  assertEquals(
    {
      text: answer.text,
      reasoning: answer.reasoning ?? "",
      toolArguments: fragments.map((delta) => delta.function.arguments).join(""),
      stop: answer.stop,
    },
    { text, reasoning, toolArguments, stop },
  );
  assertEquals([summary?.outcome, summary?.events], [stop === undefined ? answer.error?.type : "stop", events.length]);
  assertEquals(({} as { polluted?: unknown }).polluted, undefined);
}

Deno.test(`OpenAIToChatEventStream writes what was sent, and one ending, for ${FUZZ_STREAMS} hostile streams`, async () => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + FUZZ_STREAMS; seed++) {
    await check(seed).catch((cause) => {
      throw new Error(`seed ${seed}: ${cause.message}`, { cause });
    });
  }
});
