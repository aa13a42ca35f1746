/**
 * GET /api/chat/<run id> follows a resumable run; DELETE stops it.
 * @module
 */
import { CHAT_STREAM_HEADERS } from "../protocol/chat_event.ts";
import type { ReadableRun } from "../runs/readable_run.ts";
import { shuttingDown } from "../runs/run_error.ts";
import type { RunRegistry } from "../runs/run_registry.ts";
import type { Access } from "./access.ts";
import type { Limits } from "./limits.ts";
import type { RequestContext } from "./request_context.ts";
import { ownerOf, readIdempotencyKey, readLastEventId } from "./resumption.ts";

/** What the routes work with. */
export interface RunParts {
  readonly runs: RunRegistry;
  readonly limits: Limits;
  readonly access: Access;
}

/** The prefix of the addresses of runs. */
export const RUN_PATH = "/api/chat/";

/** The handler of GET /api/chat/<run id>. */
export function followRun({ runs, limits, access }: RunParts) {
  return async function handle(request: Request, context: RequestContext): Promise<Response> {
    access.assertOrigin(request);
    const after = readLastEventId(request);
    const caller = await access.identify(request, context.connection);
    await limits.rates.admitRead(caller);
    // A balancer then tries another server, which can serve the run for longer.
    if (runs.isDraining && runs.resumable.isShared) throw shuttingDown();
    const run = await runs.resumable.find(context.runId, ownerOf(caller));
    return await respondWith(run, after ?? 0, context);
  };
}

/** The handler of DELETE /api/chat/<run id>: idempotent. */
export function stopRun({ runs, limits, access }: RunParts) {
  return async function handle(request: Request, context: RequestContext): Promise<Response> {
    access.assertOrigin(request);
    const caller = await access.identify(request, context.connection);
    await limits.rates.admitRead(caller);
    await runs.resumable.stop(context.runId, ownerOf(caller));
    return noContent();
  };
}

/** The handler of DELETE /api/chat with an idempotency key: stops a run whose id the client does not know yet. */
export function stopRunByKey({ runs, limits, access }: RunParts) {
  return async function handle(request: Request, context: RequestContext): Promise<Response> {
    access.assertOrigin(request);
    const caller = await access.identify(request, context.connection);
    await limits.rates.admitRead(caller);
    const key = readIdempotencyKey(request, caller);
    if (key !== undefined) await runs.resumable.stopByKey(key);
    return noContent();
  };
}

/**
 * The response that follows a run from the event after `after`; 204 where the client has the terminal event, at which an
 * `EventSource` stops.
 * @throws {ChatError} `EventNotReached`, `EventsGone`, `RateLimitExceeded` or `ServerBusy`
 */
export async function respondWith(run: ReadableRun, after: number, context: RequestContext): Promise<Response> {
  await run.reach(after);
  if (run.isReadUpTo(after)) return noContent();
  const { body, ended } = run.read(after);
  context.follow(ended);
  return new Response(body, { headers: { ...CHAT_STREAM_HEADERS, "content-location": RUN_PATH + run.id } });
}

/** The response for nothing to say. */
export function noContent(): Response {
  return new Response(null, { status: 204, headers: { "cache-control": "no-store" } });
}
