/**
 * Measures what the server's own HTTPS costs an event: CPU of the server's process with plain HTTP/1.1, with HTTPS over
 * HTTP/1.1, and with HTTP/2, where all streams share a connection. The client is `fetch` in all three, because the figures
 * are compared with each other only. Run with `deno run --allow-all bench/https.ts`, on Linux.
 * @module
 */
import { RUNTIME_FLAGS } from "../tools/runtime_flags.ts";
import { requestBody } from "./load_client.ts";
import { cpuSeconds } from "./process_stats.ts";
import { startProviderProcess } from "./server_process.ts";
import { median } from "./statistics.ts";

const STREAMS = 100;
const PACE_MS = 20;
const ROUNDS = 5;
const WARM_UP_MS = 1_500;
const MEASURED_MS = 4_000;
const ROOT = import.meta.dirname + "/..";
const CERTIFICATE = `${ROOT}/tests/fixtures/tls/cert.pem`;
const KEY = `${ROOT}/tests/fixtures/tls/key.pem`;

const VARIANTS = [
  { name: "HTTP/1.1", hasTls: false, http2: false },
  { name: "HTTPS, HTTP/1.1", hasTls: true, http2: false },
  { name: "HTTPS, HTTP/2", hasTls: true, http2: true },
] as const;

type Variant = typeof VARIANTS[number];

interface Figures {
  readonly cpuMicros: number;
  /** The events that arrived, as a share of those that the provider's pace allows. */
  readonly paceKept: number;
}

/** Starts the server, and returns its process and address once it listens. */
async function start({ hasTls }: Variant, providerPort: number): Promise<[server: Deno.ChildProcess, origin: string]> {
  const server = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", ...RUNTIME_FLAGS, "--allow-net", "--allow-read", "--allow-env", "main.ts"],
    cwd: ROOT,
    env: {
      PORT: "0",
      OPENAI_BASE_URL: `http://127.0.0.1:${providerPort}/v1`,
      OPENAI_API_KEY: "sk-bench",
      CHAT_MODELS: "*",
      ...(hasTls && { TLS_CERT: CERTIFICATE, TLS_KEY: KEY }),
    },
    stdout: "piped",
  }).spawn();
  const output = server.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let printed = "";
  while (!printed.includes("\nProvider")) {
    const { value, done } = await output.read();
    if (done) throw new Error(`The server ended. It printed: ${printed}`);
    printed += value;
  }
  // What it logs later must be read, or it would wait.
  void (async () => {
    while (!(await output.read()).done);
  })();
  const port = printed.match(/:(\d+)\n/)![1];
  return [server, `${hasTls ? "https" : "http"}://127.0.0.1:${port}`];
}

/** Reads a stream to its end, and reports the events in each chunk. */
async function readStream(origin: string, client: Deno.HttpClient, onEvents: (n: number) => void) {
  const init = { method: "POST", headers: { "content-type": "application/json" }, client };
  const response = await fetch(`${origin}/api/chat`, { ...init, body: requestBody(`bench-1000000-${PACE_MS}`) });
  if (!response.ok) throw new Error(`Cannot measure: ${response.status} ${await response.text()}`);
  for await (const bytes of response.body!) {
    let events = 0;
    for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) if (bytes[at + 1] === 10) events++;
    onEvents(events);
  }
}

async function measure(variant: Variant, providerPort: number): Promise<Figures> {
  const [server, origin] = await start(variant, providerPort);
  using client = Deno.createHttpClient({
    caCerts: [await Deno.readTextFile(CERTIFICATE)],
    http2: variant.http2,
    http1: !variant.http2,
  });
  let events = 0;
  let isOver = false;
  const streams = Array.from(
    { length: STREAMS },
    () =>
      readStream(origin, client, (more) => events += more).catch((error) => {
        if (!isOver) throw error;
      }),
  );
  await delay(WARM_UP_MS);
  const [cpuBefore, eventsBefore, startedAt] = [cpuSeconds(server.pid), events, performance.now()];
  await delay(MEASURED_MS);
  const measuredMs = performance.now() - startedAt;
  const figures = {
    cpuMicros: (cpuSeconds(server.pid) - cpuBefore) * 1e6 / (events - eventsBefore),
    paceKept: (events - eventsBefore) / (STREAMS * measuredMs / PACE_MS),
  };
  isOver = true;
  server.kill("SIGKILL");
  await Promise.all([server.status, ...streams]);
  return figures;
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

await using provider = await startProviderProcess();
const seen = new Map<Variant, Figures[]>(VARIANTS.map((variant) => [variant, []]));
for (let round = 0; round < ROUNDS; round++) {
  for (const variant of VARIANTS) seen.get(variant)!.push(await measure(variant, provider.target.port));
}
console.log(`${STREAMS} streams with an event each ${PACE_MS} ms, medians of ${ROUNDS} rounds`);
for (const [{ name }, rounds] of seen) {
  const cpu = median(rounds.map(({ cpuMicros }) => cpuMicros));
  const pace = median(rounds.map(({ paceKept }) => paceKept));
  console.log(`${name.padEnd(16)}  ${cpu.toFixed(1).padStart(5)} µs an event, pace kept ${(pace * 100).toFixed(0)} %`);
}
