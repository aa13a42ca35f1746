/**
 * GET /api/chat/<run id> follows a resumable run; DELETE stops it.
 * @module
 */
import { shuttingDown } from "../runs/run_error.ts";
import type { RunRegistry } from "../runs/run_registry.ts";
import type { Access } from "./access.ts";
import { noContent, respondWith } from "./answers.ts";
import { CHAT_FORMAT } from "./chat.ts";
import type { Limits } from "./limits.ts";
import type { RequestContext } from "./request_context.ts";
import { ownerOf, readIdempotencyKey, readLastEventId } from "./resumption.ts";

/** What the routes work with. */
export interface RunParts {
  readonly runs: RunRegistry;
  readonly limits: Limits;
  readonly access: Access;
}

/** The handler of GET /api/chat/<run id>. */
export function followRun({ runs, limits, access }: RunParts) {
  return async function handle(request: Request, context: RequestContext): Promise<Response> {
    access.assertOrigin(request);
    const after = readLastEventId(request);
    const caller = await access.identify(request, context.connection);
    await limits.rates.admitRead(caller);
    // A balancer then tries another server, which can serve the run for longer.
    if (runs.isDraining && runs.resumable.isShared) throw shuttingDown();
    const run = await runs.resumable.find(context.id, ownerOf(caller));
    return await respondWith(run, context, { after, format: CHAT_FORMAT });
  };
}

/** The handler of DELETE /api/chat/<run id>: idempotent. */
export function stopRun({ runs, limits, access }: RunParts) {
  return async function handle(request: Request, context: RequestContext): Promise<Response> {
    access.assertOrigin(request);
    const caller = await access.identify(request, context.connection);
    await limits.rates.admitRead(caller);
    await runs.resumable.stop(context.id, ownerOf(caller));
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
