/**
 * Decides which web pages may talk to this server, and says so in CORS headers. Exact matches only: every cleverer rule
 * has been bypassed somewhere. This keeps other sites' pages out, not programs: limits do that.
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 * @module
 */
import { ChatError } from "../protocol/chat_error.ts";

/** The origins let in besides our own. */
export interface AllowedOrigins {
  /** Spelt as browsers spell them: `https://example.com`, `http://localhost:8080`. */
  readonly exact: ReadonlySet<string>;
  /** Every page of every site. */
  readonly any: boolean;
  /** Pages of this machine, whatever their port: for development. */
  readonly loopback: boolean;
}

/** What a browser may send and read across origins. */
const PREFLIGHT_HEADERS = {
  "access-control-allow-methods": "GET, POST, DELETE",
  "access-control-allow-headers": "authorization, content-type, idempotency-key, last-event-id",
  "access-control-max-age": "600",
} as const;
const EXPOSED_HEADERS = "content-location, retry-after, ratelimit, ratelimit-policy";

/** True when a request with this `Origin` may be answered; a request without one does not come from another site's page. */
export function isAllowedOrigin(request: Request, allowed: AllowedOrigins): boolean {
  const origin = request.headers.get("origin");
  if (origin === null || allowed.any || allowed.exact.has(origin)) return true;
  return isSameOrigin(origin, request) || (allowed.loopback && isLoopback(origin));
}

/** The headers that let the page of an allowed origin read an answer. `Vary` is always there: caches must not mix them up. */
export function corsHeaders(request: Request, allowed: AllowedOrigins): [name: string, value: string][] {
  const origin = request.headers.get("origin");
  if (origin === null || !isAllowedOrigin(request, allowed)) return [["vary", "Origin"]];
  return [
    ["vary", "Origin"],
    ["access-control-allow-origin", allowed.any ? "*" : origin],
    ["access-control-expose-headers", EXPOSED_HEADERS],
  ];
}

/** The answer to a preflight request. @throws {ChatError} `OriginNotAllowed` */
export function answerPreflight(request: Request, allowed: AllowedOrigins): Response {
  assertAllowedOrigin(request, allowed);
  return new Response(null, { status: 204, headers: PREFLIGHT_HEADERS });
}

/** @throws {ChatError} `OriginNotAllowed` for a page that may not use this server */
export function assertAllowedOrigin(request: Request, allowed: AllowedOrigins): void {
  if (isAllowedOrigin(request, allowed)) return;
  throw new ChatError("OriginNotAllowed", "This website may not use this chat server.");
}

/** The scheme is not compared: behind a proxy that ends TLS, this server sees http where the page says https. */
function isSameOrigin(origin: string, request: Request): boolean {
  const url = parseOrigin(origin);
  return url !== undefined && url.host === request.headers.get("host");
}

function isLoopback(origin: string): boolean {
  const hostname = parseOrigin(origin)?.hostname ?? "";
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** The origin's parts, where it is spelt exactly as browsers spell one. */
function parseOrigin(origin: string): URL | undefined {
  const url = URL.parse(origin);
  return url !== null && /^https?:$/.test(url.protocol) && url.origin === origin ? url : undefined;
}
