/**
 * GET /api/chat/<run id> follows a resumable run; DELETE stops it.
 * @module
 */
import { CHAT_STREAM_HEADERS } from "../protocol/chat_event.ts";
import type { ResumableRun } from "../runs/resumable_run.ts";
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
    const run = runs.resumable.find(context.runId, ownerOf(caller));
    return respondWith(run, after ?? 0, context);
  };
}

/** The handler of DELETE /api/chat/<run id>: idempotent. */
export function stopRun({ runs, limits, access }: RunParts) {
  return async function handle(request: Request, context: RequestContext): Promise<Response> {
    access.assertOrigin(request);
    const caller = await access.identify(request, context.connection);
    await limits.rates.admitRead(caller);
    runs.resumable.find(context.runId, ownerOf(caller)).stop();
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
    if (key !== undefined) runs.resumable.keys.stop(key);
    return noContent();
  };
}

/**
 * The response that follows a run from the event after `after`; 204 where the client has the terminal event, at which an
 * `EventSource` stops.
 * @throws {ChatError} `EventNotReached`, `RateLimitExceeded` or `ServerBusy`
 */
export function respondWith(run: ResumableRun, after: number, context: RequestContext): Response {
  if (run.log.hasEnded && after === run.log.newest) return noContent();
  const { body, ended } = run.read(after);
  context.follow(ended);
  return new Response(body, { headers: { ...CHAT_STREAM_HEADERS, "content-location": RUN_PATH + run.id } });
}

/** The response for nothing to say. */
export function noContent(): Response {
  return new Response(null, { status: 204, headers: { "cache-control": "no-store" } });
}
