/**
 * Generates Anthropic streams that no provider should send, from a seed, and records their content.
 * @module
 */
import { SeededRandom } from "../../seeded_random.ts";
import { type HostileStream, JUNK, randomText, STRINGS, toChunks } from "../hostile_values.ts";

type Json = Record<string, unknown>;
type Content = { text: string; reasoning: string; toolArguments: string[] };

/** What is no position of a block. The stop of a real one would let its later deltas count as text. */
const NO_INDEX = JUNK.filter((value) => value !== 0);

/** The stream of one seed. */
export function createHostileAnthropicStream(seed: number): HostileStream {
  const random = new SeededRandom(seed);
  const content: Content = { text: "", reasoning: "", toolArguments: [] };
  const events = random.list<unknown>(3, () => noise(random));
  for (let index = random.below(6); index >= 0; index--) events.push(...block(random, index, content));
  const [end, stop] = random.pick<readonly [readonly unknown[], string | undefined]>([
    [[delta("end_turn"), { type: "message_stop" }], "stop"],
    [[delta("max_tokens")], "length"],
    [[{ type: "message_stop" }], "unknown"],
    [[delta("refusal"), { type: "message_stop" }], undefined],
    [[{ type: "error", error: random.pick(JUNK) }], undefined],
    [[], undefined],
  ]);
  events.push(...end);
  const messages = events.map((data) => ({ ...(random.chance(0.5) && { event: eventName(data) }), data }));
  return { chunks: toChunks(random, messages), ...content, stop };
}

function eventName(data: unknown): string {
  return String((data as Json).type);
}

function delta(stop_reason: string): Json {
  return { type: "message_delta", delta: { stop_reason }, usage: { output_tokens: 1 } };
}

/** Events that add nothing. */
function noise(random: SeededRandom): Json {
  return random.pick<Json>([
    { type: "ping" },
    { type: "message_start", message: random.pick(JUNK) },
    { type: "message_delta", delta: random.pick(JUNK), usage: random.pick(JUNK) },
    { type: "content_block_delta", index: random.pick(JUNK), delta: random.pick(JUNK) },
    { type: "content_block_stop", index: random.pick(NO_INDEX) },
    { type: "new_event", [random.pick(STRINGS.filter((name) => name !== "error" && name !== "detail"))]: 1 },
  ]);
}

function block(random: SeededRandom, index: number, content: Content): unknown[] {
  const pieces = random.list(4, () => randomText(random));
  const between = () => random.chance(0.3) ? [noise(random)] : [];
  const around = (start: Json, deltas: readonly Json[]) => [
    { type: "content_block_start", index, content_block: random.shuffle({ ...start, extra: random.pick(JUNK) }) },
    ...deltas.flatMap((each) => [...between(), random.shuffle({ type: "content_block_delta", index, delta: each })]),
    { type: "content_block_stop", index },
  ];
  switch (random.below(4)) {
    case 0:
      content.text += pieces.join("");
      return around({ type: "text", text: "" }, pieces.map((text) => ({ type: "text_delta", text })));
    case 1:
      content.reasoning += pieces.join("");
      return around({ type: "thinking" }, [
        ...pieces.map((thinking) => ({ type: "thinking_delta", thinking })),
        { type: "signature_delta", signature: random.pick(JUNK) },
      ]);
    case 2:
      content.toolArguments.push(pieces.join("") || "{}");
      return around(
        {
          type: "tool_use",
          id: random.pick<unknown>([undefined, "", 7, "same", "__proto__"]),
          name: random.pick(JUNK),
        },
        pieces.map((partial_json) => ({ type: "input_json_delta", partial_json })),
      );
    default:
      return around({ type: random.pick(["server_tool_use", "web_search_tool_result", "new_block"]) }, [
        { type: "text_delta", text: "no" },
        { type: "citations_delta", citation: random.pick(JUNK) },
      ]);
  }
}
