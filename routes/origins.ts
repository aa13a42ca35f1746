/**
 * Decides which web pages may use this server, and sends the CORS headers. Origins must match exactly: looser rules
 * have been bypassed. Origins keep out other sites' pages, but not programs; limits protect against those.
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 * @module
 */
import { ChatError } from "../protocol/chat_error.ts";

/** The allowed origins besides our own. */
export interface AllowedOrigins {
  /** Origins as browsers write them: `https://example.com`, `http://localhost:8080`. */
  readonly exact: ReadonlySet<string>;
  /** Allow all pages of all sites. */
  readonly any: boolean;
  /** Allow pages of this machine on any port, for development. */
  readonly loopback: boolean;
}

/** What a page of another origin may send. */
const PREFLIGHT_HEADERS = {
  "access-control-allow-methods": "GET, POST, DELETE",
  "access-control-allow-headers": "authorization, content-type, idempotency-key, last-event-id",
  "access-control-max-age": "600",
} as const;
/** The response headers that a page of another origin may read. */
const EXPOSED_HEADERS = "content-location, retry-after, ratelimit, ratelimit-policy, x-vercel-ai-ui-message-stream";

/** True if the request's `Origin` is allowed, or absent: then it does not come from another site's page. */
export function isAllowedOrigin(request: Request, allowed: AllowedOrigins): boolean {
  const origin = request.headers.get("origin");
  if (origin === null || allowed.any || allowed.exact.has(origin)) return true;
  return isSameOrigin(origin, request) || (allowed.loopback && isLoopback(origin));
}

/** The headers that let an allowed page read the response. `Vary` is always set, so that caches separate origins. */
export function corsHeaders(request: Request, allowed: AllowedOrigins): [name: string, value: string][] {
  const origin = request.headers.get("origin");
  if (origin === null || !isAllowedOrigin(request, allowed)) return [["vary", "Origin"]];
  return [
    ["vary", "Origin"],
    ["access-control-allow-origin", allowed.any ? "*" : origin],
    ["access-control-expose-headers", EXPOSED_HEADERS],
  ];
}

/** The response to a preflight request. @throws {ChatError} `OriginNotAllowed` */
export function preflightResponse(request: Request, allowed: AllowedOrigins): Response {
  assertAllowedOrigin(request, allowed);
  return new Response(null, { status: 204, headers: PREFLIGHT_HEADERS });
}

/** @throws {ChatError} `OriginNotAllowed` for a page that may not use this server */
export function assertAllowedOrigin(request: Request, allowed: AllowedOrigins): void {
  if (isAllowedOrigin(request, allowed)) return;
  throw new ChatError("OriginNotAllowed", "This website may not use this chat server.");
}

/** Ignores the scheme: behind a proxy that terminates TLS, this server sees http where the page has https. */
function isSameOrigin(origin: string, request: Request): boolean {
  const url = parseOrigin(origin);
  return url !== undefined && url.host === hostOf(request);
}

/** The host and port that the client asked for. HTTP/2 has no `Host`, and its `:authority` is only in the URL. */
export function hostOf({ headers, url }: Request): string | undefined {
  return headers.get("host") ?? URL.parse(url)?.host;
}

function isLoopback(origin: string): boolean {
  const hostname = parseOrigin(origin)?.hostname ?? "";
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** Parses an origin; undefined where it is not written exactly as browsers write one. */
function parseOrigin(origin: string): URL | undefined {
  const url = URL.parse(origin);
  return url !== null && /^https?:$/.test(url.protocol) && url.origin === origin ? url : undefined;
}
