/**
 * Runs streams from the tests of three widely used clients. Where a source differs from one of our rules, the case is
 * compared with the rule instead. The notes in docs/decisions/ give the reasons.
 * @module
 */
import { type ChatAnswer, EMPTY_ANSWER, reduceChatAnswer } from "../../protocol/chat_answer.ts";
import { cutAtRandom, fewChunkings } from "../chunkings.ts";
import { SeededRandom } from "../seeded_random.ts";
import { answerOf } from "../upstream/answer_of.ts";
import { assertSame, readSuite, Suite, type SuiteResult } from "./suite.ts";

interface StreamCase {
  readonly name: string;
  readonly chunks: readonly string[];
  readonly expected: Expected;
}

interface Expected {
  readonly text: string;
  readonly reasoning: string;
  readonly refusal?: string;
  readonly toolCalls: readonly { readonly id: string; readonly name: string | null; readonly arguments: string }[];
  readonly finishReason: string | null;
  readonly usage: Readonly<Record<string, unknown>> | null;
  readonly error: { readonly kind: string } | null;
  readonly doneSeen: boolean | null;
}

/** The expected answer, in our terms. */
interface Wanted {
  readonly text: string;
  readonly reasoning: string;
  readonly calls: readonly (readonly [id: string, name: string, args: string])[];
  /** The finish reason, or undefined for an error event. */
  readonly stop: string | undefined;
}

/** A rule by which we differ: the cases that it covers, and what it expects of them. */
interface Rule {
  readonly says: string;
  readonly appliesTo: (expected: Expected, chunks: readonly Chunk[]) => boolean;
  readonly wants: (wanted: Wanted, expected: Expected, chunks: readonly Chunk[]) => Wanted;
}

interface Chunk {
  readonly choices?: readonly {
    readonly index?: unknown;
    readonly delta?: {
      readonly content?: string | null;
      readonly tool_calls?: readonly {
        readonly id: string;
        readonly function: { readonly name: string; readonly arguments: string };
      }[];
    };
    readonly finish_reason?: string | null;
  }[];
}

const RULES: readonly Rule[] = [
  {
    says: "An index of a wrong type or size is data: the first one seen is followed, and calls get indexes of ours.",
    appliesTo: ({ error }) => error?.kind === "invalid_index",
    wants: (_wanted, _expected, chunks) => followFirst(chunks),
  },
  {
    says: "One choice is asked for, so the first index seen is followed and the others are dropped.",
    appliesTo: (_expected, chunks) => new Set(chunks.flatMap(choicesOf).map(({ index }) => index)).size > 1,
    wants: (wanted, _expected, chunks) => ({ ...wanted, ...followFirst(chunks) }),
  },
  {
    says: "[DONE] without a finish reason is an end, told as `unknown`: some providers never send one.",
    appliesTo: ({ error, finishReason, doneSeen }) =>
      doneSeen === true && finishReason === null && (error === null || error.kind === "no_finish_reason"),
    wants: (wanted) => ({ ...wanted, stop: "unknown" }),
  },
  {
    says: "A tool call without a name is passed on as it came, and is for the client to judge.",
    appliesTo: ({ error, toolCalls }) =>
      error?.kind === "invalid_response" && toolCalls.some(({ name }) => name === null),
    wants: (wanted, { finishReason }) => ({ ...wanted, stop: finishReason ?? undefined }),
  },
];

/** Runs `openai_streams.json`: the cases that agree with our rules, and those that a rule covers. */
export async function run(suitesDir: string): Promise<SuiteResult[]> {
  const cases = await readSuite<readonly StreamCase[]>(suitesDir, "suites/openai_streams.json");
  if (cases === undefined) return [];
  const agreeing = new Suite("openai_streams.json, where the source and we agree");
  const differing = new Suite("openai_streams.json, where a rule of ours decides");
  const byRule = new Map<Rule, string[]>();
  for (const { name, chunks, expected } of cases) {
    const parsed = readChunks(chunks.join(""));
    const rule = RULES.find(({ appliesTo }) => appliesTo(expected, parsed));
    const plain = translate(expected);
    if (rule !== undefined) byRule.set(rule, [...byRule.get(rule) ?? [], name]);
    const wanted = rule === undefined ? plain : rule.wants(plain, expected, parsed);
    await (rule === undefined ? agreeing : differing).try(name, () => check(chunks, expected, wanted));
  }
  for (const [{ says }, names] of byRule) differing.note(`${says} ${names.length}: ${names.join("; ")}`);
  return [agreeing.result, differing.result];
}

/** The source's expectation in our terms, before any rule applies. */
function translate({ text, refusal = "", reasoning, toolCalls, finishReason, error }: Expected): Wanted {
  return {
    text: text + refusal,
    reasoning,
    calls: toolCalls.map(({ id, name, arguments: args }) => [id, name ?? "", args]),
    stop: error === null ? finishReason ?? undefined : undefined,
  };
}

/** The chunks of a well-formed stream, read line by line. */
function readChunks(wire: string): Chunk[] {
  return wire.split("\n").filter((line) => line.startsWith("data: {")).flatMap((line) => {
    try {
      return [JSON.parse(line.slice(6)) as Chunk];
    } catch {
      return [];
    }
  });
}

function choicesOf({ choices }: Chunk): NonNullable<Chunk["choices"]> {
  return choices ?? [];
}

/** The text and the complete tool calls of a stream's first choice. */
function followFirst(chunks: readonly Chunk[]): Wanted {
  const all = chunks.flatMap(choicesOf);
  const followed = all.filter(({ index }) => index === all[0]?.index);
  const calls = followed.flatMap(({ delta }) => delta?.tool_calls ?? []);
  return {
    text: followed.map(({ delta }) => delta?.content ?? "").join(""),
    reasoning: "",
    calls: calls.map(({ id, function: { name, arguments: args } }) => [id, name, args]),
    stop: followed.find(({ finish_reason }) => finish_reason)?.finish_reason ?? "unknown",
  };
}

/** Compares a case, cut in several ways, with what is expected. @throws {Error} for the first difference */
async function check(chunks: readonly string[], expected: Expected, wanted: Wanted): Promise<void> {
  const encoder = new TextEncoder();
  const bytes = encoder.encode(chunks.join(""));
  const cuts = bytes.length > 20_000
    ? [cutAtRandom(bytes, new SeededRandom(1))]
    : [...fewChunkings(bytes)].map((cut) => cut.chunks);
  for (const pieces of [chunks.map((chunk) => encoder.encode(chunk)), ...cuts]) {
    const { events, wire } = await answerOf(pieces);
    const answer = events.reduce(reduceChatAnswer, EMPTY_ANSWER);
    checkAnswer(answer, wanted);
    if (expected.usage !== null) checkUsage(answer, expected.usage);
    if (expected.error?.kind === "invalid_json") checkSilence(wire, chunks);
    assertSame("the prototype", Object.keys(Object.prototype), []);
  }
}

function checkAnswer({ text, reasoning = "", tool_calls = [], stop, error }: ChatAnswer, wanted: Wanted): void {
  assertSame("the text", text, wanted.text);
  assertSame("the reasoning", reasoning, wanted.reasoning);
  const calls = tool_calls.map((call) => [call.id, call.function.name, call.function.arguments]);
  assertSame("the tool calls", calls, wanted.calls);
  assertSame("the end", stop ?? error?.type, wanted.stop ?? error?.type ?? "an error");
}

function checkUsage({ usage = {} }: ChatAnswer, expected: Readonly<Record<string, unknown>>): void {
  assertSame("the input tokens", usage.totalInputTokens, expected.prompt_tokens);
  const details = expected.completion_tokens_details as { readonly reasoning_tokens?: number } | undefined;
  const [input, output, total, reasoning = 0] = [
    expected.prompt_tokens as number,
    expected.completion_tokens as number,
    expected.total_tokens as number | undefined,
    details?.reasoning_tokens,
  ];
  // xAI does not count reasoning among the output tokens, as its total shows.
  const isApart = reasoning > 0 && total === input + output + reasoning;
  assertSame("the output tokens", usage.totalOutputTokens, isApart ? output + reasoning : output);
}

/** Checks that an error does not repeat the unreadable chunk to the client. */
function checkSilence(wire: string, chunks: readonly string[]): void {
  for (const payload of chunks.join("").matchAll(/[A-Za-z0-9][A-Za-z0-9-]{11,}/g)) {
    if (wire.includes(payload[0])) throw new Error(`the answer repeats ${payload[0]}`);
  }
}
