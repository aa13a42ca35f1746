/**
 * Runs recorded streams of Gemini and of the Responses API, from their bytes to our events, and compares all of it with the
 * recordings' index. The recorded error bodies and request bodies follow.
 * @module
 */
import { EMPTY_ANSWER, reduceChatAnswer } from "../../protocol/chat_answer.ts";
import type { ChatEvent } from "../../protocol/chat_event.ts";
import type { Dialect } from "../../upstream/chat_events/dialect.ts";
import { shownCode } from "../../upstream/chat_events/shown_code.ts";
import { gemini } from "../../upstream/gemini/gemini.ts";
import { responses } from "../../upstream/responses/responses.ts";
import { cutAtRandom } from "../chunkings.ts";
import { SeededRandom } from "../seeded_random.ts";
import { decodeAll, transformAll } from "../upstream/dialect_answer.ts";
import { assertSame, readSuite, Suite, type SuiteResult } from "./suite.ts";

/** Length and digest stand for a text in the index. */
interface Digest {
  readonly chars: number;
  readonly sha256: string;
}

interface Recording {
  readonly file: string;
  readonly text: Readonly<Record<string, Digest>>;
  readonly reasoning: Readonly<Record<string, Digest>>;
  readonly refusal: Readonly<Record<string, Digest>>;
  readonly final_text?: Readonly<Record<string, Digest>> | null;
  readonly tool_calls: readonly RecordedCall[];
  readonly server_tool_calls: readonly Readonly<Record<string, unknown>>[];
  readonly server_tool_results: readonly Readonly<Record<string, unknown>>[];
  readonly citations: readonly { readonly uri?: string; readonly url?: string }[];
  readonly grounding: {
    readonly chunks: readonly { readonly uri: string | null }[];
    readonly queries: readonly string[];
  } | null;
  readonly images: readonly { readonly sha256: string; readonly thought?: boolean }[];
  readonly stop_reason: string | null;
  readonly prompt_feedback?: { readonly blockReason?: string } | null;
  readonly usage: Readonly<Record<string, number | undefined>> | null;
  readonly errors: readonly unknown[];
}

interface RecordedCall {
  readonly type?: string;
  readonly id: string | null;
  readonly call_id?: string;
  readonly name: string;
  readonly args?: unknown;
  readonly arguments?: string;
  readonly input?: string;
  readonly signature?: boolean;
}

/** What differs between the two, in the terms of the index. */
interface Wire {
  readonly name: "gemini" | "responses";
  readonly dialect: Dialect;
  /** What the provider runs itself, as it is shown. */
  readonly shown: (recording: Recording, raw: string) => string[];
  readonly calls: (recording: Recording, raw: string) => unknown[];
  readonly totals: (usage: Readonly<Record<string, number | undefined>>) => readonly (number | undefined)[];
  /** The terminal event; `"error"` for any error. */
  readonly ending: (recording: Recording) => string;
}

const GEMINI: Wire = {
  name: "gemini",
  dialect: gemini,
  shown: ({ server_tool_calls, server_tool_results }) => [
    ...server_tool_calls.map(({ language, code }) => shownCode(String(language), String(code))),
    ...server_tool_results.map(({ output, outcome }) => shownCode("", String(output ?? outcome))),
  ],
  calls: ({ tool_calls }) =>
    tool_calls.map(({ id, name, args, signature }) => ({ id, name, input: args, signature: signature === true })),
  totals: (
    { promptTokenCount, toolUsePromptTokenCount = 0, candidatesTokenCount, thoughtsTokenCount, totalTokenCount },
  ) => [
    promptTokenCount === undefined ? undefined : promptTokenCount + toolUsePromptTokenCount,
    candidatesTokenCount === undefined && thoughtsTokenCount === undefined
      ? undefined
      : (candidatesTokenCount ?? 0) + (thoughtsTokenCount ?? 0),
    totalTokenCount,
  ],
  ending({ stop_reason, tool_calls, errors, prompt_feedback }) {
    if (errors.length > 0 || stop_reason === null || prompt_feedback?.blockReason !== undefined) return "error";
    if (stop_reason === "STOP") return tool_calls.length > 0 ? "tool_calls" : "stop";
    if (stop_reason === "MAX_TOKENS") return "length";
    return /SAFETY|RECITATION|PROHIBITED|BLOCKLIST|SPII|MALFORMED|UNEXPECTED|LANGUAGE|NO_IMAGE|IMAGE_/.test(stop_reason)
      ? "error"
      : stop_reason.toLowerCase();
  },
};

/** xAI runs custom tools itself: no request has declared them. */
function isServerRun({ type, name }: RecordedCall, raw: string): boolean {
  if (type !== "custom_tool_call") return false;
  const responses = eventsIn(raw).map((event) =>
    event.response as { tools?: { type: string; name?: string }[] } | undefined
  );
  const tools = responses.find((response) => Array.isArray(response?.tools))?.tools;
  return tools !== undefined && !tools.some((tool) => tool.type === "custom" && tool.name === name);
}

function eventsIn(raw: string): Record<string, unknown>[] {
  return Array.from(raw.matchAll(/^data: (\{.*)$/gm), ([, json]) => JSON.parse(json!) as Record<string, unknown>);
}

const RESPONSES: Wire = {
  name: "responses",
  dialect: responses,
  shown: ({ tool_calls }, raw) => [
    ...tool_calls.filter((call) => isServerRun(call, raw)).map(({ name, input }) => shownCode("", `${name} ${input}`)),
    ...eventsIn(raw).flatMap(({ type, item }) => {
      const { type: kind, code } = (item ?? {}) as { type?: string; code?: string };
      const isCode = type === "response.output_item.done" && kind === "code_interpreter_call";
      return isCode && typeof code === "string" ? [shownCode("python", code)] : [];
    }),
  ],
  calls: ({ tool_calls }, raw) =>
    tool_calls.filter((call) => !isServerRun(call, raw)).map((call) => ({
      id: call.call_id ?? call.id,
      name: call.name,
      input: call.type === "custom_tool_call" ? call.input : call.arguments,
      signature: call.type === "custom_tool_call",
    })),
  totals: ({ input_tokens, output_tokens, total_tokens }) => [input_tokens, output_tokens, total_tokens],
  ending({ stop_reason, tool_calls, errors }) {
    if (errors.length > 0 || stop_reason === null || stop_reason === "failed" || stop_reason === "content_filter") {
      return "error";
    }
    if (stop_reason === "completed") {
      return tool_calls.some(({ type }) => type === "function_call") ? "tool_calls" : "stop";
    }
    return stop_reason === "max_output_tokens" ? "length" : stop_reason;
  },
};

/** Runs `recordings/gemini` and `recordings/responses`, as far as the folder has them. */
export async function runGeminiAndResponses(suitesDir: string): Promise<SuiteResult[]> {
  const results: SuiteResult[] = [];
  for (const wire of [GEMINI, RESPONSES]) {
    const index = await readSuite<readonly Recording[]>(suitesDir, `recordings/${wire.name}/INDEX.json`);
    if (index === undefined) continue;
    const suite = new Suite(`${wire.name}: streams, whole, in random pieces, byte by byte, through the transform`);
    for (const recording of index) {
      await suite.try(recording.file, async () => {
        const bytes = await Deno.readFile(`${suitesDir}/recordings/${wire.name}/${recording.file}`);
        await checkRecording(wire, recording, bytes);
      });
    }
    results.push(suite.result);
  }
  return results;
}

async function checkRecording(wire: Wire, recording: Recording, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const raw = new TextDecoder().decode(bytes);
  const cuts = [[bytes], ...[1, 2, 3].map((seed) => cutAtRandom(bytes, new SeededRandom(seed), 10 ** seed))];
  for (const chunks of cuts) await check(wire, recording, raw, decodeAll(wire.dialect, chunks));
  await check(wire, recording, raw, decodeAll(wire.dialect, Array.from(bytes, (_, at) => bytes.subarray(at, at + 1))));
  await check(wire, recording, raw, await transformAll(wire.dialect, cutAtRandom(bytes, new SeededRandom(7), 700)));
}

async function check(wire: Wire, recording: Recording, raw: string, events: readonly ChatEvent[]): Promise<void> {
  const answer = events.reduce(reduceChatAnswer, EMPTY_ANSWER);
  // Some recorders left deltas out. Where there are none, the whole counts.
  const text = recording.text["0"] ?? recording.refusal["0"] ?? recording.final_text?.["0"];
  assertSame("the text", await digest(answer.text), text?.sha256 ?? await digest(""));
  const shown = wire.shown(recording, raw);
  const told = events.flatMap((event) => event.type === "reasoning" ? [event.data] : []);
  assertSame("what the provider ran", shown.filter((block) => !told.includes(block)), []);
  const reasoning = told.filter((block) => !shown.includes(block)).join("");
  assertSame("the reasoning", await digest(reasoning), recording.reasoning["0"]?.sha256 ?? await digest(""));
  checkCalls(wire.calls(recording, raw), answer.tool_calls ?? []);
  checkSources(recording, answer.grounding);
  const images = await Promise.all((answer.base64_images ?? []).map((url) => digestImage(url)));
  assertSame(
    "the images",
    images,
    recording.images.filter(({ thought }) => thought !== true).map(({ sha256 }) => sha256),
  );
  const { totalInputTokens, totalOutputTokens, totalTokens } = answer.usage ?? {};
  const totals = wire.totals(recording.usage ?? {});
  assertSame("the usage", [totalInputTokens, totalOutputTokens, totalTokens], totals);
  assertSame("the ending", answer.error === undefined ? answer.stop : "error", wire.ending(recording));
}

type Call = {
  readonly id: string;
  readonly function: { readonly name: string; readonly arguments: string };
  readonly thoughtSignature?: string;
};

/** A call that came without an id gets a generated one. Arguments are compared as text, or as JSON where the index has that. */
function checkCalls(wanted: readonly unknown[], calls: readonly Call[]): void {
  const known = wanted as readonly { id: string | null; input: unknown }[];
  const found = calls.map(({ id, function: { name, arguments: text }, thoughtSignature }, at) => ({
    id: known[at]?.id === null ? null : id,
    name,
    input: typeof known[at]?.input === "string" ? text : JSON.parse(text) as unknown,
    signature: thoughtSignature !== undefined,
  }));
  assertSame("the tool calls", found, wanted);
  assertSame("the number of ids", new Set(calls.map(({ id }) => id)).size, calls.length);
}

type Sources = { readonly citations: readonly { readonly url: string }[]; readonly searchQueries?: readonly string[] };

function checkSources({ citations, grounding, server_tool_calls }: Recording, found: Sources | undefined): void {
  const urls = [
    ...grounding?.chunks.map(({ uri }) => uri) ?? [],
    ...citations.map(({ uri, url }) => uri ?? url),
  ].filter((url) => url !== null && url !== undefined && url !== "");
  assertSame("the citations", found?.citations.map(({ url }) => url).toSorted() ?? [], [...new Set(urls)].toSorted());
  const searched = server_tool_calls.flatMap(({ action }) => {
    const { query, queries = [] } = (action ?? {}) as { query?: string; queries?: string[] };
    return [query, ...queries];
  });
  const queries = [...grounding?.queries ?? [], ...searched].filter((query) => query !== undefined && query !== "");
  assertSame("the queries", found?.searchQueries ?? [], [...new Set(queries)]);
}

async function digestImage(url: string): Promise<string> {
  const bytes = Uint8Array.from(atob(url.slice(url.indexOf(",") + 1)), (character) => character.charCodeAt(0));
  return hex(await crypto.subtle.digest("SHA-256", bytes));
}

async function digest(text: string): Promise<string> {
  return hex(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}

function hex(hash: ArrayBuffer): string {
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
