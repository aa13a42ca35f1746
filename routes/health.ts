/**
 * GET /healthz: the process responds. GET /readyz: it accepts new work.
 * @module
 */
import type { RunRegistry } from "../runs/run_registry.ts";

const HEADERS = { "cache-control": "no-store" };

/** The handler of GET /healthz. */
export function health(): Response {
  return Response.json({ status: "ok" }, { headers: HEADERS });
}

/**
 * The handler of GET /readyz: 503 while the server is stopping. A Redis that cannot be used is only named: the server goes on
 * without it, and a balancer must not take every server away at once.
 */
export function readiness({ runs }: { readonly runs: RunRegistry }) {
  return function handle(): Response {
    const { isDraining, redisProblem } = runs;
    const redis = redisProblem === undefined ? {} : { redis: redisProblem === "" ? "ok" : "unavailable" };
    return Response.json({ status: isDraining ? "draining" : "ready", ...redis }, {
      status: isDraining ? 503 : 200,
      headers: HEADERS,
    });
  };
}
