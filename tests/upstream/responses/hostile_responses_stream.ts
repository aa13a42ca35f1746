/**
 * Generates streams of the Responses API that no provider should send, from a seed, and records their content. Each item
 * comes in deltas, whole, or both; events are missing, unknown, or have fields of any type.
 * @module
 */
import { SeededRandom } from "../../seeded_random.ts";
import { hostileAnnotations, type HostileStream, JUNK, randomText, STRINGS, toChunks } from "../hostile_values.ts";

type Json = Record<string, unknown>;

interface Content {
  text: string;
  reasoning: string;
  readonly toolArguments: string[];
}

/** The stream of one seed. */
export function createHostileResponsesStream(seed: number): HostileStream {
  const random = new SeededRandom(seed);
  const content: Content = { text: "", reasoning: "", toolArguments: [] };
  const items = random.list(6, () => random.pick([messageOf, reasoningOf, callOf]));
  const events = items.flatMap((create, at) => create(random, content, at));
  const name = content.toolArguments.length > 0 ? "tool_calls" : "stop";
  const [last, stop] = random.pick<readonly [Json | undefined, string | undefined]>([
    [endOf(random, "completed"), name],
    [{ type: "response.completed", response: random.pick([null, 7, [], "x"]) }, name],
    [endOf(random, "incomplete", { incomplete_details: { reason: "max_output_tokens" } }), "length"],
    [endOf(random, "incomplete", { incomplete_details: { reason: "content_filter" } }), undefined],
    [endOf(random, "failed", { error: random.pick(JUNK) }), undefined],
    [{ type: "error", message: random.pick(JUNK) }, undefined],
    [undefined, undefined],
  ]);
  const all = last === undefined ? events : [...events, last];
  const messages = all.flatMap((event) => random.chance(0.15) ? [unknownEvent(random), event] : [event]);
  return {
    chunks: toChunks(
      random,
      messages.map((data) => ({ ...(random.chance(0.5) && { event: String(data.type) }), data: random.shuffle(data) })),
    ),
    ...content,
    stop,
  };
}

function endOf(random: SeededRandom, status: string, fields: Json = {}): Json {
  const response = random.shuffle({
    status,
    output: random.pick(JUNK),
    usage: random.pick(JUNK),
    tools: random.pick(JUNK),
    ...fields,
  });
  return { type: `response.${status}`, response };
}

function unknownEvent(random: SeededRandom): Json {
  return random.pick<Json>([
    { type: "response.hologram", delta: "no" },
    { type: random.pick(STRINGS), output_index: random.pick(JUNK), delta: "no" },
    {
      type: "response.output_text.delta",
      output_index: 0,
      delta: random.pick(JUNK.filter((each) => each !== "x" && each !== "__proto__")),
    },
    { type: "response.output_item.added", output_index: random.pick(JUNK), item: random.pick(JUNK) },
    { type: "response.in_progress", response: random.pick(JUNK) },
    { type: "response.output_text.annotation.added", annotation: random.pick(JUNK) },
    { type: "response.content_part.added", part: { text: "no" } },
  ]);
}

function messageOf(random: SeededRandom, content: Content, output_index: number): Json[] {
  const parts = random.list(
    3,
    () => ({ isRefusal: random.chance(0.2), deltas: random.list(4, () => randomText(random)) }),
  );
  const texts = parts.map(({ deltas }) => deltas.join(""));
  content.text += texts.join("");
  const item = {
    type: "message",
    id: `msg_${output_index}`,
    content: parts.map(({ isRefusal }, at) => ({
      [isRefusal ? "refusal" : "text"]: texts[at],
      annotations: random.chance(0.5) ? hostileAnnotations(random) : random.pick(JUNK),
    })),
  };
  const hasDeltas = random.chance(0.7);
  const deltas = parts.flatMap(({ isRefusal, deltas }, content_index) => {
    const type = isRefusal ? "response.refusal.delta" : "response.output_text.delta";
    return deltas.map((delta) => ({ type, output_index, content_index, item_id: random.pick(JUNK), delta }));
  });
  // Without deltas, the whole is all there is.
  const isWhole = !hasDeltas || random.chance(0.7);
  return [
    ...random.chance(0.5) ? [{ type: "response.output_item.added", output_index, item: { ...item, content: [] } }] : [],
    ...hasDeltas ? deltas : [],
    ...isWhole ? [{ type: "response.output_item.done", output_index, item }] : [],
  ];
}

function reasoningOf(random: SeededRandom, content: Content, output_index: number): Json[] {
  const parts = random.list(3, () => random.list(3, () => randomText(random)));
  for (const text of parts.map((deltas) => deltas.join(""))) {
    if (text !== "") content.reasoning += content.reasoning === "" ? text : `\n\n${text}`;
  }
  const item = {
    type: "reasoning",
    id: random.pick(JUNK),
    summary: parts.map((deltas) => ({ type: "summary_text", text: deltas.join("") })),
    encrypted_content: random.pick(JUNK),
  };
  const type = "response.reasoning_summary_text.delta";
  const deltas = parts.flatMap((deltas, summary_index) =>
    deltas.map((delta) => ({ type, output_index, summary_index, delta }))
  );
  const hasDeltas = random.chance(0.7);
  const isWhole = !hasDeltas || random.chance(0.7);
  return [
    ...hasDeltas ? deltas : [],
    ...isWhole ? [{ type: "response.output_item.done", output_index, item }] : [],
  ];
}

function callOf(random: SeededRandom, content: Content, output_index: number): Json[] {
  const fragments = random.list(4, () => randomText(random));
  const whole = fragments.join("");
  content.toolArguments.push(whole);
  const item = {
    type: "function_call",
    id: random.pick<unknown>([`fc_${output_index}`, null, 7]),
    call_id: random.pick<unknown>([`call_${output_index}`, "same", "", null, 7]),
    name: random.pick(["f", "__proto__", "漢"]),
  };
  const added = {
    type: "response.output_item.added",
    output_index,
    item: { ...item, arguments: random.pick(["", null]) },
  };
  const deltas = fragments.map((delta) => ({ type: "response.function_call_arguments.delta", output_index, delta }));
  const argumentsDone = { type: "response.function_call_arguments.done", output_index, arguments: whole };
  const done = { type: "response.output_item.done", output_index, item: { ...item, arguments: whole } };
  return random.pick<Json[]>([
    [added, ...deltas, argumentsDone, done],
    [added, ...deltas],
    [added, argumentsDone],
    [added, done],
    [...deltas, done],
    [done],
    [argumentsDone, done, done],
  ]);
}
