/**
 * The errors of runs.
 * @module
 */
import { ChatError, type ChatErrorReason } from "../protocol/chat_error.ts";

/** The `Retry-After` of a server that is full or stopping, in seconds. */
export const BUSY_RETRY_AFTER_SECONDS = 2;

/** The error of a server without a free place. */
export function noFreePlace(): ChatError {
  return serverBusy("This server has no free place at the moment.");
}

/** The error of a server that is stopping. */
export function shuttingDown(): ChatError {
  return serverBusy("This server is shutting down.");
}

function serverBusy(message: string): ChatError {
  return new ChatError("ServerBusy", message, { retryAfterSeconds: BUSY_RETRY_AFTER_SECONDS });
}

/** The one error for a run that does not exist, has expired, or belongs to another caller. */
export function runNotFound(): ChatError {
  return new ChatError("RunNotFound", "There is no such answer, or it is no longer kept.");
}

/** The error for an idempotency key that another request has. */
export function idempotencyKeyReused(): ChatError {
  return new ChatError("IdempotencyKeyReused", "The idempotency key belongs to another request.");
}

/** The error where a run may be another process's, and this one cannot find out. */
export function runsOutOfReach(): ChatError {
  return serverBusy("Answers of other servers cannot be reached at the moment.");
}

const MESSAGES = {
  abandoned: "Nobody was reading the answer.",
  answer_too_large: "The answer is larger than this server keeps.",
} as const satisfies Partial<Record<ChatErrorReason, string>>;

/** The error that ends a run from within. */
export function runError(reason: keyof typeof MESSAGES): ChatError {
  return new ChatError("StreamChunkError", MESSAGES[reason], { body: { reason } });
}
