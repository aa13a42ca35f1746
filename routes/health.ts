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

/** The handler of GET /readyz: 503 while the server is stopping. */
export function readiness({ runs }: { readonly runs: RunRegistry }) {
  return function handle(): Response {
    const { isDraining } = runs;
    return Response.json({ status: isDraining ? "draining" : "ready" }, {
      status: isDraining ? 503 : 200,
      headers: HEADERS,
    });
  };
}
