/**
 * `@std/http` as this project uses it, taken from npm so that an install needs one registry only.
 * The types are written out because `deno-std` ships JavaScript; they match the original's.
 * Removing the `links` entry in `deno.json` takes the package from JSR instead.
 * @module
 */
// deno-lint-ignore-file no-explicit-any
import * as etag from "deno-std/http/etag.js";
import * as negotiation from "deno-std/http/negotiation.js";
import * as status from "deno-std/http/status.js";

/** The entity tag, quoted, of some bytes or text (RFC 9110, section 8.8.3). */
export const eTag: (
  entity: string | Uint8Array,
  options?: { weak?: boolean },
) => Promise<string> = (etag as any).eTag;

/** False when `If-None-Match` names this tag already: the answer is then 304 (RFC 9110, section 13.1.2). */
export const ifNoneMatch: (
  headerValue: string | null,
  tag: string | undefined,
) => boolean = (etag as any).ifNoneMatch;

/** The one of `encodings` that the request's `Accept-Encoding` likes best, or undefined (RFC 9110, section 12.5.3). */
export const acceptsEncodings: (
  request: { headers: Headers },
  ...encodings: string[]
) => string | undefined = (negotiation as any).acceptsEncodings;

/** The HTTP status codes by name. */
export const STATUS_CODE: {
  readonly OK: 200;
  readonly NoContent: 204;
  readonly NotModified: 304;
  readonly BadRequest: 400;
  readonly Unauthorized: 401;
  readonly Forbidden: 403;
  readonly NotFound: 404;
  readonly MethodNotAllowed: 405;
  readonly ContentTooLarge: 413;
  readonly UnsupportedMediaType: 415;
  readonly TooManyRequests: 429;
  readonly InternalServerError: 500;
  readonly BadGateway: 502;
  readonly ServiceUnavailable: 503;
  readonly GatewayTimeout: 504;
} = (status as any).STATUS_CODE;
