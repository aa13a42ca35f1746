/**
 * Attacks by visitors who want more than their limits allow: leaving before the count, many addresses, a clock that
 * jumps, and keys that are guessed by time.
 * @module
 */
import type { ChatEvent } from "../../protocol/chat_event.ts";
import { readChatEvents } from "../../protocol/chat_event_reader.ts";
import { digestProxyKey, findProxyKey } from "../../routes/proxy_keys.ts";
import { answerOf, contentChunk, FakeOpenAI, sse } from "../fake_openai.ts";
import { Program } from "../program.ts";
import { eventsOf } from "../test_server.ts";
import type { Attack, Outcome, Size } from "./attack.ts";

const ROOT = new URL("../../", import.meta.url);

/** Reads each answer and leaves just before the provider's count of its tokens. */
async function leaveBeforeCount(): Promise<Outcome> {
  const budget = 20_000;
  const tokensOfAnswer = 4000;
  // Four characters are a token in English, at most.
  const events = sse(...Array.from({ length: 10 }, () => contentChunk("word ".repeat(tokensOfAnswer * 4 / 5 / 10))));
  await using provider = new FakeOpenAI(() => ({ body: events, end: "stall" }));
  const env = { RATE_LIMIT_TOKENS_PER_DAY: `${budget}`, RATE_LIMIT_REQUESTS_PER_MINUTE: "0" };
  await using program = await Program.start({ OPENAI_BASE_URL: provider.baseURL, ...env });
  let tokens = 0;
  let answers = 0;
  for (let tries = 0; tries < 99; tries++) {
    const chat = await program.chat();
    if (chat.status !== 200) {
      await chat.body?.cancel();
      continue;
    }
    answers++;
    const chars = await readThenLeave(chat, tokensOfAnswer * 4);
    tokens += Math.round(chars / 4);
  }
  return { holds: tokens <= 2 * budget, figure: `${answers} of 99 answers, ${tokens} tokens of ${budget}` };
}

/** Reads an answer up to so many characters. @returns how many there were */
async function readThenLeave(chat: Response, chars: number): Promise<number> {
  const leave = new AbortController();
  let read = 0;
  const onEvent = (event: ChatEvent) => {
    if (event.type === "text") read += event.data.length;
    if (read >= chars) leave.abort();
  };
  await readChatEvents(chat.body!, onEvent, leave.signal).catch(() => {});
  return read;
}

/** As many addresses as an IPv6 network of /44 has networks of /64. */
async function manyKeys(size: Size): Promise<Outcome> {
  const [count, maxMB] = size === "full" ? [1_000_000, 300] : [100_000, 250];
  const script = new URL("limit_keys.ts", import.meta.url).pathname;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--quiet", "--allow-sys", "--v8-flags=--max-old-space-size=8192", script, `${count}`],
    cwd: ROOT,
    stderr: "inherit",
  }).output();
  const megabytes = Number(new TextDecoder().decode(stdout));
  return { holds: megabytes > 0 && megabytes <= maxMB, figure: `${count} networks: ${megabytes} MB more` };
}

/** The clock of the machine jumps an hour back and then forth while a limit is reached and a stream is live. */
async function jumpClock(): Promise<Outcome> {
  const finished = Promise.withResolvers<void>();
  async function* body(isFirst: boolean) {
    yield* sse(contentChunk("first "));
    if (isFirst) await finished.promise;
    yield* answerOf("last");
  }
  await using provider = new FakeOpenAI((_request, count) => ({ body: body(count === 0) }));
  const env = { OPENAI_BASE_URL: provider.baseURL, RATE_LIMIT_REQUESTS_PER_MINUTE: "2" };
  const preload = new URL("jumping_clock.ts", import.meta.url).pathname;
  await using program = await Program.start(env, { preload });
  const live = await program.chat();
  await eventsOf(await program.chat());
  const waits: number[] = [];
  for (const signal of ["SIGUSR2", "SIGWINCH"] as const) {
    program.signal(signal);
    await program.printedError(signal);
    const refused = await program.chat();
    await refused.body?.cancel();
    waits.push(Number(refused.headers.get("retry-after")));
  }
  finished.resolve();
  const ending = (await eventsOf(live)).at(-1)?.type;
  const [back = Infinity, forth = Infinity] = waits;
  return {
    holds: ending === "stop" && back <= 60 && forth <= 60,
    figure: `Retry-After ${back} after a jump back, ${forth} after one forth; the live stream ended with ${ending}`,
  };
}

/** Compares keys whose beginning is right with keys that are wrong from their first character, in turn. */
function timeKeys(): Promise<Outcome> {
  const key = "k".repeat(64);
  const keys = new Map([["one", digestProxyKey(key)]]);
  const guesses = ["x".repeat(64), `${"k".repeat(63)}x`].map((guess) =>
    new Request("http://localhost/v1/models", { headers: { authorization: `Bearer ${guess}` } })
  );
  const times: number[][] = [[], []];
  for (let round = 0; round < 20_000; round++) {
    for (const [index, request] of guesses.entries()) {
      const start = performance.now();
      for (let repetition = 0; repetition < 10; repetition++) {
        try {
          findProxyKey(request, keys);
        } catch {
          // Both are wrong.
        }
      }
      times[index]!.push((performance.now() - start) * 1e5);
    }
  }
  const [wrong = NaN, close = NaN] = times.map((list) => list.sort((a, b) => a - b)[list.length / 2]!);
  return Promise.resolve({
    holds: Math.abs(wrong - close) <= 0.05 * wrong,
    figure: `median ${wrong.toFixed(0)} ns for a wrong key, ${close.toFixed(0)} ns for an almost right one`,
  });
}

/** The attacks of this file. */
export const CHEATS: readonly Attack[] = [
  { name: "leaving before the count", wanted: "at most twice the budget", run: leaveBeforeCount },
  { name: "many addresses", wanted: "at most 300 MB for a million", run: manyKeys },
  { name: "a clock that jumps", wanted: "Retry-After of a minute at most", run: jumpClock },
  { name: "keys guessed by time", wanted: "no difference above 5 %", onlyFull: true, run: timeKeys },
];
