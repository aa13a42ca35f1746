/**
 * Runs every server through every scenario, round by round, so that a noisy minute affects all of them alike.
 * @module
 */
import { burst, cancel, type Extent, firstEvent, idle, paced, slowReader } from "./scenarios.ts";
import type { Server } from "./servers.ts";
import { type RunningProcess, startProviderProcess, startServer } from "./server_process.ts";
import { median } from "./statistics.ts";

/** The figures of one server. Times to the first event are without the provider's own time. */
export interface Figures {
  readonly burstCpuMicros: number;
  readonly burstEventsPerSecond: number;
  readonly pacedCpuMicros: number;
  readonly pacedEventsPerSecond: number;
  readonly firstEventMedianMs: number;
  readonly firstEventP99Ms: number;
  readonly cancelP99Ms: number;
  readonly idleBytesPerStream: number;
  readonly slowReaderBytes: number;
}

/** The medians of all rounds. A figure is missing where its scenario does not apply to the server. */
export type ServerResult =
  | { readonly status: "measured"; readonly figures: Partial<Figures> }
  | { readonly status: "skipped"; readonly reason: string };

/** The results of a run. */
export interface Results {
  readonly rounds: number;
  readonly servers: ReadonlyMap<string, ServerResult>;
}

/** The longest duration of a run. */
export const MAX_RUN_MS = 8 * 60_000;
/** The longest duration of a group of scenarios. A server that takes longer is stuck. */
const MAX_WORK_MS = 45_000;

/**
 * Measures `servers` in turn, `extent.rounds` times; fewer times, but at least once, where time would run out.
 * @param report receives the progress
 */
export async function measure(
  servers: readonly Server[],
  extent: Extent,
  report: (line: string) => void,
): Promise<Results> {
  await using provider = await startProviderProcess();
  const start = performance.now();
  const seen = new Map<string, Partial<Figures>[]>(servers.map((server) => [server.name, []]));
  const skipped = new Map<string, string>();
  let rounds = 0;
  while (rounds < extent.rounds && (performance.now() - start) * (rounds + 1) / Math.max(1, rounds) < MAX_RUN_MS) {
    rounds++;
    for (const server of servers.filter(({ name }) => !skipped.has(name))) {
      report(`round ${rounds} of ${extent.rounds}: ${server.name}`);
      try {
        seen.get(server.name)!.push(await measureServer(server, provider, extent));
      } catch (error) {
        skipped.set(server.name, (error as Error).message);
        report(`  skipped: ${(error as Error).message}`);
      }
    }
  }
  const result = ({ name }: Server): ServerResult => {
    const reason = skipped.get(name);
    if (reason !== undefined) return { status: "skipped", reason: reason.split("\n")[0] ?? "" };
    return { status: "measured", figures: medians(seen.get(name)!) };
  };
  return { rounds, servers: new Map(servers.map((server) => [server.name, result(server)])) };
}

/** Measures one server. Each group of scenarios gets a fresh process, because memory is rarely given back. */
async function measureServer(server: Server, provider: RunningProcess, extent: Extent): Promise<Partial<Figures>> {
  const fresh = async <T>(work: (running: RunningProcess) => Promise<T>) => {
    await using running = await startServer(server, provider.target.port);
    // When the process ends, the pending reads fail.
    const timer = setTimeout(() => running.end(), MAX_WORK_MS);
    try {
      return await work(running);
    } finally {
      clearTimeout(timer);
    }
  };
  const flow = await fresh((running) =>
    server.scenarios === "events" ? measureEvents(running, extent) : measureFlow(running, provider, extent)
  );
  if (server.scenarios !== "all") return flow;
  return {
    ...flow,
    idleBytesPerStream: await fresh((running) => idle(running, extent)),
    slowReaderBytes: await fresh((running) => slowReader(running, extent.slowMs)),
  };
}

async function measureFlow(running: RunningProcess, provider: RunningProcess, extent: Extent) {
  const direct = await firstEvent(provider.target, extent.firstEvents);
  const through = await firstEvent(running.target, extent.firstEvents);
  const cancelled = await cancel(running.target, provider.target, extent.cancels);
  return {
    firstEventMedianMs: through.medianMs - direct.medianMs,
    firstEventP99Ms: through.p99Ms - direct.p99Ms,
    cancelP99Ms: cancelled.p99Ms,
    ...await measureEvents(running, extent),
  };
}

async function measureEvents(running: RunningProcess, extent: Extent) {
  const burstFlow = await burst(running, extent.burstMs);
  const pacedFlow = await paced(running, extent);
  return {
    burstCpuMicros: burstFlow.cpuMicros,
    burstEventsPerSecond: burstFlow.eventsPerSecond,
    pacedCpuMicros: pacedFlow.cpuMicros,
    pacedEventsPerSecond: pacedFlow.eventsPerSecond,
  };
}

/** The median of each figure over the rounds. */
export function medians(rounds: readonly Partial<Figures>[]): Partial<Figures> {
  const names = Object.keys(rounds[0] ?? {}) as (keyof Figures)[];
  return Object.fromEntries(
    names.map((name) => [name, median(rounds.flatMap((figures) => figures[name] ?? []))]),
  );
}
