/**
 * The keys of proxy mode: which are valid, and whose they are. Only their SHA-256 digests are kept, and all of them are
 * compared in constant time, so neither memory nor the clock gives one away.
 * @module
 */
import { hash, timingSafeEqual } from "node:crypto";
import { ChatError } from "../protocol/chat_error.ts";

/** The digests of the valid keys, by the name of whoever has each. */
export type ProxyKeys = ReadonlyMap<string, Uint8Array>;

/** The digest under which a key is kept. */
export function digestProxyKey(key: string): Uint8Array {
  return hash("sha256", key, "buffer");
}

/** The name of the key that a request brings as `Authorization: Bearer …`. @throws {ChatError} `Unauthorized` */
export function findProxyKey({ headers }: Request, keys: ProxyKeys): string {
  const [, key = ""] = /^Bearer +(\S+)$/i.exec(headers.get("authorization") ?? "") ?? [];
  const digest = digestProxyKey(key);
  let found: string | undefined;
  // Every key is looked at, whichever fits: how long this takes says nothing.
  for (const [name, candidate] of keys) if (timingSafeEqual(digest, candidate)) found = name;
  if (found === undefined) throw new ChatError("Unauthorized", "The API key is missing or not valid here.");
  return found;
}
