/**
 * Follows one answer over as many connections as it takes. A lost connection is replaced at once, then after growing
 * random delays, and at once again when the network or a frozen page comes back. Each event is reported once.
 * @see ../docs/protocol.md
 * @module
 */
import type { ChatErrorData } from "../../protocol/chat_error.ts";
import type { ChatEvent } from "../../protocol/chat_event.ts";
import { readConnection, UNEXPECTED_END } from "../../protocol/chat_event_reader.ts";
import {
  type Call,
  type CallOptions,
  ORIGIN_REFUSED,
  readError,
  refusesOrigin,
  send,
  UNREACHABLE,
} from "./chat_call.ts";

/** What receives an answer, and how its requests are sent. */
export interface FollowOptions extends CallOptions {
  /**
   * Receives each event once, synchronously and in order. The last one is a `stop` or an `error`. `id` is the event's
   * number within the run; `resumeChat` takes it as `after`.
   */
  readonly onEvent: (event: ChatEvent, id: number) => void;
  /** Called with true when the connection is lost, and with false when the answer continues or has failed. */
  readonly onReconnecting?: (isReconnecting: boolean) => void;
  /** Receives the URL of the run, before its first event. Only for a resumable answer. */
  readonly onRun?: (url: string) => void;
  /** Stops reading, and rejects. It does not stop a resumable answer: see `stopChat`. */
  readonly signal?: AbortSignal;
}

/** The maximum delay before a connection attempt. */
const MAX_DELAY_MS = 30_000;
const FIRST_DELAY_MS = 1000;
/**
 * The attempts in a row that may fail. With the average delays, these are half an hour, in which a run of 15 minutes is
 * kept for 10 more, and before the first response one minute, after which the server abandons an answer without readers.
 */
const MAX_RUN_ATTEMPTS = 124;
const MAX_REQUEST_ATTEMPTS = 8;
/** A connection without a byte for this long is dead: a server sends a heartbeat each 15 s by default. */
const SILENT_MS = 45_000;
/** The first response may take longer, as the provider must accept the request before. */
const NO_RESPONSE_MS = 90_000;
/** When Redis restarts, another machine writes a run again within its lease of 15 s and one second. */
const NOT_FOUND_MS = 16_000;
/** Events of the window; those of the document bubble to it. */
const WAKE_EVENTS = ["online", "pageshow", "resume", "visibilitychange"] as const;

/** The delay before the connection attempt `attempt`, counted from 0, with full jitter: `random` is in [0, 1). */
export function reconnectDelayMs(attempt: number, random: number): number {
  return attempt === 0 ? 0 : random * Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempt - 1));
}

/**
 * Follows an answer to its terminal event. Every failure is an `error` event. One function and not a class, as
 * variables are shorter than private fields in the bundle.
 *
 * @param options what receives the answer
 * @param call the first request: a POST, or the URL of a run
 * @param isResumable whether to reconnect
 * @param last the number of the last event of the run that is known
 * @throws {DOMException} `AbortError` if the signal aborts first
 * @throws whatever `onEvent` throws
 */
export async function followRun(options: FollowOptions, call: Call, isResumable: boolean, last = 0): Promise<void> {
  const { onEvent, onReconnecting, onRun, signal } = options;
  /** True once `call` reads the run by its own URL. */
  let hasRun = call.body === undefined;
  /** The failed attempts since the last event. */
  let attempts = 0;
  let isLost = false;
  let connection = new AbortController();
  /** When the connection was opened, or had its last bytes. */
  let aliveAt = 0;
  let missingSince: number | undefined;
  let endPause = (): void => {};
  const over = new AbortController();
  signal?.addEventListener("abort", reconnect, over);
  if (isResumable) { for (const type of WAKE_EVENTS) addEventListener(type, onWake, over); }
  const timer = isResumable ? setInterval(reconnectIfSilent, SILENT_MS / 3) : undefined;
  try {
    let delayMs: number | undefined;
    while ((delayMs = await connect()) !== undefined) await pause(delayMs);
  } finally {
    over.abort();
    clearInterval(timer);
  }

  /** Opens one connection and reads it. Returns the delay before the next one; undefined after the terminal event. */
  async function connect(): Promise<number | undefined> {
    signal?.throwIfAborted();
    const isFirst = !hasRun && !isLost;
    connection = new AbortController();
    aliveAt = Date.now();
    let response: Response;
    try {
      const headers = { ...call.headers, ...(last && { "last-event-id": `${last}` }) };
      response = await send({ ...call, headers, signal: connection.signal }, options);
    } catch {
      const isRefused = isFirst && await refusesOrigin(call.url, connection.signal);
      return lose(hasRun ? UNEXPECTED_END : isRefused ? ORIGIN_REFUSED : UNREACHABLE, isRefused);
    }
    if (response.status !== 200 || !response.body) return await takeRefusal(response, isFirst);
    takeRun(response);
    missingSince = undefined;
    setLost(false);
    const end = await readConnection(response.body, { onEvent: takeEvent, onBytes }, connection.signal);
    return end === "complete" ? undefined : lose(UNEXPECTED_END, end === "invalid" || !hasRun);
  }

  /** From now on, the run is read by its own URL. An answer without one ends with its connection. */
  function takeRun({ headers, url }: Response): void {
    const location = headers.get("content-location");
    if (hasRun || !isResumable || !location) return;
    hasRun = true;
    const run = new URL(location, url || call.url).href;
    call = { url: run, headers: {} };
    onRun?.(run);
  }

  function takeEvent(event: ChatEvent, id: number): void {
    // Sent a second time.
    if (id && id <= last) return;
    last = id || last;
    attempts = 0;
    onEvent(event, last);
  }

  function onBytes(): void {
    aliveAt = Date.now();
  }

  async function takeRefusal(response: Response, isFirst: boolean): Promise<number | undefined> {
    const { status } = response;
    const error = await readError(response);
    const isMissing = hasRun && status === 404 && Date.now() - (missingSince ??= Date.now()) <= NOT_FOUND_MS;
    const isFinal = isFirst || (status < 429 && !isMissing);
    return lose(hasRun ? UNEXPECTED_END : error, isFinal, error.body?.retryAfterSeconds);
  }

  /** Returns the delay before the next attempt. If there is none, reports the error and returns undefined. */
  function lose(error: ChatErrorData, isFinal: boolean, waitSeconds: unknown = 0): number | undefined {
    signal?.throwIfAborted();
    const isOver = isFinal || !isResumable || attempts >= (hasRun ? MAX_RUN_ATTEMPTS : MAX_REQUEST_ATTEMPTS);
    setLost(!isOver);
    if (!isOver) return Math.max(Number(waitSeconds) * 1000, reconnectDelayMs(attempts++, Math.random()));
    onEvent({ type: "error", data: error }, last);
  }

  function setLost(value: boolean): void {
    if (value === isLost) return;
    isLost = value;
    onReconnecting?.(value);
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      endPause = resolve;
      setTimeout(resolve, ms);
    });
  }

  /** Ends the connection, or the pause before the next one. */
  function reconnect(): void {
    attempts = 0;
    connection.abort();
    endPause();
  }

  function reconnectIfSilent(): void {
    if (Date.now() - aliveAt > (hasRun ? SILENT_MS : NO_RESPONSE_MS)) reconnect();
  }

  function onWake({ type, persisted = true }: Event & { readonly persisted?: boolean }): void {
    if (globalThis.document?.visibilityState === "hidden" || !persisted) return;
    // The page was frozen, or has another network: the old connection may look open for minutes.
    if (isLost || type !== "visibilitychange") reconnect();
    else reconnectIfSilent();
  }
}
