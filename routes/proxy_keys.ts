/**
 * The keys of proxy mode and their names. Only SHA-256 digests are kept, and all of them are compared in constant time, so
 * that the time reveals nothing about a key (`bench/key_timing.ts`).
 * @module
 */
import { hash, timingSafeEqual } from "node:crypto";
import { ChatError } from "../protocol/chat_error.ts";
import { readBearerToken } from "./bearer_token.ts";

/** The digests of the valid keys, by name. */
export type ProxyKeys = ReadonlyMap<string, Uint8Array>;

/** The digest of a key. */
export function digestProxyKey(key: string): Uint8Array {
  return hash("sha256", key, "buffer");
}

/**
 * The name of the key in a request: `Authorization: Bearer …`, or `x-api-key`, which Anthropic's clients send.
 * @throws {ChatError} `Unauthorized`
 */
export function findProxyKey({ headers }: Request, keys: ProxyKeys): string {
  const digest = digestProxyKey(readBearerToken(headers) ?? headers.get("x-api-key") ?? "");
  let found: string | undefined;
  // No early exit: the time must not reveal which key matched.
  for (const [name, candidate] of keys) if (timingSafeEqual(digest, candidate)) found = name;
  if (found === undefined) throw new ChatError("Unauthorized", "The API key is missing or not valid here.");
  return found;
}

/**
 * The headers with an `Idempotency-Key` of the key's own. All keys share one account at the provider: with the same
 * `Idempotency-Key` as another client, a client could get the other one's answer.
 * @param key the name of the proxy key
 */
export function scopeIdempotencyKey(headers: Headers, key: string): Headers {
  const sent = headers.get("idempotency-key");
  if (sent === null) return headers;
  const scoped = new Headers(headers);
  scoped.set("idempotency-key", hash("sha256", JSON.stringify([key, sent])));
  return scoped;
}
