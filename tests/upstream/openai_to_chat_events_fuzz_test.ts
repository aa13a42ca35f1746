/**
 * Twenty thousand streams that no provider should send. To run one again, set `FIRST_SEED` to the seed in the failure
 * message and `STREAMS` to 1. Make its bytes a fixture when the fault is fixed.
 */
import { assertEquals } from "@std/assert";
import { EMPTY_ANSWER, reduceChatAnswer } from "../../protocol/chat_answer.ts";
import { answerOf } from "./answer_of.ts";
import { createHostileStream } from "./chat_completions/hostile_stream.ts";

const FIRST_SEED = 1;
const STREAMS = 20_000;

/** Checks the stream of a seed: whole frames, one ending, and exactly its content. */
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

Deno.test(`OpenAIToChatEventStream emits exactly the content of ${STREAMS} hostile streams`, async () => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + STREAMS; seed++) {
    await check(seed).catch((cause) => {
      throw new Error(`seed ${seed}: ${cause.message}`, { cause });
    });
  }
});
