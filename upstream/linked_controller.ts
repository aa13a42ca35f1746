/**
 * An abort that follows another one, and may come on its own account too: a client's leaving ends what is done for it,
 * and so does a deadline or the end of the server.
 * @module
 */

/** A controller that aborts with `signal`, for the same reason, or by itself before. */
export function linkedController(signal: AbortSignal): AbortController {
  const controller = new AbortController();
  const follow = () => controller.abort(signal.reason);
  signal.addEventListener("abort", follow, { once: true });
  if (signal.aborted) follow();
  return controller;
}
