/**
 * One request and its answer, from the first byte read to the last one sent: the place it holds among the streams, and
 * the one line it leaves in the log.
 * @module
 */
import { ChatError } from "../protocol/chat_error.ts";
import type { StreamSummary } from "../upstream/chat_event_stream.ts";
import type { RequestLog } from "./request_log.ts";

/** How long a client should wait when the server is full or going away, in seconds. */
export const BUSY_RETRY_AFTER_SECONDS = 2;

/** The error of a server that cannot take the work now. */
export function serverBusy(message: string): ChatError {
  return new ChatError("ServerBusy", message, { retryAfterSeconds: BUSY_RETRY_AFTER_SECONDS });
}

/** The places for streams: taken before anything is read or opened, so that a full server costs nothing more. */
export class StreamSlots {
  #free: number;

  /** @param count how many streams there may be at once */
  constructor(count: number) {
    this.#free = count;
  }

  /** @throws {ChatError} `ServerBusy` when all are taken */
  take(): void {
    if (this.#free === 0) throw serverBusy("This server has no free place at the moment.");
    this.#free--;
  }

  /** Gives one back. */
  give(): void {
    this.#free++;
  }
}

/** The socket a request came over, as `Deno.serve` tells it. */
export type Connection = Pick<Deno.ServeHandlerInfo, "remoteAddr" | "completed">;

/** How an answer went. Events are counted where this server makes them. */
export type ExchangeSummary = Omit<StreamSummary, "events"> & Partial<Pick<StreamSummary, "events">>;

/** How an exchange ended. */
export interface ExchangeEnd {
  readonly status: number;
  /** What the answer's head said had gone wrong. */
  readonly error: ChatError | undefined;
  /** Absent where there was no stream. */
  readonly summary: ExchangeSummary | undefined;
  readonly totalMs: number;
}

/** What an exchange is told of its request. */
export interface ExchangeOptions {
  readonly connection: Connection;
  readonly now: () => number;
  readonly log: RequestLog;
}

/** The bookkeeping of one request. */
export class Exchange {
  /** When the request came in, on the clock that was passed. */
  readonly startedAt: number;
  readonly path: string;
  readonly connection: Connection;
  /** The name of the key that the client has shown, for the log. */
  key: string | undefined;
  /** What was counted against a budget where the provider gave no count, for the log. */
  estimatedTokens: number | undefined;
  readonly #method: string;
  readonly #now: () => number;
  readonly #log: RequestLog;
  #onEnd: ((end: ExchangeEnd) => void)[] = [];
  #hasStream = false;
  #summary: ExchangeSummary | undefined;
  #answer: { readonly status: number; readonly error: ChatError | undefined } | undefined;

  constructor(request: Request, { connection, now, log }: ExchangeOptions) {
    this.startedAt = now();
    this.connection = connection;
    // Only the path: the host in a request's address is whatever the client wrote, and may be none at all.
    this.path = URL.parse(request.url)?.pathname ?? "";
    this.#method = request.method;
    this.#now = now;
    this.#log = log;
  }

  /** Holds a place among the streams until the exchange is over. @throws {ChatError} `ServerBusy` */
  hold(slots: StreamSlots): void {
    slots.take();
    this.atEnd(() => slots.give());
  }

  /** Calls `action` once, when the exchange is over, before it is logged: whatever was taken for it is given back so. */
  atEnd(action: (end: ExchangeEnd) => void): void {
    this.#onEnd.push(action);
  }

  /** What a stream needs to be part of this exchange, which then lasts until the stream has ended. */
  follow(): { readonly startedAt: number; readonly onEnd: (summary: ExchangeSummary) => void } {
    this.#hasStream = true;
    const onEnd = (summary: ExchangeSummary) => {
      this.#summary = summary;
      this.#endIfOver();
    };
    return { startedAt: this.startedAt, onEnd };
  }

  /** The answer's head is decided. @param error what it says, where it says that something went wrong */
  answered(status: number, error?: ChatError): void {
    this.#answer = { status, error };
    this.#endIfOver();
  }

  /** Both the answer and its stream, if it has one, in either order. */
  #endIfOver(): void {
    if (this.#answer === undefined || (this.#hasStream && this.#summary === undefined)) return;
    const end = { ...this.#answer, summary: this.#summary, totalMs: this.#now() - this.startedAt };
    for (const action of this.#onEnd.splice(0)) {
      try {
        action(end);
      } catch (error) {
        // The others give back what they hold all the same.
        console.error(error);
      }
    }
    const { status, error, totalMs } = end;
    const { events, firstEventMs, usage, outcome, reason } = this.#summary ?? {};
    const why = reason ?? error?.body.reason;
    this.#log({
      method: this.#method,
      path: this.path,
      status,
      outcome: outcome ?? error?.type ?? "ok",
      ...(why !== undefined && { reason: why }),
      ...(events !== undefined && { events }),
      ...(firstEventMs !== undefined && { firstEventMs }),
      totalMs,
      ...(this.key !== undefined && { key: this.key }),
      ...(usage?.totalInputTokens !== undefined && { inputTokens: usage.totalInputTokens }),
      ...(usage?.totalOutputTokens !== undefined && { outputTokens: usage.totalOutputTokens }),
      ...(this.estimatedTokens !== undefined && { estimatedTokens: this.estimatedTokens }),
    });
  }
}
