/**
 * Measures the first start on a new machine: `deno task dev` with an empty package cache, until the demo has streamed its
 * first text. Run it as `deno task first-start`; it needs the network, and takes the median of three runs.
 * @module
 */
import type { ChatEvent } from "../protocol/chat_event.ts";
import { readChatEvents } from "../protocol/chat_event_reader.ts";

/** The most that a first start may leave in Deno's cache, in bytes. */
const MAX_CACHE_BYTES = 65_000_000;
const RUNS = 3;
const ROOT = new URL("../", import.meta.url);
/** Whatever the environment and `.env` configure, the demo answers and the server lets this request in. */
const DEMO = {
  OPENAI_API_KEY: "",
  OPENAI_BASE_URL: "",
  ANTHROPIC_API_KEY: "",
  GEMINI_API_KEY: "",
  CONFIG: "",
  EMBED_SECRET: "",
  NO_COLOR: "1",
};

interface FirstStart {
  readonly cacheBytes: number;
  readonly seconds: number;
  /** What the start printed. */
  readonly output: string;
}

/** Starts once from an empty cache. @throws {Error} when the server ends, or fails, before it has streamed a text */
async function startOnce(): Promise<FirstStart> {
  const cache = await Deno.makeTempDir({ prefix: "first-start-" });
  const start = performance.now();
  const dev = new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "dev", "--port=0"],
    cwd: ROOT,
    env: { ...DEMO, DENO_DIR: cache },
    stdout: "piped",
  }).spawn();
  let output = "";
  const origin = Promise.withResolvers<string>();
  const reading = dev.stdout.pipeThrough(new TextDecoderStream()).pipeTo(
    new WritableStream({
      write(text) {
        output += text;
        const [address] = /http:\/\/localhost:\d+(?=\n)/.exec(output) ?? [];
        if (address !== undefined) origin.resolve(address);
      },
      close: () => origin.reject(new Error(`The server did not start. It printed:\n${output}`)),
    }),
  );
  try {
    await firstText(await origin.promise);
    const seconds = (performance.now() - start) / 1000;
    return { cacheBytes: await sizeOf(cache), seconds, output };
  } finally {
    dev.kill("SIGTERM");
    await Promise.all([reading, dev.status]);
    await Deno.remove(cache, { recursive: true });
  }
}

/** Asks the demo, and resolves when the first text of its answer has come. */
async function firstText(origin: string): Promise<void> {
  const response = await fetch(`${origin}/api/chat`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ messages: [{ role: "user", content: "Hi" }] }),
  });
  const leave = new AbortController();
  const onEvent = ({ type }: ChatEvent) => {
    if (type === "error") throw new Error("The demo's answer failed");
    if (type === "text") leave.abort();
  };
  await readChatEvents(response.body!, onEvent, leave.signal).catch((error) => {
    if (!leave.signal.aborted) throw error;
  });
}

/** The sum of the file sizes in a folder, in bytes. */
async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    bytes += isDirectory ? await sizeOf(`${folder}/${name}`) : (await Deno.stat(`${folder}/${name}`)).size;
  }
  return bytes;
}

if (import.meta.main) {
  const starts: FirstStart[] = [];
  for (let run = 1; run <= RUNS; run++) {
    const start = await startOnce();
    starts.push(start);
    console.log(
      `Run ${run}: ${(start.cacheBytes / 1e6).toFixed(1)} MB, first text after ${start.seconds.toFixed(1)} s`,
    );
  }
  const { cacheBytes, seconds, output } = starts.toSorted((a, b) => a.seconds - b.seconds)[(RUNS - 1) / 2]!;
  console.log(`Median: ${(cacheBytes / 1e6).toFixed(1)} MB, first text after ${seconds.toFixed(1)} s`);
  console.log(`Printed:\n${output.trimEnd()}`);
  if (cacheBytes > MAX_CACHE_BYTES) {
    console.error(`The first start downloads more than ${MAX_CACHE_BYTES / 1e6} MB.`);
    Deno.exitCode = 1;
  }
}
