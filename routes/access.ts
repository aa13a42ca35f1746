/**
 * Who may use this server: which pages, and which callers.
 * @module
 */
import { type ClientAddress, readClientAddress } from "./client_address.ts";
import { type EmbedSecret, type EmbedToken, verifyEmbedToken } from "./embed_token.ts";
import { type AllowedOrigins, assertAllowedOrigin, corsHeaders, preflightResponse } from "./origins.ts";
import type { Connection } from "./request_context.ts";

/** Someone who may chat. */
export interface Caller {
  readonly address: ClientAddress;
  /** Present where this server requires one. */
  readonly token?: EmbedToken;
}

/** The rules of access. */
export interface AccessRules {
  readonly allowedOrigins: AllowedOrigins;
  /** The number of our own proxies in front of this server. */
  readonly trustedProxies: number;
  /** Secrets that embed tokens are signed with. Empty: no token is required. */
  readonly embedSecrets: readonly EmbedSecret[];
}

/** The rules, applied to requests. */
export class Access {
  readonly #rules: AccessRules;
  #hasWarned = false;

  constructor(rules: AccessRules) {
    this.#rules = rules;
  }

  /** @throws {ChatError} `OriginNotAllowed` for a page that may not use this server */
  assertOrigin(request: Request): void {
    assertAllowedOrigin(request, this.#rules.allowedOrigins);
  }

  /** The headers that let an allowed page read the response. */
  corsHeaders(request: Request): [name: string, value: string][] {
    return corsHeaders(request, this.#rules.allowedOrigins);
  }

  /** The response to a preflight request. @throws {ChatError} `OriginNotAllowed` */
  preflightResponse(request: Request): Response {
    return preflightResponse(request, this.#rules.allowedOrigins);
  }

  /** The caller of a request of an allowed page. @throws {ChatError} `OriginNotAllowed` or `Unauthorized` */
  async identify(request: Request, { remoteAddr }: Connection): Promise<Caller> {
    this.assertOrigin(request);
    const { trustedProxies, embedSecrets } = this.#rules;
    if (trustedProxies === 0 && request.headers.has("x-forwarded-for")) this.#warnOfProxy();
    const address = readClientAddress(request.headers, remoteAddr, trustedProxies);
    if (embedSecrets.length === 0) return { address };
    return { address, token: await verifyEmbedToken(request, embedSecrets) };
  }

  /** Warns once, because any client can send the header. */
  #warnOfProxy(): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    console.warn(
      "WARNING: requests arrive with X-Forwarded-For, but TRUSTED_PROXIES is 0: all visitors behind a proxy count as one.",
    );
  }
}
