/**
 * GET /api/chat/<run id> follows a resumable run; DELETE stops it.
 * @module
 */
import { shuttingDown } from "../runs/run_error.ts";
import type { RunRegistry } from "../runs/run_registry.ts";
import type { Access } from "./access.ts";
import { noContent, type RequestHead, respondWith } from "./answers.ts";
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

/** The handler of a route that follows or stops an answer. @param respond makes the response to an admitted caller */
export function runRoute({ limits, access }: RunParts, respond: (head: RequestHead) => Promise<Response>) {
  return async function handle(request: Request, context: RequestContext): Promise<Response> {
    const caller = await access.identify(request, context.connection);
    await limits.rates.admitRead(caller);
    return await respond({ request, context, caller });
  };
}

/** The handler of a route that follows an answer. */
export function followRoute(parts: RunParts, respond: (head: RequestHead) => Promise<Response>) {
  const { runs } = parts;
  return runRoute(parts, async (head) => {
    // A balancer then tries another server, which can serve the run for longer.
    if (runs.isDraining && runs.resumable.isShared) throw shuttingDown();
    return await respond(head);
  });
}

/** The handler of GET /api/chat/<run id>. */
export function followRun(parts: RunParts) {
  return followRoute(parts, async ({ request, context, caller }) => {
    const after = readLastEventId(request);
    const run = await parts.runs.resumable.find(context.id, ownerOf(caller));
    return await respondWith(run, context, { after, format: CHAT_FORMAT });
  });
}

/** The handler of DELETE /api/chat/<run id>: idempotent. */
export function stopRun(parts: RunParts) {
  return runRoute(parts, async ({ context, caller }) => {
    await parts.runs.resumable.stop(context.id, ownerOf(caller));
    return noContent();
  });
}

/** The handler of DELETE /api/chat with an idempotency key: stops a run whose id the client does not know yet. */
export function stopRunByKey(parts: RunParts) {
  return runRoute(parts, async ({ request, caller }) => {
    const key = readIdempotencyKey(request, caller);
    if (key !== undefined) await parts.runs.resumable.stopByKey(key);
    return noContent();
  });
}
