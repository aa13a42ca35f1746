/**
 * One request, from its head to the last byte of its response: its connection, the actions at its end, and its one log line.
 * @module
 */
import type { ChatError } from "../protocol/chat_error.ts";
import type { RunEnding } from "../runs/run.ts";
import { ProviderTries } from "../upstream/chat_events/provider_tries.ts";
import type { RequestLog } from "./request_log.ts";

/** The connection of a request, as `Deno.serve` describes it. */
export type Connection = Pick<Deno.ServeHandlerInfo, "remoteAddr" | "completed">;

/** The result of a request. */
export interface RequestEnding {
  readonly status: number;
  /** The error of the response's head. */
  readonly error: ChatError | undefined;
  /** The result of the run; undefined where none produced anything. */
  readonly run: RunEnding | undefined;
  readonly totalMs: number;
}

/** The addresses with ids, by the routes that serve them. Such an id is a secret: with it anyone may read an answer. */
const ADDRESSES_WITH_ID = {
  "/api/chat/*": /^\/api\/chat\/([^/]+)$/,
  "/api/ai-sdk/*/stream": /^\/api\/ai-sdk\/([^/]+)\/stream$/,
} as const;

/** The state of one request. */
export class RequestContext {
  readonly path: string;
  /** The path without its id, for the table of routes and the log. */
  readonly route: string;
  /** The id that the address of a run or a chat names, still percent-encoded. Empty for every other address. */
  readonly id: string;
  readonly connection: Connection;
  /** The name of the proxy key that the client sent, for the log. */
  key: string | undefined;
  /** The origin that was refused, for the log. */
  refusedOrigin: string | undefined;
  /** The estimated tokens where the provider sent no count, for the log. */
  estimatedTokens: number | undefined;
  /** The requests to providers. Some may have to be paid although they returned no answer. */
  readonly tries = new ProviderTries();
  readonly #method: string;
  readonly #startedAt: number;
  readonly #now: () => number;
  readonly #log: RequestLog;
  readonly #onEnd: ((ending: RequestEnding) => void)[] = [];
  #producing: Promise<RunEnding> | undefined;

  /** @param now milliseconds that never run backwards */
  constructor(request: Request, connection: Connection, now: () => number, log: RequestLog) {
    this.connection = connection;
    // Only the path: the client chooses the host in the address, and may send none.
    this.path = URL.parse(request.url)?.pathname ?? "";
    [this.route, this.id] = routeOf(this.path);
    this.#method = request.method;
    this.#startedAt = now();
    this.#now = now;
    this.#log = log;
  }

  /** Calls `action` when the request has ended, before it is logged. Use it to release what the request holds. */
  onEnd(action: (ending: RequestEnding) => void): void {
    this.#onEnd.push(action);
  }

  /** Makes the request last until its run has ended, or until it has stopped reading one. */
  follow(ended: Promise<RunEnding>): void {
    this.#producing = ended;
  }

  /** Ends the request, now or with the run that it follows. @param error the error of the response's head */
  respond(status: number, error?: ChatError): void {
    const producing = this.#producing;
    if (producing === undefined) this.#end(status, error, undefined);
    else producing.then((ending) => this.#end(status, error, ending));
  }

  #end(status: number, error: ChatError | undefined, run: RunEnding | undefined): void {
    const ending = { status, error, run, totalMs: this.#now() - this.#startedAt };
    for (const action of this.#onEnd) {
      try {
        action(ending);
      } catch (error) {
        // The other actions must still run.
        console.error(error);
      }
    }
    this.#log(this.#entry(ending));
  }

  #entry({ status, error, run, totalMs }: RequestEnding): Parameters<RequestLog>[0] {
    const { events, unknownEvents, firstEventMs, usage } = run ?? {};
    const reason = run?.reason ?? error?.body.reason;
    const setting = error?.body.setting;
    return {
      method: this.#method,
      path: this.route,
      status,
      outcome: run?.outcome ?? error?.type ?? "ok",
      ...(reason !== undefined && { reason }),
      ...(setting !== undefined && { setting }),
      ...(events !== undefined && { events }),
      ...(unknownEvents !== undefined && { unknownEvents }),
      ...(firstEventMs !== undefined && { firstEventMs }),
      totalMs,
      ...(this.refusedOrigin !== undefined && { refusedOrigin: this.refusedOrigin }),
      ...(this.key !== undefined && { key: this.key }),
      ...(usage?.totalInputTokens !== undefined && { inputTokens: usage.totalInputTokens }),
      ...(usage?.totalOutputTokens !== undefined && { outputTokens: usage.totalOutputTokens }),
      ...(this.estimatedTokens !== undefined && { estimatedTokens: this.estimatedTokens }),
    };
  }
}

/** The route of a path, and the id in it. */
function routeOf(path: string): [route: string, id: string] {
  for (const [route, address] of Object.entries(ADDRESSES_WITH_ID)) {
    const id = address.exec(path)?.[1];
    if (id !== undefined) return [route, id];
  }
  return [path, ""];
}
