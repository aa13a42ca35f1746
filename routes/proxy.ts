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
import { Arrivals } from "./arrivals.ts";
import { LimitedUpload, UPLOAD_LIMITS, type UploadLimits } from "./limited_upload.ts";
import type { BodyLease } from "./body_pool.ts";
import type { Limits } from "./limits.ts";
import { findProxyKey, type ProxyKeys, scopeIdempotencyKey } from "./proxy_keys.ts";
import { readBody } from "./read_json.ts";
import type { RequestContext } from "./request_context.ts";
import { asJson, unstored } from "./unstored.ts";
import { reserveServerTokens, reserveUploadTokens } from "./token_budget.ts";

/** What the route works with. */
export interface ProxyParts {
  readonly keys: ProxyKeys;
  readonly relay: Relay;
  /** Whether requests may store something at the provider. False by default. */
  readonly store?: boolean;
  readonly runs: RunRegistry;
  readonly limits: Limits;
  /** {@linkcode UPLOAD_LIMITS} by default. */
  readonly upload?: UploadLimits;
}

/** Open paths below /v1/: nothing that lists or deletes. */
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
export function proxy({ keys, relay, store, runs, limits, upload: uploadLimits = UPLOAD_LIMITS }: ProxyParts) {
  const arrivals = new Arrivals(runs.maxRuns);

  /** The body, and the tokens that are reserved for it. @throws {ChatError} */
  async function takeBody(
    request: Request,
    context: RequestContext,
    key: string,
    path: string,
    signal: AbortSignal,
    lease: BodyLease,
  ) {
    if (UPLOAD_PATHS.has(path)) {
      const upload = new LimitedUpload(request, uploadLimits, signal);
      context.onEnd(() => upload[Symbol.dispose]());
      const arrival = arrivals.begin(key);
      void upload.ended.then(() => arrival[Symbol.dispose]());
      const reservation = await reserveUploadTokens(upload.expectedBytes, context, limits.rates);
      return { body: upload.body, signal: upload.signal, reservation, upload };
    }
    if (request.method !== "POST") return { signal, reservation: undefined };
    const sent = await readArriving(request, key, lease);
    const body = store ? sent : unstored(path, sent);
    const reservation = FREE_PATHS.has(path) ? undefined : await reserveServerTokens(body, context, limits.rates);
    return { body, signal, reservation };
  }

  async function readArriving(request: Request, key: string, lease: BodyLease): Promise<Uint8Array<ArrayBuffer>> {
    using _ = arrivals.begin(key);
    return await readBody(request, limits.body, lease);
  }

  return async function handle(request: Request, context: RequestContext): Promise<Response> {
    using run = runs.start(request.signal);
    const { method } = request;
    const key = findProxyKey(request, keys);
    context.key = key;
    const path = providerPath(method, context.path.slice("/v1/".length));
    const scoped = scopeIdempotencyKey(request.headers, key);
    const headers = store ? scoped : asJson(path, scoped);
    using lease = limits.body.pool.lease(`key ${key}`);
    const { reservation, upload, ...sent } = await takeBody(request, context, key, path, run.signal, lease);
    const relayed = await relay({ method, path, headers, ...sent, takeMemory: (bytes) => lease.growTo(bytes) });
    const response = upload === undefined ? relayed : await finishUpload(upload, relayed);
    // Only the server's token budget inspects responses.
    const reader = reservation && new UsageReader(reservation, path === "messages" ? readMessageUsage : undefined);
    context.follow(run.relay(context.connection.completed, reader && (() => reader.counts)));
    if (reader === undefined || response.body === null || !response.ok) return response;
    return new Response(response.body.pipeThrough(reader), response);
  };
}

/** The longest refusal that is read as a whole, in bytes. */
const MAX_REFUSAL_BYTES = 64 * 1024;

/**
 * The response to an upload. A provider may refuse it before all of it has arrived. Such a refusal is read as a whole before
 * the upload is cancelled: where a response streams and a part of its request is unread, Deno never closes the connection.
 * @throws {ChatError} for any other response to an incomplete upload @throws the signal's reason when it aborts
 */
async function finishUpload(upload: LimitedUpload, response: Response): Promise<Response> {
  // The end of the upload may still be on its way here, after the end of the form.
  if (response.ok) await upload.ended;
  upload.signal.throwIfAborted();
  if (upload.isComplete) return response;
  try {
    if (response.ok) throw earlyResponse();
    return new Response(await readRefusal(response), response);
  } catch (error) {
    upload.signal.throwIfAborted();
    throw error instanceof ChatError ? error : earlyResponse(error);
  } finally {
    upload.cancel();
  }
}

async function readRefusal({ body }: Response): Promise<Blob> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_REFUSAL_BYTES) throw earlyResponse();
    chunks.push(chunk);
  }
  return new Blob(chunks);
}

function earlyResponse(cause?: unknown): ChatError {
  const message = "The model provider responded before the upload was complete.";
  return new ChatError("ProviderBizError", message, { cause });
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
