/**
 * GET /healthz says that the process answers; GET /readyz, whether it should get new work: not while it is shutting down.
 * @module
 */

/** The answer of /healthz. */
export function health(): Response {
  return Response.json({ status: "ok" }, { headers: { "cache-control": "no-store" } });
}

/** The answer of /readyz. */
export function readiness(isDraining: boolean): Response {
  return Response.json({ status: isDraining ? "draining" : "ready" }, {
    status: isDraining ? 503 : 200,
    headers: { "cache-control": "no-store" },
  });
}
