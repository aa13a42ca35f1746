/**
 * The load generator: requests streams and reads them as cheaply as possible, because it shares the machine with the
 * server under test. It speaks raw HTTP/1.1 over one connection and counts bytes without keeping them. Other tests
 * check the content.
 * @module
 */
import { answerTokens } from "./inputs.ts";

/** Where to send requests. */
export interface Target {
  readonly port: number;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** More fields of the request's body. */
  readonly fields?: (model: string) => Readonly<Record<string, unknown>>;
}

/** Callbacks of a reading. */
export interface StreamReading {
  /** Called with the number of events that each read completed. */
  readonly onEvents?: (events: number) => void;
  /** Called once, when the first token of the answer has arrived. */
  readonly onFirstText?: () => void;
}

const ENCODER = new TextEncoder();
const LATIN1 = new TextDecoder("latin1");
const LF = 10;
/** The end of a chunked body. It follows the blank line of the last event, so no event can contain it. */
const BODY_END = ENCODER.encode("\r\n0\r\n\r\n");
/** The first token, as every server sends it. */
const FIRST_TEXT = JSON.stringify(answerTokens()[0]);

/** The body of every request, in OpenAI's format. */
export function requestBody(model: string, fields: Target["fields"] = () => ({})): string {
  const messages = [{ role: "user", content: "Tell me about streams." }];
  return JSON.stringify({ model, stream: true, messages, ...fields(model) });
}

function requestBytes({ port, path, headers = {}, fields }: Target, model: string): Uint8Array {
  const body = requestBody(model, fields);
  const lines = [
    `POST ${path} HTTP/1.1`,
    `host: 127.0.0.1:${port}`,
    "content-type: application/json",
    `content-length: ${body.length}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  return ENCODER.encode(`${lines.join("\r\n")}\r\n\r\n${body}`);
}

/** A connection for one stream after the other. */
export class LoadConnection implements Disposable {
  readonly #connection: Deno.Conn;
  readonly #target: Target;
  readonly #buffer: Uint8Array<ArrayBuffer>;

  private constructor(connection: Deno.Conn, target: Target, bufferBytes: number) {
    this.#connection = connection;
    this.#target = target;
    this.#buffer = new Uint8Array(bufferBytes);
  }

  /** Opens a connection whose reads take at most `bufferBytes`. */
  static async open(target: Target, bufferBytes = 65_536): Promise<LoadConnection> {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: target.port });
    connection.setNoDelay();
    return new LoadConnection(connection, target, bufferBytes);
  }

  /** Sends a request. Read its response with {@linkcode readStream} or {@linkcode readSome}. */
  async send(model: string): Promise<void> {
    const bytes = requestBytes(this.#target, model);
    for (let at = 0; at < bytes.length;) at += await this.#connection.write(bytes.subarray(at));
  }

  /** The bytes of one read, valid until the next one. */
  async readSome(): Promise<Uint8Array> {
    const size = await this.#connection.read(this.#buffer);
    if (size === null) throw new Error(`Cannot read the response: ${this.#target.path} was closed before its end`);
    return this.#buffer.subarray(0, size);
  }

  /**
   * Reads the response to its end and counts its events.
   * @throws {Error} when the status is not 200 or the connection closes before the end
   */
  async readStream(reading: StreamReading = {}): Promise<number> {
    const counter = new EventCounter();
    let waitsForText = reading.onFirstText !== undefined;
    for (let isHead = true;; isHead = false) {
      const bytes = await this.readSome();
      if (isHead) checkStatus(bytes);
      if (waitsForText && LATIN1.decode(bytes).includes(FIRST_TEXT)) {
        waitsForText = false;
        reading.onFirstText?.();
      }
      const events = counter.count(bytes);
      if (events > 0) reading.onEvents?.(events);
      if (counter.ended) return counter.total;
    }
  }

  /** Closes the connection, also in mid-stream. */
  [Symbol.dispose](): void {
    try {
      this.#connection.close();
    } catch {
      // It is closed already.
    }
  }
}

function checkStatus(head: Uint8Array): void {
  const text = LATIN1.decode(head);
  if (!text.startsWith("HTTP/1.1 200 ")) {
    throw new Error(`Cannot measure: the server responded with ${text.slice(0, 400)}`);
  }
}

/**
 * Counts the events in the bytes of a stream by their blank lines: two line feeds in a row. All servers here end lines
 * with LF, and none sends an empty event.
 */
export class EventCounter {
  #total = 0;
  #endsWithLineFeed = false;
  #matched = 0;

  /** The number of events so far. */
  get total(): number {
    return this.#total;
  }

  /** True once the end of the chunked body has been seen. */
  get ended(): boolean {
    return this.#matched === BODY_END.length;
  }

  /** The number of events that end in the next bytes. */
  count(bytes: Uint8Array): number {
    let events = this.#endsWithLineFeed && bytes[0] === LF ? 1 : 0;
    for (let at = bytes.indexOf(LF); at !== -1; at = bytes.indexOf(LF, at + 1)) {
      if (bytes[at + 1] !== LF) continue;
      events++;
      at++;
    }
    this.#total += events;
    this.#endsWithLineFeed = bytes[bytes.length - 1] === LF;
    this.#matchEnd(bytes);
    return events;
  }

  /** Tracks how many bytes of {@linkcode BODY_END} the stream ends with. */
  #matchEnd(bytes: Uint8Array): void {
    if (bytes.length >= BODY_END.length) this.#matched = 0;
    for (let at = Math.max(0, bytes.length - BODY_END.length); at < bytes.length; at++) {
      const byte = bytes[at];
      this.#matched = byte === BODY_END[this.#matched] ? this.#matched + 1 : byte === BODY_END[0] ? 1 : 0;
    }
  }
}
