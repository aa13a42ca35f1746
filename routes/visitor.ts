/**
 * Who asks: the address, and the embed token where this server wants one.
 * @module
 */
import { type ClientAddress, readClientAddress } from "./client_address.ts";
import { type EmbedSecret, type EmbedToken, verifyEmbedToken } from "./embed_token.ts";
import type { Exchange } from "./exchange.ts";

/** Someone who may chat. */
export interface Visitor {
  readonly address: ClientAddress;
  readonly token?: EmbedToken;
}

/** How visitors are told apart. */
export interface VisitorOptions {
  /** How many proxies of ours stand in front of this server. */
  readonly trustedProxies?: number;
  /** Present: nobody chats without a token signed with one of them. */
  readonly embedSecrets?: readonly EmbedSecret[];
}

/** The visitor behind a request. @throws {ChatError} `Unauthorized` or `OriginNotAllowed` */
export async function identifyVisitor(
  request: Request,
  { connection }: Exchange,
  { trustedProxies = 0, embedSecrets }: VisitorOptions,
): Promise<Visitor> {
  if (trustedProxies === 0 && request.headers.has("x-forwarded-for")) warnOfProxy();
  const address = readClientAddress(request.headers, connection.remoteAddr, trustedProxies);
  if (embedSecrets === undefined) return { address };
  return { address, token: await verifyEmbedToken(request, embedSecrets) };
}

let hasWarned = false;

/** Once a process: it may as well be a client that made the header up. */
function warnOfProxy(): void {
  if (hasWarned) return;
  hasWarned = true;
  console.warn(
    "WARNING: requests come with X-Forwarded-For and TRUSTED_PROXIES is 0: visitors behind a proxy count as one.",
  );
}
