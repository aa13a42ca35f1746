/**
 * The scenarios: one function each, which puts load on a server, measures it, and is bounded in time.
 * @module
 */
import { LoadConnection, type Target } from "./load_client.ts";
import { cpuSeconds, memoryBytes, peakMemoryBytes, resetPeak } from "./process_stats.ts";
import type { RunningProcess } from "./server_process.ts";
import { median, quantile } from "./statistics.ts";

/** The extent of a run. */
export interface Extent {
  readonly rounds: number;
  readonly burstMs: number;
  readonly pacedMs: number;
  /** How long many streams may take to open. */
  readonly openMs: number;
  readonly idleStreams: number;
  readonly idleMs: number;
  readonly firstEvents: number;
  readonly cancels: number;
  readonly slowMs: number;
}

/** A full run: about seven minutes. */
export const FULL: Extent = {
  rounds: 3,
  burstMs: 1_500,
  pacedMs: 2_500,
  openMs: 4_000,
  idleStreams: 2_000,
  idleMs: 2_500,
  firstEvents: 200,
  cancels: 100,
  slowMs: 2_500,
};

/** A quick run: one round in under a minute. It gives the ranking, but no reliable figures. */
export const QUICK: Extent = {
  rounds: 1,
  burstMs: 300,
  pacedMs: 700,
  openMs: 1_000,
  idleStreams: 200,
  idleMs: 600,
  firstEvents: 30,
  cancels: 10,
  slowMs: 500,
};

const BURST_STREAMS = 10;
const BURST_TOKENS = 2_000;
const PACED_STREAMS = 300;
const PACE_MS = 20;
/** More than any scenario reads: such a stream ends when its client leaves. */
const ENDLESS_TOKENS = 1_000_000;
/** 5 MB of text, in tokens of four characters. */
const SLOW_TOKENS = 1_250_000;
const SLOW_READ_BYTES = 1_024;
const SLOW_READ_EVERY_MS = 20;

/** CPU time and throughput of a period of traffic. */
export interface Flow {
  /** Microseconds of the server's user and system time per event delivered. */
  readonly cpuMicros: number;
  readonly eventsPerSecond: number;
}

/** The delays of many requests. */
export interface Delay {
  readonly medianMs: number;
  readonly p99Ms: number;
}

/** Ten clients, each of which reads one answer of 2,000 tokens after the other without a pace. */
export async function burst(server: RunningProcess, durationMs: number): Promise<Flow> {
  const client = async (deadline: number) => {
    using connection = await LoadConnection.open(server.target);
    let events = 0;
    do {
      await connection.send(`bench-${BURST_TOKENS}-0`);
      const delivered = await connection.readStream();
      if (delivered < BURST_TOKENS) throw new Error(`an answer of ${BURST_TOKENS} tokens had ${delivered} events`);
      events += BURST_TOKENS;
    } while (performance.now() < deadline);
    return events;
  };
  const round = async (ms: number) => {
    const deadline = performance.now() + ms;
    const events = await Promise.all(Array.from({ length: BURST_STREAMS }, () => client(deadline)));
    return events.reduce((sum, one) => sum + one, 0);
  };
  // Warm up: in the first seconds the compiler takes part of the CPU time.
  await round(durationMs * 2);
  return await measureFlow(server.pid, () => round(durationMs));
}

/** 300 streams with an event each 20 ms, measured in their middle. */
export async function paced(server: RunningProcess, { pacedMs, openMs }: Extent): Promise<Flow> {
  let events = 0;
  await using streams = new OpenStreams(server.target, (more) => events += more);
  await streams.open(PACED_STREAMS, PACE_MS, openMs);
  await delay(pacedMs / 4);
  return await measureFlow(server.pid, async () => {
    const before = events;
    await delay(pacedMs);
    return events - before;
  });
}

/** Memory of each of many open streams with an event a second, in bytes. */
export async function idle(server: RunningProcess, { idleStreams, idleMs, openMs }: Extent): Promise<number> {
  await burst(server, WARM_UP_MS);
  const before = memoryBytes(server.pid);
  await using streams = new OpenStreams(server.target, () => {});
  const open = await streams.open(idleStreams, 1_000, openMs);
  await delay(idleMs);
  return (memoryBytes(server.pid) - before) / Math.max(1, open);
}

/** Milliseconds from a request to its first token, one request at a time. */
export async function firstEvent(target: Target, requests: number): Promise<Delay> {
  using connection = await LoadConnection.open(target);
  const delays: number[] = [];
  for (let request = -WARM_UP_REQUESTS; request < requests; request++) {
    const start = performance.now();
    await connection.send("bench-3-0");
    await connection.readStream({
      onFirstText: () => {
        if (request >= 0) delays.push(performance.now() - start);
      },
    });
  }
  if (delays.length !== requests) throw new Error(`${requests - delays.length} answers had no text`);
  return { medianMs: median(delays), p99Ms: quantile(delays, 0.99) };
}

/** Requests before the first one that counts. */
const WARM_UP_REQUESTS = 20;
/** Traffic before memory is measured, so that code and caches are in it. */
const WARM_UP_MS = 100;

/** Milliseconds from when a client leaves in mid-stream until the provider's connection is closed. */
export async function cancel(target: Target, provider: Target, times: number): Promise<Delay> {
  using reports = await LeaveReports.open(provider);
  const delays: number[] = [];
  for (let time = 0; time < times; time++) {
    const tag = `c${time}`;
    const connection = await LoadConnection.open(target);
    await connection.send(`bench-${ENDLESS_TOKENS}-5-${tag}`);
    const started = Promise.withResolvers<void>();
    const reading = connection.readStream({ onFirstText: started.resolve }).catch(started.reject);
    await started.promise;
    const start = performance.now();
    connection[Symbol.dispose]();
    await reports.until(tag);
    delays.push(performance.now() - start);
    await reading;
  }
  return { medianMs: median(delays), p99Ms: quantile(delays, 0.99) };
}

/** The peak growth of memory while a client slowly reads the start of an answer of 5 MB, in bytes. */
export async function slowReader(server: RunningProcess, durationMs: number): Promise<number> {
  await burst(server, WARM_UP_MS);
  const before = memoryBytes(server.pid);
  resetPeak(server.pid);
  using connection = await LoadConnection.open(server.target, SLOW_READ_BYTES);
  await connection.send(`bench-${SLOW_TOKENS}-0`);
  const deadline = performance.now() + durationMs;
  while (performance.now() < deadline) {
    await connection.readSome();
    await delay(SLOW_READ_EVERY_MS);
  }
  return Math.max(0, peakMemoryBytes(server.pid) - before);
}

async function measureFlow(pid: number, traffic: () => Promise<number>): Promise<Flow> {
  const cpu = cpuSeconds(pid);
  const start = performance.now();
  const events = await traffic();
  const seconds = (performance.now() - start) / 1_000;
  return { cpuMicros: (cpuSeconds(pid) - cpu) * 1e6 / events, eventsPerSecond: events / seconds };
}

/** Many open streams, which are read until they are disposed of. */
class OpenStreams implements AsyncDisposable {
  readonly #target: Target;
  readonly #onEvents: (events: number) => void;
  readonly #connections: LoadConnection[] = [];
  readonly #readings: Promise<void>[] = [];
  #started = 0;

  constructor(target: Target, onEvents: (events: number) => void) {
    this.#target = target;
    this.#onEvents = onEvents;
  }

  /**
   * Opens `count` streams, a few at a time, and returns how many have delivered text. It gives up after `timeoutMs`, so
   * that a slow server is measured with what it delivers.
   */
  async open(count: number, paceMs: number, timeoutMs: number): Promise<number> {
    const deadline = delay(timeoutMs);
    const started: Promise<void>[] = [];
    for (let opened = 0; opened < count; opened += OPEN_AT_ONCE) {
      const group = Array.from({ length: Math.min(OPEN_AT_ONCE, count - opened) }, () => this.#openOne(paceMs));
      started.push(...group);
      await Promise.race([Promise.all(group), delay(GROUP_TIMEOUT_MS)]);
    }
    await Promise.race([Promise.all(started), deadline]);
    return this.#started;
  }

  async #openOne(paceMs: number): Promise<void> {
    const connection = await LoadConnection.open(this.#target, 4_096);
    this.#connections.push(connection);
    await connection.send(`bench-${ENDLESS_TOKENS}-${paceMs}`);
    const { promise, resolve } = Promise.withResolvers<void>();
    const onFirstText = () => {
      this.#started++;
      resolve();
    };
    // A reading rejects when the client leaves. If it rejects earlier, the stream counts as not started.
    this.#readings.push(
      connection.readStream({ onEvents: this.#onEvents, onFirstText }).then(() => resolve(), () => resolve()),
    );
    await promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.#connections) connection[Symbol.dispose]();
    await Promise.all(this.#readings);
  }
}

const OPEN_AT_ONCE = 20;
const GROUP_TIMEOUT_MS = 100;

/** The provider's reports of clients that left. */
class LeaveReports implements Disposable {
  readonly #connection: Deno.Conn;
  readonly #seen = new Set<string>();
  readonly #decoder = new TextDecoder();
  readonly #buffer = new Uint8Array(4_096);
  #rest = "";

  private constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  static async open(provider: Target): Promise<LeaveReports> {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: provider.port });
    await connection.write(new TextEncoder().encode("GET /closed HTTP/1.1\r\n\r\n"));
    const reports = new LeaveReports(connection);
    await reports.until("ready");
    return reports;
  }

  /** Resolves when the report for `tag` has arrived. */
  async until(tag: string): Promise<void> {
    while (!this.#seen.has(tag)) {
      const size = await this.#connection.read(this.#buffer);
      if (size === null) throw new Error("Cannot read the provider's reports: it closed the connection");
      const lines = (this.#rest + this.#decoder.decode(this.#buffer.subarray(0, size))).split("\n");
      this.#rest = lines.pop() ?? "";
      for (const line of lines) this.#seen.add(line.split(" ")[0] ?? "");
    }
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
