/**
 * The headers by which a client takes an answer up again: `Last-Event-ID` and `Idempotency-Key`.
 * @see ../docs/protocol.md
 * @module
 */
import { ChatError } from "../protocol/chat_error.ts";
import type { Caller } from "./access.ts";

/** The longest idempotency key, in characters. */
export const MAX_IDEMPOTENCY_KEY_CHARS = 255;

/**
 * The number of the last event that the client has; undefined where it names none.
 * @throws {ChatError} `InvalidRequestFormat` for anything but a decimal number of at most 15 digits
 */
export function readLastEventId({ headers, url }: Request): number | undefined {
  // The header wins: an EventSource that reconnects sends it beside the address that it began with.
  const value = headers.get("last-event-id") ?? URL.parse(url)?.searchParams.get("after") ?? undefined;
  if (value === undefined) return undefined;
  if (/^\d{1,15}$/.test(value)) return Number(value);
  throw new ChatError("InvalidRequestFormat", "Last-Event-ID must be a decimal number of at most 15 digits.");
}

/**
 * The idempotency key of a request, with its scope: a token's visitor has keys of its own; without tokens an origin has.
 * Addresses are no scope: phones change theirs.
 * @returns undefined where the client sent none
 * @throws {ChatError} `InvalidRequestFormat` for anything but 1 to 255 visible ASCII characters
 */
export function readIdempotencyKey({ headers }: Request, caller: Caller): string | undefined {
  const key = headers.get("idempotency-key");
  if (key === null) return undefined;
  if (!/^[\x21-\x7e]+$/.test(key) || key.length > MAX_IDEMPOTENCY_KEY_CHARS) {
    throw new ChatError(
      "InvalidRequestFormat",
      `Idempotency-Key must be 1 to ${MAX_IDEMPOTENCY_KEY_CHARS} visible ASCII characters.`,
    );
  }
  return `${caller.token === undefined ? headers.get("origin") ?? "" : ownerOf(caller)}\n${key}`;
}

/** Who owns a run that this caller starts: a token's visitor, else everybody who knows the run's id. */
export function ownerOf({ token }: Caller): string {
  return token === undefined ? "" : `${token.origin} ${token.subject}`;
}
