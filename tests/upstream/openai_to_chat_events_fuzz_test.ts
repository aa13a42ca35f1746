/**
 * Twenty thousand streams that no provider should send. To run one again: set `FIRST_SEED` to the seed that the failure
 * names and `STREAMS` to 1; when it is mended, its bytes become a fixture.
 */
import { assertEquals } from "@std/assert";
import { EMPTY_ANSWER, reduceChatAnswer } from "../../protocol/chat_answer.ts";
import { answerOf } from "./answer_of.ts";
import { createHostileStream } from "./chat_completions/hostile_stream.ts";

const FIRST_SEED = 1;
const STREAMS = 20_000;

/** The stream of one seed through the transform: whole frames, one end, and all that was told and nothing else. */
async function check(seed: number): Promise<void> {
  const { chunks, text, reasoning, toolArguments, stop } = createHostileStream(seed);
  // Checks the frames, their ids and the one terminal event too; rejects when the transform throws.
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

Deno.test(`OpenAIToChatEventStream tells the truth of ${STREAMS} hostile streams`, async () => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + STREAMS; seed++) {
    await check(seed).catch((cause) => {
      throw new Error(`seed ${seed}: ${cause.message}`, { cause });
    });
  }
});
