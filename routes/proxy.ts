/**
 * Proxy mode, /v1/*: any OpenAI client works with this server as its base URL and one of our keys as its API key, and any
 * Anthropic client where the provider is Anthropic. The provider's key stays on the server. Only the paths on a short list
 * are open, and they lead to the configured providers.
 * @module
 */
import { ChatError } from "../protocol/chat_error.ts";
import type { RunRegistry } from "../runs/run_registry.ts";
import type { Relay } from "../upstream/relay.ts";
import { readMessageUsage, UsageReader } from "../upstream/usage_reader.ts";
import { LimitedUpload, UPLOAD_LIMITS, type UploadLimits } from "./limited_upload.ts";
import type { BodyLease } from "./body_pool.ts";
import type { Limits } from "./limits.ts";
import { findProxyKey, type ProxyKeys } from "./proxy_keys.ts";
import { readBody } from "./read_json.ts";
import type { RequestContext } from "./request_context.ts";
import { reserveServerTokens, reserveUploadTokens } from "./token_budget.ts";

/** What the route works with. */
export interface ProxyParts {
  readonly keys: ProxyKeys;
  readonly relay: Relay;
  readonly runs: RunRegistry;
  readonly limits: Limits;
  /** {@linkcode UPLOAD_LIMITS} by default. */
  readonly upload?: UploadLimits;
}

/** Open paths below /v1/: stateless requests only, nothing that stores, lists or deletes. */
const POST_PATHS: ReadonlySet<string> = new Set([
  "audio/speech",
  "chat/completions",
  "embeddings",
  "images/generations",
  "messages",
  "messages/count_tokens",
  "moderations",
  "responses",
]);
/** Open paths with a multipart form, which is sent on while it arrives. */
const UPLOAD_PATHS: ReadonlySet<string> = new Set(["audio/transcriptions", "audio/translations"]);
/** Paths that use no tokens. */
const FREE_PATHS: ReadonlySet<string> = new Set(["messages/count_tokens"]);

/** The handler of /v1/*. It throws a {@linkcode ChatError} for everything that fails before the provider has responded. */
export function proxy({ keys, relay, runs, limits, upload: uploadLimits = UPLOAD_LIMITS }: ProxyParts) {
  /** The body, and the tokens that are reserved for it. @throws {ChatError} */
  async function takeBody(
    request: Request,
    context: RequestContext,
    path: string,
    signal: AbortSignal,
    lease: BodyLease,
  ) {
    if (UPLOAD_PATHS.has(path)) {
      const upload = new LimitedUpload(request, uploadLimits, signal);
      context.onEnd(() => upload[Symbol.dispose]());
      const reservation = await reserveUploadTokens(upload.expectedBytes, context, limits.rates);
      return { body: upload.body, signal: upload.signal, reservation };
    }
    if (request.method !== "POST") return { signal, reservation: undefined };
    const body = await readBody(request, limits.body, lease);
    const reservation = FREE_PATHS.has(path) ? undefined : await reserveServerTokens(body, context, limits.rates);
    return { body, signal, reservation };
  }

  return async function handle(request: Request, context: RequestContext): Promise<Response> {
    using run = runs.start(request.signal);
    const { method, headers } = request;
    context.key = findProxyKey(request, keys);
    const path = providerPath(method, context.path.slice("/v1/".length));
    using lease = limits.body.pool.lease();
    const { reservation, ...sent } = await takeBody(request, context, path, run.signal, lease);
    const response = await relay({ method, path, headers, ...sent });
    // Only the server's token budget inspects responses.
    const reader = reservation && new UsageReader(reservation, path === "messages" ? readMessageUsage : undefined);
    context.follow(run.relay(context.connection.completed, reader && (() => reader.counts)));
    if (reader === undefined || response.body === null) return response;
    return new Response(response.body.pipeThrough(reader), response);
  };
}

/** The provider's path. A model's name is one path segment, whatever it contains. @throws {ChatError} `NotFound` */
function providerPath(method: string, path: string): string {
  if (method === "POST" && (POST_PATHS.has(path) || UPLOAD_PATHS.has(path))) return path;
  if (method === "GET" && path === "models") return path;
  // Names such as `org/model:tag`, with the slash encoded or not. A segment of dots would lead upwards.
  const [, name] = /^models\/((?:\w|[-.:@/]|%2f|%3a|%40)+)$/i.exec(path) ?? [];
  const segments = name === undefined ? [] : decodeURIComponent(name).split("/");
  if (method === "GET" && segments.length > 0 && segments.every((segment) => /[^.]/.test(segment))) {
    return `models/${encodeURIComponent(segments.join("/"))}`;
  }
  throw new ChatError("NotFound", "There is nothing at this address, or not with this method.");
}
