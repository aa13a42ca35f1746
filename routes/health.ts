/**
 * GET /healthz: the process responds. GET /readyz: it accepts new work.
 * @module
 */
import type { RunRegistry } from "../runs/run_registry.ts";

/** Whether the server accepts new connections. */
export interface Accepting {
  readonly isPaused: boolean;
}

const HEADERS = { "cache-control": "no-store" };

/** The handler of GET /healthz. */
export function health(): Response {
  return Response.json({ status: "ok" }, { headers: HEADERS });
}

/** What the readiness depends on. */
export interface ReadinessParts {
  readonly runs: RunRegistry;
  readonly listener: Accepting;
}

/**
 * The handler of GET /readyz: 503 while the server is stopping, or accepts no connections. A Redis that cannot be used is only
 * named: the server goes on without it, and a balancer must not take every server away at once.
 */
export function readiness({ runs, listener }: ReadinessParts) {
  return function handle(): Response {
    const { isDraining, redisProblem } = runs;
    const status = isDraining ? "draining" : listener.isPaused ? "out_of_file_descriptors" : "ready";
    const redis = redisProblem === undefined ? {} : { redis: redisProblem === "" ? "ok" : "unavailable" };
    return Response.json({ status, ...redis }, { status: status === "ready" ? 200 : 503, headers: HEADERS });
  };
}
