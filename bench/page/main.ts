/**
 * `deno task bench:page`: measures the page and the component as a visitor's browser shows them, in Chromium, and prints
 * each figure with its limit. Figures are medians of the runs, with the lowest and the highest.
 * @module
 */
import { FakeChatServer } from "../../tests/browser/fake_chat_server.ts";
import { openBrowser } from "../../tests/browser/open_browser.ts";
import { ServerProcess } from "../../tests/server_process.ts";
import { median } from "../statistics.ts";
import { readFrames, readLoading, restore, watchFrames, watchLoading } from "./probes.ts";

type Browser = NonNullable<Awaited<ReturnType<typeof openBrowser>>>;
type Context = Awaited<ReturnType<Browser["newContext"]>>;
type Page = Awaited<ReturnType<Context["newPage"]>>;

const RUNS = 5;
/** A slow mobile network: delay of each request, bytes per second. */
const SLOW = { latency: 400, downloadThroughput: 50 * 1024, uploadThroughput: 50 * 1024, offline: false };
/** How much slower than this machine a visitor's processor may be. */
const CPU_SLOWDOWN = 4;
/** The demo answers with text, code and a source; a table; a formula. */
const DEMO_QUESTIONS = ["Explain server-sent events with an example", "A table, please", "And a formula"];
const LONG_ANSWER_BYTES = 100 * 1024;
const RESTORED_MESSAGES = 500;
const ANSWERS = 200;

const PARAGRAPH =
  "Server-sent events are plain HTTP: the server keeps the response **open** and writes small text blocks, " +
  "and the browser hands each one over as soon as it is `whole`. See the [standard](https://html.spec.whatwg.org/).\n\n";
const SECTION = `## How it works\n\n${PARAGRAPH.repeat(3)}- one direction\n- no handshake\n- every proxy knows it\n\n` +
  "| Event | Carries |\n|---|---|\n| `text` | a part of the answer |\n| `stop` | the reason |\n\n" +
  '```ts\nfor await (const event of readChatEvents(response.body)) {\n  if (event.type === "text") show(event.data);\n}\n```\n\n';
const LONG_ANSWER = SECTION.repeat(Math.ceil(LONG_ANSWER_BYTES / SECTION.length)).slice(0, LONG_ANSWER_BYTES);

if (import.meta.main) await main();

async function main(): Promise<void> {
  const browser = await openBrowser();
  if (browser === undefined) Deno.exit(1);
  console.log(`Chromium ${browser.version()}, load ${Deno.loadavg()[0]?.toFixed(1)}, ${RUNS} runs\n`);
  try {
    await measureLoading(browser);
    await measureLongAnswer(browser);
    await measureFrames(browser);
    await measureRestore(browser);
    await measureMemory(browser);
  } finally {
    await browser.close();
  }
}

/** The demo page of the real server, on a slow network and with an empty cache. */
async function measureLoading(browser: Browser): Promise<void> {
  await using server = await ServerProcess.start({});
  // Browsers accept brotli from a secure origin, which localhost is and 127.0.0.1 is not.
  const origin = server.origin.replace("127.0.0.1", "localhost");
  const runs = await repeat(() =>
    withPage(browser, async (page) => {
      await (await devtools(page)).send("Network.emulateNetworkConditions", SLOW);
      await page.addInitScript(watchLoading);
      await page.goto(origin);
      await page.waitForFunction(() => (globalThis as unknown as { times: { usable: number } }).times.usable > 0);
      const { bytes, requests } = await page.evaluate(readLoading);
      for (const [index, question] of DEMO_QUESTIONS.entries()) {
        await page.getByRole("textbox").fill(question);
        await page.keyboard.press("Enter");
        await page.getByRole("button", { name: "Answer again" }).nth(index).waitFor({ timeout: 60_000 });
      }
      return { ...await page.evaluate(readLoading), bytes, requests };
    })
  );
  print("demo page at 400 ms and 50 KB/s: first content (ms)", runs.map(({ paint }) => paint), 2000);
  print("demo page at 400 ms and 50 KB/s: usable (ms)", runs.map(({ usable }) => usable), 2000);
  print("demo page: requests", runs.map(({ requests }) => requests));
  print("demo page: bytes of the bodies", runs.map(({ bytes }) => bytes));
  print("demo page: layout shift, with an answer of each kind", runs.map(({ shift }) => shift), 0);
}

/** A long answer that arrives as fast as the browser reads it. */
async function measureLongAnswer(browser: Browser): Promise<void> {
  const runs = await repeat(() =>
    withChat(browser, async (page, server) => {
      const answer = await ask(page, server);
      const begin = performance.now();
      for (let at = 0; at < LONG_ANSWER.length; at += 50) answer.text(LONG_ANSWER.slice(at, at + 50));
      answer.finish();
      await page.getByRole("button", { name: "Answer again" }).waitFor({ timeout: 60_000 });
      return performance.now() - begin;
    })
  );
  print("100 KB answer, all at once: until it is shown (ms)", runs, 2000);
}

/**
 * What the page's main thread does while a long answer arrives in 10 s. On a busy machine the processor time of tasks says
 * more about the page than the time between frames, which is measured with a slowed processor.
 */
async function measureFrames(browser: Browser): Promise<void> {
  const runs = await repeat(() => streamLongAnswer(browser, 1));
  const longest = runs.map((run) => run.longest * CPU_SLOWDOWN);
  print(`100 KB answer in 10 s: longest task × ${CPU_SLOWDOWN}, for a slower processor (ms)`, longest, 50);
  const slow = await repeat(() => streamLongAnswer(browser, CPU_SLOWDOWN));
  const what = `the same, processor slowed ${CPU_SLOWDOWN} times`;
  print(`${what}: longest task (ms)`, slow.map(({ longest }) => longest), 50);
  print(`${what}: worst frame (ms)`, slow.map(({ frame }) => frame), 50);
}

/** @param rate how many times slower the processor is */
function streamLongAnswer(browser: Browser, rate: number): Promise<{ longest: number; frame: number }> {
  return withChat(browser, async (page, server) => {
    const answer = await ask(page, server);
    answer.text("Well. ");
    await page.getByText("Well.").waitFor();
    await (await devtools(page)).send("Emulation.setCPUThrottlingRate", { rate });
    await page.evaluate(watchFrames);
    await browser.startTracing(page, { categories: ["toplevel", "disabled-by-default-devtools.timeline"] });
    for (let at = 0; at < LONG_ANSWER.length; at += 512) {
      answer.text(LONG_ANSWER.slice(at, at + 512));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const longest = longestTask(await browser.stopTracing());
    const frames = await page.evaluate(readFrames);
    answer.finish();
    return { longest, frame: Math.max(...frames) };
  });
}

/** The processor time of the longest task on the page's main thread, in ms. */
function longestTask(trace: Uint8Array): number {
  const { traceEvents } = JSON.parse(new TextDecoder().decode(trace)) as { traceEvents: TraceEvent[] };
  const named = traceEvents.filter(({ name, args }) => name === "thread_name" && args?.name === "CrRendererMain");
  const threads = new Set(named.map(({ pid, tid }) => `${pid}:${tid}`));
  const tasks = traceEvents.filter(({ name, pid, tid }) => name === "RunTask" && threads.has(`${pid}:${tid}`));
  return Math.max(...tasks.map(({ tdur = 0 }) => tdur)) / 1000;
}

/** An event of a Chromium trace. Times are in µs. */
interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** The time on the processor. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

async function measureRestore(browser: Browser): Promise<void> {
  const entries = Array.from({ length: RESTORED_MESSAGES }, (_, id) => ({
    id,
    ...(id > 0 && { parent: id - 1 }),
    ...(id % 2 === 0
      ? { type: "question", content: `Question ${id}` }
      : { type: "answer", status: "done", answer: { text: SECTION, stop: "stop" } }),
  }));
  const state = { entries, leaf: RESTORED_MESSAGES - 1, nextId: RESTORED_MESSAGES };
  const runs = await repeat(() => withChat(browser, (page) => page.evaluate(restore, state)));
  print(`${RESTORED_MESSAGES} messages restored: until they are painted (ms)`, runs, 300);
}

async function measureMemory(browser: Browser): Promise<void> {
  await withChat(browser, async (page, server) => {
    const session = await devtools(page);
    const heap = async () => {
      await session.send("HeapProfiler.collectGarbage");
      const { usedSize } = await session.send("Runtime.getHeapUsage");
      return usedSize / 1e6;
    };
    const before = await heap();
    for (let number = 1; number <= ANSWERS; number++) {
      (await ask(page, server)).finish(SECTION);
      await page.getByRole("button", { name: "Answer again" }).nth(number - 1).waitFor();
    }
    print(`memory after ${ANSWERS} answers of ${(SECTION.length / 1024).toFixed(1)} KB (MB more)`, [
      await heap() - before,
    ]);
  });
}

async function ask(page: Page, server: FakeChatServer) {
  await page.getByRole("textbox", { name: "Message" }).fill("Why?");
  await page.keyboard.press("Enter");
  return await server.nextAnswer();
}

async function withPage<T>(browser: Browser, measure: (page: Page) => Promise<T>): Promise<T> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    return await measure(await context.newPage());
  } finally {
    await context.close();
  }
}

async function withChat<T>(browser: Browser, measure: (page: Page, server: FakeChatServer) => Promise<T>): Promise<T> {
  await using server = new FakeChatServer();
  return await withPage(browser, async (page) => {
    await page.goto(server.origin);
    await page.getByRole("textbox").waitFor();
    return await measure(page, server);
  });
}

function devtools(page: Page) {
  return page.context().newCDPSession(page);
}

async function repeat<T>(measure: () => Promise<T>, runs = RUNS): Promise<T[]> {
  const results: T[] = [];
  for (let run = 0; run < runs; run++) results.push(await measure());
  return results;
}

function print(what: string, values: readonly number[], limit?: number): void {
  const [middle, low, high] = [median(values), Math.min(...values), Math.max(...values)].map(format);
  const verdict = limit === undefined ? "" : `${median(values) <= limit ? "within" : "OVER"} ${limit}`;
  console.log(`${what.padEnd(68)}${String(middle).padStart(9)}  (${low}–${high})  ${verdict}`.trimEnd());
}

function format(value: number): string {
  return value.toFixed(value < 10 && !Number.isInteger(value) ? 3 : 0);
}
