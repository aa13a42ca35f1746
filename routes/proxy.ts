/**
 * Proxy mode, /v1/*: any OpenAI client works with this server as its base URL and one of our keys as its API key. The
 * provider's own key stays here. What may be asked for is a short list; where it goes, configuration alone decides.
 * @module
 */
import { ChatError } from "../protocol/chat_error.ts";
import { LinkedController } from "../upstream/http/linked_controller.ts";
import type { LiveStream, LiveStreams } from "../upstream/live_streams.ts";
import type { Relay } from "../upstream/relay.ts";
import { UsageReader } from "../upstream/usage_reader.ts";
import type { Exchange } from "./exchange.ts";
import { findProxyKey, type ProxyKeys } from "./proxy_keys.ts";
import type { RateLimits } from "./rate_limits.ts";
import { type BodyLimits, readBody } from "./read_json.ts";
import { reserveServerTokens } from "./token_budget.ts";

/** What the route works with. */
export interface ProxyOptions extends BodyLimits {
  readonly keys: ProxyKeys;
  readonly relay: Relay;
  readonly streams: LiveStreams;
  /** How long a provider may take to begin its answer, which without streaming is when all of it is there. Milliseconds. */
  readonly maxStreamMs: number;
  /** Its budget for the whole server, where it has one, is the one thing that answers are looked at for. */
  readonly rateLimits?: RateLimits;
}

/** Below /v1/. Only what is asked and answered in one exchange: nothing that stores, lists or deletes. */
const POST_PATHS: ReadonlySet<string> = new Set([
  "audio/speech",
  "chat/completions",
  "embeddings",
  "images/generations",
  "moderations",
  "responses",
]);

/**
 * Answers a request to /v1/*.
 * @throws {ChatError} for everything that goes wrong before the provider has answered
 */
export async function proxy(
  request: Request,
  exchange: Exchange,
  options: ProxyOptions,
): Promise<Response> {
  const { method, headers } = request;
  exchange.key = findProxyKey(request, options.keys);
  const path = providerPath(method, exchange.path.slice("/v1/".length));
  const passage = new Passage(request.signal, exchange, options);
  try {
    const body = method === "POST" ? await readBody(request, options) : undefined;
    const isCounted = body !== undefined && await reserveServerTokens(body, exchange, options.rateLimits);
    const answer = await options.relay({ method, path, headers, signal: passage.signal, ...(body && { body }) });
    return passage.follow(answer, isCounted ? new UsageReader() : undefined);
  } catch (error) {
    passage.giveUp();
    throw error;
  }
}

/** Where a request goes. A model's name is one path segment for us, whatever it contains. @throws {ChatError} `NotFound` */
function providerPath(method: string, path: string): string {
  if (method === "POST" && POST_PATHS.has(path)) return path;
  if (method === "GET" && path === "models") return path;
  // Names such as `org/model:tag`, with or without the slash encoded. A name of dots alone would be a way up.
  const [, name] = /^models\/((?:\w|[-.:@/]|%2f|%3a|%40)+)$/i.exec(path) ?? [];
  const segments = name === undefined ? [] : decodeURIComponent(name).split("/");
  if (method === "GET" && segments.length > 0 && segments.every((segment) => /[^.]/.test(segment))) {
    return `models/${encodeURIComponent(segments.join("/"))}`;
  }
  throw new ChatError("NotFound", "There is nothing at this address, or not with this method.");
}

/**
 * A request and its answer on their way through, among the open streams from the first byte of the one to the last of the
 * other. Once the provider has begun to answer, the bytes are out of our hands: the client's leaving, the provider's end
 * and the end of this process are what ends them, no deadline of ours.
 */
class Passage implements LiveStream {
  readonly #controller: LinkedController;
  readonly #exchange: Exchange;
  readonly #options: ProxyOptions;
  #onEnd: ((outcome: string) => void) | undefined;

  constructor(client: AbortSignal, exchange: Exchange, options: ProxyOptions) {
    this.#controller = new LinkedController(client);
    this.#exchange = exchange;
    this.#options = options;
    options.streams.add(this);
  }

  /** Aborts when the client leaves and when the server stops, and until there is an answer at the deadline. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** There will be no answer. */
  giveUp(): void {
    this.#options.streams.delete(this);
  }

  /** The answer, followed until its last byte has left, through `reader` where it counts. */
  follow(answer: Response, reader: UsageReader | undefined): Response {
    const { onEnd } = this.#exchange.follow();
    this.#onEnd = (outcome) => {
      const usage = reader?.usage;
      onEnd({ outcome, ...(usage && { usage }) });
    };
    // It resolves however the answer ends. Whether the provider had said all is not known here: nobody has looked. From here
    // on the signal aborts by the client's leaving, or with an interruption, which has told the end already.
    this.#exchange.connection.completed.then(() => this.#end(this.signal.aborted ? "client_left" : "passed_on"));
    return reader === undefined || answer.body === null
      ? answer
      : new Response(answer.body.pipeThrough(reader), answer);
  }

  tick(now: number): void {
    if (this.#onEnd !== undefined || now - this.#exchange.startedAt < this.#options.maxStreamMs) return;
    this.#controller.abort(new ChatError("ProviderTimeout", "The model provider did not answer in time."));
  }

  interrupt(error: ChatError): void {
    this.#controller.abort(error);
    this.#end(error.type);
  }

  #end(outcome: string): void {
    this.#options.streams.delete(this);
    this.#onEnd?.(outcome);
    this.#onEnd = undefined;
  }
}
