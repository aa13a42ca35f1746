/**
 * Parses the head of an HTTP/1.1 response and removes the framing from its body (RFC 9112). Pure: bytes come in as they
 * were read, cut anywhere. It is as strict as Node's parser (`tests/upstream/http/compare_with_node.ts`).
 * @module
 */

const LF = 10;
const CR = 13;

/** No control characters, as in a header's value: with them, one line can be hidden in another. */
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/;
const HEADER_LINE = /^([!#$%&'*+\-.^`|~\w]+):([\t\x20-\x7e\x80-\xff]*)$/;

/** The most header lines of a response. Real ones have up to 40; `Headers` takes quadratic time for many. */
export const MAX_HEADERS = 100;

/** Subtracted from a host's `Keep-Alive: timeout`, in milliseconds: a request may take that long to arrive. */
const KEEP_ALIVE_MARGIN_MS = 1000;

/** The longest chunk size with its extensions, and the longest trailer section, in bytes. */
const MAX_FRAMING_BYTES = 4096;

/** Thrown for a malformed head, and for one that leaves the end of its body unclear. */
export class BadResponseError extends Error {
  override readonly name = "BadResponseError";
}

/** The parsed head of a response. */
export interface ResponseHead {
  /** 100 to 599. */
  readonly status: number;
  /** Names and values that `Headers` accepts, in Latin-1. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Removes the framing from the body. */
  readonly body: BodyDecoder;
  /** How long the host accepts another request once the body is complete, in milliseconds: 0 for not at all. */
  readonly keepAliveMs: number;
}

/** Removes the framing from one body. */
export interface BodyDecoder {
  /** `open`: more may follow. `complete`: at its end. `overrun`: at its end, with bytes after it. `broken`: invalid framing. */
  readonly state: "open" | "complete" | "overrun" | "broken";
  /** Removes the framing from the next bytes. The result lies in the same memory, which this call may overwrite. */
  decode(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>;
}

/**
 * Parses a head.
 * @param bytes from the status line to the blank line
 * @throws {BadResponseError}
 */
export function parseHead(bytes: Uint8Array): ResponseHead {
  const text = latin1(bytes);
  // Otherwise a line that ends with a line feed alone would be taken for the blank line.
  if (!text.endsWith("\r\n\r\n")) throw new BadResponseError("the head of the response has a malformed line end");
  const [statusLine = "", ...lines] = text.slice(0, -4).split("\r\n");
  const [, version, digits] = STATUS_LINE.exec(statusLine) ?? [];
  if (digits === undefined) throw new BadResponseError("the response does not begin with an HTTP/1.1 status line");
  if (lines.length > MAX_HEADERS) throw new BadResponseError(`the response has more than ${MAX_HEADERS} headers`);
  const headers = lines.map(parseHeader);
  const status = Number(digits);
  return {
    status,
    headers,
    body: createBodyDecoder(status, tokens(headers, "transfer-encoding"), tokens(headers, "content-length")),
    keepAliveMs: version === "1" ? readKeepAlive(headers) : 0,
  };
}

/** How long the connection may stay idle, in milliseconds; `Infinity` where the host names no time. */
function readKeepAlive(headers: ResponseHead["headers"]): number {
  if (tokens(headers, "connection").includes("close")) return 0;
  const times = tokens(headers, "keep-alive").map((item) => /^timeout\s*=\s*(\d{1,9})$/.exec(item)?.[1]);
  const seconds = Math.min(...times.filter((time) => time !== undefined).map(Number));
  return Math.max(0, seconds * 1000 - KEEP_ALIVE_MARGIN_MS);
}

function latin1(bytes: Uint8Array): string {
  // Spreading would iterate the bytes, which allocates more than everything else here.
  return String.fromCharCode.apply(null, bytes as unknown as number[]);
}

function parseHeader(line: string): readonly [string, string] {
  const [, name, value] = HEADER_LINE.exec(line) ?? [];
  if (name === undefined || value === undefined) throw new BadResponseError("the response has a malformed header line");
  // `Headers` takes quadratic time for many blanks in a row.
  return [name, value.replace(/[ \t]+/g, " ")];
}

/** The items of all headers with this name, in lower case. */
function tokens(headers: ResponseHead["headers"], name: string): string[] {
  return headers.filter((header) => header[0].toLowerCase() === name)
    // `String.trim` removes more characters than HTTP's blanks, which would make a wrong value valid.
    .flatMap(([, value]) => value.toLowerCase().split(",").map((item) => item.replace(/^ | $/g, "")));
}

/**
 * RFC 9112, section 6.3, without its exceptions for old servers: one length, or chunked alone, or neither.
 * @throws {BadResponseError}
 */
function createBodyDecoder(status: number, codings: readonly string[], lengths: readonly string[]): BodyDecoder {
  if (codings.length > 0 && lengths.length > 0) {
    throw new BadResponseError("the response has both a transfer encoding and a content length");
  }
  if (status < 200 || status === 204 || status === 304) return new LengthDecoder(0);
  const [coding = "chunked"] = codings;
  if (codings.length > 1 || coding !== "chunked") {
    throw new BadResponseError("the response has a transfer encoding other than chunked");
  }
  if (codings.length > 0) return new ChunkedDecoder();
  const [length = "0"] = lengths;
  if (lengths.length > 1 || !/^\d{1,15}$/.test(length)) {
    throw new BadResponseError("the response has no valid content length");
  }
  return new LengthDecoder(lengths.length === 0 ? Infinity : Number(length));
}

/** A body of known length; of infinite length where the end of the connection ends it. */
class LengthDecoder implements BodyDecoder {
  state: BodyDecoder["state"];
  #remaining: number;

  constructor(length: number) {
    this.#remaining = length;
    this.state = length === 0 ? "complete" : "open";
  }

  decode(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    const body = bytes.subarray(0, this.#remaining);
    this.#remaining -= body.length;
    if (body.length < bytes.length) this.state = "overrun";
    else if (this.#remaining === 0) this.state = "complete";
    return body;
  }
}

/** The part of a chunked body that the next byte belongs to. */
type ChunkedPart =
  | "size"
  | "extension"
  | "end of size"
  | "data"
  | "cr after data"
  | "lf after data"
  | "line of trailer"
  | "trailer"
  | "end of trailer"
  | "end";

/** RFC 9112, section 7.1: chunks, each with its size before it; then size 0, trailers and a blank line. */
class ChunkedDecoder implements BodyDecoder {
  state: BodyDecoder["state"] = "open";
  #part: ChunkedPart = "size";
  /** The chunk's size; within its data, the number of bytes that are left. */
  #size = 0;
  #hasDigits = false;
  /** The number of bytes of extensions or trailers so far. */
  #ignored = 0;

  decode(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    let start = 0;
    let end = 0;
    let at = 0;
    while (at < bytes.length && this.state === "open") {
      if (this.#part !== "data") {
        this.#part = this.#next(bytes[at++]!);
        continue;
      }
      const next = Math.min(at + this.#size, bytes.length);
      // The first chunk stays in place; the others move up to it, over the framing between them.
      if (end === 0) [start, end] = [at, next];
      else {
        bytes.copyWithin(end, at, next);
        end += next - at;
      }
      this.#size -= next - at;
      at = next;
      if (this.#size === 0) this.#part = "cr after data";
    }
    if (at < bytes.length && this.state === "complete") this.state = "overrun";
    return bytes.subarray(start, end);
  }

  /** Processes one byte of framing. */
  #next(byte: number): ChunkedPart {
    switch (this.#part) {
      case "size":
        return this.#nextOfSize(byte);
      case "extension":
        return byte === CR ? "end of size" : this.#ignore(byte, "extension");
      case "end of size":
        return byte !== LF ? this.#broken() : this.#size === 0 ? "line of trailer" : "data";
      case "cr after data":
        return byte === CR ? "lf after data" : this.#broken();
      case "lf after data":
        this.#hasDigits = false;
        this.#ignored = 0;
        return byte === LF ? "size" : this.#broken();
      case "line of trailer":
        return byte === CR ? "end" : this.#ignore(byte, "trailer");
      case "trailer":
        return byte === CR ? "end of trailer" : this.#ignore(byte, "trailer");
      case "end of trailer":
        return byte === LF ? "line of trailer" : this.#broken();
      default:
        if (byte !== LF) return this.#broken();
        this.state = "complete";
        return "end";
    }
  }

  #nextOfSize(byte: number): ChunkedPart {
    const digit = hexDigit(byte);
    if (digit !== -1) {
      this.#hasDigits = true;
      this.#size = this.#size * 16 + digit;
      return this.#size <= Number.MAX_SAFE_INTEGER ? "size" : this.#broken();
    }
    if (!this.#hasDigits) return this.#broken();
    return byte === CR ? "end of size" : byte === SEMICOLON ? "extension" : this.#broken();
  }

  /** Skips extensions and trailers. */
  #ignore(byte: number, part: ChunkedPart): ChunkedPart {
    return byte === LF || ++this.#ignored > MAX_FRAMING_BYTES ? this.#broken() : part;
  }

  #broken(): ChunkedPart {
    this.state = "broken";
    return this.#part;
  }
}

const SEMICOLON = 0x3b;

/** The value of a hexadecimal digit, or -1. */
function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
