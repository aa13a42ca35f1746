/**
 * Generates Gemini streams that no provider should send, from a seed, and records their content.
 * @module
 */
import { SeededRandom } from "../../seeded_random.ts";
import { type HostileStream, JUNK, OFFSETS, randomText, STRINGS, toChunks } from "../hostile_values.ts";

type Json = Record<string, unknown>;

/** The stream of one seed. */
export function createHostileGeminiStream(seed: number): HostileStream {
  const random = new SeededRandom(seed);
  const content = { text: "", reasoning: "", toolArguments: [] as string[] };
  const values: unknown[] = random.list(12, () => chunkOf(random, random.list(5, () => partOf(random, content))));
  const end = random.below(6);
  const name = content.toolArguments.length > 0 ? "tool_calls" : "stop";
  const [last, stop] = ([
    [finish(random, "STOP"), name],
    [finish(random, "MAX_TOKENS"), "length"],
    [finish(random, "SAFETY"), undefined],
    [{ error: { code: 500, message: "x" } }, undefined],
    [{ promptFeedback: { blockReason: "OTHER" } }, undefined],
    [undefined, undefined],
  ] as const)[end]!;
  if (last !== undefined) values.push(last);
  return { chunks: toChunks(random, values.map((data) => ({ data }))), ...content, stop };
}

function chunkOf(random: SeededRandom, parts: readonly unknown[]): unknown {
  const candidate = random.shuffle({
    content: { parts, role: random.pick(JUNK) },
    ...(random.chance(0.5) && { index: 0 }),
    ...(random.chance(0.2) && { groundingMetadata: random.pick(JUNK), citationMetadata: { citations: JUNK } }),
    ...(random.chance(0.2) && { groundingMetadata: groundingOf(random) }),
    ...(random.chance(0.1) && { finishReason: random.pick([null, 7, {}, ""]) }),
  });
  const others = random.chance(0.2)
    ? [random.pick([null, 7, "x", []]), { index: 1, content: { parts: [{ text: "no" }] } }]
    : [];
  const chunk = random.shuffle({
    candidates: [candidate, ...others],
    ...(random.chance(0.3) &&
      { usageMetadata: random.pick<unknown>([...JUNK, { promptTokenCount: -1, totalTokenCount: 3 }]) }),
    ...(random.chance(0.2) && { promptFeedback: random.pick(JUNK), [random.pick(STRINGS)]: random.pick(JUNK) }),
  });
  return random.chance(0.1) ? [chunk] : chunk;
}

function groundingOf(random: SeededRandom): unknown {
  return {
    groundingChunks: random.list(3, () => random.pick<unknown>([{ web: { uri: "https://a.example/" } }, ...JUNK])),
    groundingSupports: random.list(4, () => ({
      segment: random.pick<unknown>([{ endIndex: random.pick(OFFSETS), partIndex: random.pick(OFFSETS) }, ...JUNK]),
      groundingChunkIndices: random.pick<unknown>([OFFSETS, [0], ...JUNK]),
    })),
  };
}

function partOf(random: SeededRandom, content: { text: string; reasoning: string; toolArguments: string[] }): unknown {
  const data = randomText(random);
  switch (random.below(6)) {
    case 0:
    case 1:
      content.text += data;
      return random.shuffle({
        text: data,
        thought: random.pick([undefined, false, null, "true", 1]),
        extra: random.pick(JUNK),
      });
    case 2:
      content.reasoning += data;
      return random.shuffle({ text: data, thought: true, thoughtSignature: random.pick(JUNK) });
    case 3:
      return callOf(random, content.toolArguments);
    case 4:
      return {
        inlineData: random.pick(JUNK),
        executableCode: { language: random.pick(JUNK), code: random.pick([null, 7, {}]) },
      };
    default:
      return random.pick(JUNK);
  }
}

function callOf(random: SeededRandom, toolArguments: string[]): Json {
  const name = random.pick(["f", "__proto__", "漢"]);
  const id = random.pick<unknown>([undefined, "", 7, "same", "__proto__"]);
  if (random.chance(0.5)) {
    const args = random.pick<unknown>([undefined, null, {}, { a: [1, "👍"] }, JSON.parse('{"__proto__":1}')]);
    toolArguments.push(JSON.stringify(args ?? {}));
    return { functionCall: random.shuffle({ name, id, args }), thoughtSignature: random.pick(JUNK) };
  }
  const value = randomText(random);
  toolArguments.push(JSON.stringify(Object.fromEntries([["__proto__ x", value]])));
  return {
    functionCall: random.shuffle({ name, id, partialArgs: [{ jsonPath: "$['__proto__ x']", stringValue: value }] }),
  };
}

function finish(random: SeededRandom, finishReason: string): Json {
  return {
    candidates: [random.shuffle({ finishReason, content: random.pick(JUNK), finishMessage: random.pick(JUNK) })],
  };
}
