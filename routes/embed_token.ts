/**
 * Embed tokens: a site's own backend signs one to let a visitor chat. A token is a short-lived JSON Web Token, signed
 * with a secret that the site and this server share. It is bound to the site's origin and can restrict models, length
 * and rate.
 * @see https://www.rfc-editor.org/rfc/rfc7519 and docs/security.md
 * @module
 */
import { errors, jwtVerify, SignJWT } from "jose";
import { ChatError } from "../protocol/chat_error.ts";
import { MAX_NAME_CHARS } from "../protocol/chat_request.ts";
import { readBearerToken } from "./bearer_token.ts";
import { hostOf } from "./origins.ts";

/** The longest time until a token expires, in seconds. */
export const MAX_TOKEN_AGE_SECONDS = 60 * 60;
/** The tolerated difference between the clocks of a site and this server, in seconds. */
export const CLOCK_TOLERANCE_SECONDS = 30;
/** The longest token that is accepted, in characters. */
export const MAX_TOKEN_CHARS = 4096;

/** A secret for signing tokens. Two are valid at once while one replaces the other. */
export interface EmbedSecret {
  /** The `kid` of its tokens; absent for tokens without `kid`. */
  readonly id?: string;
  readonly secret: string;
}

/** The claims of a token. */
export interface EmbedToken {
  /** The site's id for the visitor. Limits are counted by it. */
  readonly subject: string;
  /** The only origin whose pages may use it, such as `https://example.com`. */
  readonly origin: string;
  /** The only models that requests may name. */
  readonly models?: readonly string[];
  /** Maximum output tokens of an answer. */
  readonly maxOutputTokens?: number;
  readonly requestsPerMinute?: number;
}

/**
 * Signs a token that is valid for `seconds` from now.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { mintEmbedToken, verifyEmbedToken } from "./embed_token.ts";
 *
 * const secret = { secret: "0123456789abcdef0123456789abcdef" };
 * const token = await mintEmbedToken(secret, { subject: "user-7", origin: "https://example.com" }, 600);
 * const headers = { authorization: `Bearer ${token}`, origin: "https://example.com" };
 * const request = new Request("http://localhost/api/chat", { method: "POST", headers });
 * assertEquals((await verifyEmbedToken(request, [secret])).subject, "user-7");
 * ```
 */
export function mintEmbedToken({ id, secret }: EmbedSecret, token: EmbedToken, seconds: number): Promise<string> {
  const { subject, ...claims } = token;
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: "HS256", ...(id !== undefined && { kid: id }) })
    .setSubject(subject)
    .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
    .sign(new TextEncoder().encode(secret));
}

/**
 * Verifies the token in a request's `Authorization: Bearer …`.
 * @throws {ChatError} `Unauthorized` for a missing or invalid token, `OriginNotAllowed` for a token of another site
 */
export async function verifyEmbedToken(request: Request, secrets: readonly EmbedSecret[]): Promise<EmbedToken> {
  const jwt = readBearerToken(request.headers);
  if (jwt === undefined || jwt.length > MAX_TOKEN_CHARS) {
    throw unauthorized("token_missing", "This chat requires a token.");
  }
  const token = readClaims(await verifySignature(jwt, secrets));
  if (!isFrom(token.origin, request)) {
    throw new ChatError("OriginNotAllowed", "The token is for another website.");
  }
  return token;
}

/** True for a request of a page of `origin`. A same-origin GET has no `Origin`: two other headers identify it. */
function isFrom(origin: string, request: Request): boolean {
  const sent = request.headers.get("origin");
  if (sent !== null) return sent === origin;
  return request.headers.get("sec-fetch-site") === "same-origin" && URL.parse(origin)?.host === hostOf(request);
}

async function verifySignature(jwt: string, secrets: readonly EmbedSecret[]): Promise<Record<string, unknown>> {
  const keyOf = ({ kid }: { kid?: string }) => {
    const match = secrets.find(({ id }) => id === kid);
    if (match === undefined) throw new errors.JWKSNoMatchingKey();
    return new TextEncoder().encode(match.secret);
  };
  try {
    const { payload } = await jwtVerify(jwt, keyOf, {
      algorithms: ["HS256"],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      requiredClaims: ["sub", "exp", "origin"],
    });
    const end = payload.exp ?? Infinity;
    if (end - Date.now() / 1000 <= MAX_TOKEN_AGE_SECONDS + CLOCK_TOLERANCE_SECONDS) return payload;
    throw unauthorized("token_too_long", "The token is valid for longer than an hour.");
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw unauthorized("token_expired", "The token has expired.");
    // A forger must not learn what is wrong.
    if (error instanceof errors.JOSEError) throw unauthorized("token_invalid", "The token is not valid.");
    throw error;
  }
}

/** Reads the claims. The signature is valid, so name a malformed claim: it is the site's mistake. */
function readClaims({ sub, origin, models, maxOutputTokens, requestsPerMinute }: Record<string, unknown>): EmbedToken {
  if (!isName(sub)) throw wrongClaim("sub");
  if (typeof origin !== "string") throw wrongClaim("origin");
  if (models !== undefined && !(Array.isArray(models) && models.every(isName))) throw wrongClaim("models");
  return {
    subject: sub,
    origin,
    ...(models !== undefined && { models: models as string[] }),
    ...positive("maxOutputTokens", maxOutputTokens),
    ...positive("requestsPerMinute", requestsPerMinute),
  };
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= MAX_NAME_CHARS;
}

function positive<Name extends string>(name: Name, value: unknown): { [N in Name]?: number } {
  if (value === undefined) return {};
  if (Number.isSafeInteger(value) && value as number > 0) return { [name]: value } as { [N in Name]?: number };
  throw wrongClaim(name);
}

function wrongClaim(name: string): ChatError {
  return unauthorized("token_invalid", `The token's claim "${name}" is malformed.`);
}

function unauthorized(code: string, message: string): ChatError {
  return new ChatError("Unauthorized", message, { body: { code } });
}
