/**
 * Runs recorded Anthropic streams, from their bytes to our events, and compares all of it with the recordings' index.
 * @module
 */
import { type ChatAnswer, EMPTY_ANSWER, reduceChatAnswer } from "../../protocol/chat_answer.ts";
import type { ChatEvent } from "../../protocol/chat_event.ts";
import { anthropic } from "../../upstream/anthropic/anthropic.ts";
import { readThinkingBlocks, type ThinkingBlock } from "../../upstream/anthropic/thinking_state.ts";
import { cutAtRandom } from "../chunkings.ts";
import { SeededRandom } from "../seeded_random.ts";
import { decodeAll, transformAll } from "../upstream/dialect_answer.ts";
import { assertSame, readSuite, Suite, type SuiteResult } from "./suite.ts";

/** Length and digest stand for a text in the index. */
interface Digest {
  readonly sha256: string;
}

interface RecordedBlock {
  readonly type: string;
  readonly signature_sha256?: string;
  readonly data_sha256?: string;
}

interface Recording {
  readonly file: string;
  readonly text: Readonly<Record<string, Digest>>;
  readonly reasoning: Readonly<Record<string, Digest>>;
  readonly blocks: readonly RecordedBlock[];
  readonly tool_calls: readonly { readonly id: string; readonly name: string; readonly arguments: string }[];
  readonly citations: readonly { readonly citation?: { readonly url?: string }; readonly url?: string }[];
  readonly stop_reason: string | null;
  readonly usage: Readonly<Record<string, number | undefined>> | null;
  readonly errors: readonly unknown[];
}

const STOP_REASONS: Readonly<Record<string, string>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  tool_use: "tool_calls",
  refusal: "error",
};

const CUTS = 20;

/** Runs `recordings/anthropic`: whole, in random chunks, byte by byte, through the transform, and cut off. */
export async function runAnthropic(suitesDir: string): Promise<SuiteResult[]> {
  const index = await readSuite<readonly Recording[]>(suitesDir, "recordings/anthropic/INDEX.json");
  if (index === undefined) return [];
  const streams = new Suite("anthropic: streams, whole, in random pieces, byte by byte, through the transform");
  const cuts = new Suite("anthropic: streams, cut off anywhere");
  for (const recording of index) {
    const bytes = await Deno.readFile(`${suitesDir}/recordings/anthropic/${recording.file}`);
    await streams.try(recording.file, () => checkRecording(recording, bytes));
    await cuts.try(recording.file, () => checkCuts(bytes));
  }
  return [streams.result, cuts.result];
}

async function checkRecording(recording: Recording, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const cuts = [
    [bytes],
    ...[1, 2, 3].map((seed) => cutAtRandom(bytes, new SeededRandom(seed), 10 ** seed)),
    Array.from(bytes, (_, at) => bytes.subarray(at, at + 1)),
  ];
  for (const chunks of cuts) await check(recording, decodeAll(anthropic, chunks));
  await check(recording, await transformAll(anthropic, cutAtRandom(bytes, new SeededRandom(7), 700)));
}

/** A stream that breaks off gives a prefix of the whole, and looks finished only where its stop reason has come. */
function checkCuts(bytes: Uint8Array<ArrayBuffer>): void {
  const random = new SeededRandom(1);
  const whole = reduce(decodeAll(anthropic, [bytes]));
  for (let cut = 0; cut < CUTS; cut++) {
    const start = bytes.subarray(0, random.below(bytes.length));
    const { text, stop } = reduce(decodeAll(anthropic, [start]));
    if (!whole.text.startsWith(text)) throw new Error(`cut at ${start.length}: ${text.slice(-40)} was never sent`);
    const isFinished = /"stop_reason": ?"/.test(new TextDecoder().decode(start));
    if (stop !== undefined && !isFinished) throw new Error(`cut at ${start.length}: it looks finished`);
  }
}

function reduce(events: readonly ChatEvent[]): ChatAnswer {
  return events.reduce(reduceChatAnswer, EMPTY_ANSWER);
}

async function check(recording: Recording, events: readonly ChatEvent[]): Promise<void> {
  const answer = reduce(events);
  const { reasoning = "", reasoning_signature: signature, tool_calls = [], grounding, usage = {} } = answer;
  assertSame("the text", await digest(answer.text), recording.text["0"]?.sha256 ?? await digest(""));
  assertSame("the reasoning", await digest(reasoning), recording.reasoning["0"]?.sha256 ?? await digest(""));
  const state = signature === undefined ? [] : readThinkingBlocks({ content: reasoning, signature });
  assertSame("the state", await Promise.all(state.map(digestBlock)), recording.blocks.flatMap(stateOf));
  const calls = tool_calls.map(({ id, function: { name, arguments: args } }) => ({ id, name, arguments: args }));
  const wanted = recording.tool_calls.map(({ id, name, arguments: args }) => ({ id, name, arguments: args }));
  assertSame("the tool calls", calls, wanted);
  const urls = recording.citations.map(({ citation, url }) => citation?.url ?? url).filter((each) => each);
  assertSame("the citations", grounding?.citations.map(({ url }) => url) ?? [], [...new Set(urls)]);
  const { input_tokens, cache_creation_input_tokens = 0, cache_read_input_tokens = 0, output_tokens } =
    recording.usage ?? {};
  const input = input_tokens === undefined
    ? undefined
    : input_tokens + cache_creation_input_tokens + cache_read_input_tokens;
  assertSame("the usage", [usage.totalInputTokens, usage.totalOutputTokens], [input, output_tokens]);
  const { stop_reason, errors } = recording;
  const ending = errors.length > 0 || stop_reason === null ? "error" : STOP_REASONS[stop_reason] ?? stop_reason;
  assertSame("the ending", answer.error === undefined ? answer.stop : "error", ending);
}

function stateOf({ signature_sha256, data_sha256 }: RecordedBlock): string[] {
  const state = signature_sha256 ?? data_sha256;
  return state === undefined ? [] : [state];
}

function digestBlock(block: ThinkingBlock): Promise<string> {
  return digest("data" in block ? block.data : block.signature);
}

async function digest(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
