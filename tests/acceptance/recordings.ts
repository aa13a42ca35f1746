/**
 * Runs recorded provider streams, from their bytes to our events, and compares text, reasoning, refusals, tool calls,
 * usage, the finish and failures with the recordings' index.
 * @module
 */
import { EMPTY_ANSWER, reduceChatAnswer } from "../../protocol/chat_answer.ts";
import type { ChatEvent, ModelUsage } from "../../protocol/chat_event.ts";
import { cutAtBlankLines, cutAtRandom } from "../chunkings.ts";
import { SeededRandom } from "../seeded_random.ts";
import { TestServer } from "../test_server.ts";
import { answerOf, readWire } from "../upstream/answer_of.ts";
import { runAnthropic } from "./anthropic_streams.ts";
import { runDialectErrors } from "./dialect_errors.ts";
import { runRequests } from "./dialect_requests.ts";
import { runDialectServers } from "./dialect_servers.ts";
import { runGeminiAndResponses } from "./gemini_responses.ts";
import { assertSame, readSuite, Suite, type SuiteResult } from "./suite.ts";

/** Length and digest stand for a text in the index. */
interface Digest {
  readonly chars: number;
  readonly sha256: string;
}

interface Recording {
  readonly file: string;
  /** By the choice's index, as are the next three fields. */
  readonly text: Readonly<Record<string, Digest>>;
  readonly reasoning: Readonly<Record<string, Digest>>;
  readonly refusal: Readonly<Record<string, Digest>>;
  readonly finish: Readonly<Record<string, readonly string[]>>;
  readonly tool_calls: readonly {
    readonly choice: number;
    readonly id: string | null;
    readonly name: string;
    readonly arguments: string;
  }[];
  readonly usage: Readonly<Record<string, unknown>> | null;
  readonly errors: readonly unknown[];
  readonly done: boolean;
}

const RANDOM_SEEDS = [1, 2, 3];

const CUTS = 20;

/**
 * Runs all of `recordings/INDEX.json`: whole, in random chunks, byte by byte, cut off, and through the server. The
 * recordings of the other dialects follow, with their errors and requests.
 */
export async function run(suitesDir: string): Promise<SuiteResult[]> {
  const index = await readSuite<readonly Recording[]>(suitesDir, "recordings/INDEX.json");
  if (index === undefined) return [];
  const read = (recording: Recording) => Deno.readFile(`${suitesDir}/recordings/${recording.file}`);
  return [
    await runTransform(index, read),
    await runCuts(index, read),
    await runServer(index, read),
    ...await runAnthropic(suitesDir),
    ...await runGeminiAndResponses(suitesDir),
    ...await runDialectServers(suitesDir),
    ...await runDialectErrors(suitesDir),
    ...await runRequests(suitesDir),
  ];
}

type Read = (recording: Recording) => Promise<Uint8Array<ArrayBuffer>>;

async function runTransform(index: readonly Recording[], read: Read): Promise<SuiteResult> {
  const suite = new Suite("recordings, whole, in random pieces, byte by byte, message by message");
  for (const recording of index) {
    await suite.try(recording.file, async () => {
      const bytes = await read(recording);
      const cuts = [
        [bytes],
        ...RANDOM_SEEDS.map((seed) => cutAtRandom(bytes, new SeededRandom(seed), 10 ** seed)),
        Array.from(bytes, (_, at) => bytes.subarray(at, at + 1)),
        cutAtBlankLines(bytes),
      ];
      for (const chunks of cuts) await check(recording, bytes, (await answerOf(chunks)).events);
    });
  }
  return suite.result;
}

/** Checks that a stream that breaks off gives a prefix of the whole, and looks finished only when it was. */
async function runCuts(index: readonly Recording[], read: Read): Promise<SuiteResult> {
  const suite = new Suite("recordings, cut off anywhere");
  for (const recording of index) {
    await suite.try(recording.file, async () => {
      const bytes = await read(recording);
      const random = new SeededRandom(1);
      const [whole] = await hear(bytes);
      for (let cut = 0; cut < CUTS; cut++) {
        const start = bytes.subarray(0, random.below(bytes.length));
        const [told, end] = await hear(start);
        if (!whole.startsWith(told)) throw new Error(`cut at ${start.length}: ${told.slice(-40)} was never said`);
        const isFinished = /"finish_reason": ?"/.test(new TextDecoder().decode(start));
        if (end === "stop" && !isFinished) throw new Error(`cut at ${start.length}: it looks finished`);
      }
    });
  }
  return suite.result;
}

/** The text of some bytes, without half a think tag that a cut may leave, and their ending. */
async function hear(bytes: Uint8Array<ArrayBuffer>): Promise<[told: string, end: string | undefined]> {
  const { events } = await answerOf([bytes]);
  const { text, reasoning = "" } = events.reduce(reduceChatAnswer, EMPTY_ANSWER);
  return [(reasoning + text).replace(/<\/?t?h?i?n?k?$/, ""), events.at(-1)?.type];
}

async function runServer(index: readonly Recording[], read: Read): Promise<SuiteResult> {
  const suite = new Suite("recordings, through the whole server");
  await using server = new TestServer();
  for (const recording of index) {
    await suite.try(recording.file, async () => {
      const bytes = await read(recording);
      server.provider.script = () => ({ body: cutAtRandom(bytes, new SeededRandom(7), 700) });
      const response = await server.chat();
      assertSame("the status", response.status, 200);
      await check(recording, bytes, readWire(await response.text()));
    });
  }
  return suite.result;
}

/** Compares the events of a recording with its index. @throws {Error} for the first difference */
async function check(recording: Recording, bytes: Uint8Array, events: readonly ChatEvent[]): Promise<void> {
  const answer = events.reduce(reduceChatAnswer, EMPTY_ANSWER);
  const raw = new TextDecoder().decode(bytes);
  const choice = firstChoice(raw);
  await checkTexts(recording, choice, answer.text, answer.reasoning ?? "");
  checkCalls(recording, choice, answer.tool_calls ?? []);
  checkUsage(recording.usage, answer.usage ?? {}, raw);
  const { [choice]: [finish] = [] } = recording.finish;
  const isBroken = recording.errors.length > 0 || finish === "content_filter" ||
    (finish === undefined && !recording.done);
  assertSame("the end", isBroken ? answer.error !== undefined : answer.stop, isBroken || (finish ?? "unknown"));
}

/** The index of the choice that comes first. */
function firstChoice(raw: string): string {
  for (const line of raw.split(/\r\n|\r|\n/)) {
    const [, json = ""] = /^data: ?(\{.*)$/.exec(line) ?? [];
    const choices = json === "" ? undefined : (JSON.parse(json) as { choices?: { index?: number }[] | null }).choices;
    if (choices?.[0] !== undefined) return String(choices[0].index ?? 0);
  }
  return "0";
}

/** The index counts refusals apart from text, and `<think>` tags as text. */
async function checkTexts(recording: Recording, choice: string, text: string, reasoning: string): Promise<void> {
  const { [choice]: wantedText } = recording.text;
  const { [choice]: wantedReasoning } = recording.reasoning;
  const { [choice]: wantedRefusal } = recording.refusal;
  if (wantedText !== undefined && wantedRefusal !== undefined) {
    return assertSame("the length of text and refusal", [...text].length, wantedText.chars + wantedRefusal.chars);
  }
  const isTagged = wantedReasoning === undefined && reasoning !== "";
  const whole = isTagged ? `<think>${reasoning}${text === "" ? "" : "</think>"}${text}` : text;
  assertSame("the text", await digest(whole), (wantedText ?? wantedRefusal)?.sha256 ?? await digest(""));
  if (!isTagged) assertSame("the reasoning", await digest(reasoning), wantedReasoning?.sha256 ?? await digest(""));
}

async function digest(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

type Call = { readonly id: string; readonly function: { readonly name: string; readonly arguments: string } };

/** A call that came without an id gets a generated one. */
function checkCalls(recording: Recording, choice: string, calls: readonly Call[]): void {
  const wanted = recording.tool_calls.filter((call) => String(call.choice) === choice);
  const found = calls.map((call, at) => ({
    id: wanted[at]?.id ? call.id : call.id !== "" && null,
    name: call.function.name,
    arguments: call.function.arguments,
  }));
  assertSame(
    "the tool calls",
    found,
    wanted.map(({ id, name, arguments: args }) => ({ id: id || null, name, arguments: args })),
  );
  assertSame("the number of ids", new Set(calls.map(({ id }) => id)).size, calls.length);
}

/** The totals are the provider's, plus the reasoning where the provider counts it separately. No number is invented. */
function checkUsage(usage: Recording["usage"], found: ModelUsage, raw: string): void {
  const { totalInputTokens, totalOutputTokens, totalTokens } = found;
  if (usage === null) {
    for (const total of [totalInputTokens, totalOutputTokens, totalTokens]) {
      if (total !== undefined && !raw.includes(`tokens":${total}`)) {
        throw new Error(`the usage holds ${total}, which was never sent`);
      }
    }
    return;
  }
  const counts = usage as Record<string, number | undefined> & {
    completion_tokens_details?: { reasoning_tokens?: number };
  };
  const { prompt_tokens = 0, completion_tokens = 0, total_tokens, citation_tokens = 0 } = counts;
  const reasoning = counts.completion_tokens_details?.reasoning_tokens ?? 0;
  const isApart = total_tokens === prompt_tokens + completion_tokens + reasoning;
  assertSame("the usage", [totalInputTokens, totalOutputTokens, totalTokens], [
    prompt_tokens + citation_tokens,
    completion_tokens + (isApart ? reasoning : 0),
    (total_tokens ?? prompt_tokens + completion_tokens) + citation_tokens,
  ]);
}
