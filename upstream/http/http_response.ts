/**
 * What an HTTP/1.1 answer says about itself: its head, and where its body ends (RFC 9112). Nothing here reads or writes;
 * bytes come in as they were read, cut anywhere.
 * @module
 */

const LF = 10;
const CR = 13;

/** The longest line of a chunk's size with its extensions, and the longest trailer, in bytes. */
const MAX_FRAMING_BYTES = 4096;

/** Thrown for a head that is none, or that leaves open where its body ends. */
export class BadAnswerError extends Error {
  override readonly name = "BadAnswerError";
}

/** The beginning of an answer. */
export interface AnswerHead {
  /** 100 to 599. */
  readonly status: number;
  /** Names and values that `Headers` takes, in Latin-1. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Takes the framing off the body. */
  readonly body: BodyDecoder;
  /** The host lets the connection be used for another request when the body is complete. */
  readonly isPersistent: boolean;
}

/** Takes the framing off one body. */
export interface BodyDecoder {
  /** `open`: there may be more. `complete`: all there. `overrun`: all, and something after it. `broken`: what came is no body. */
  readonly state: "open" | "complete" | "overrun" | "broken";
  /** The bytes of the body in the bytes that came next. They lie in the same memory, which may be written to. */
  decode(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>;
}

/**
 * Reads a head.
 * @param bytes from the status line to the blank line
 * @throws {BadAnswerError}
 */
export function parseHead(bytes: Uint8Array): AnswerHead {
  const [statusLine = "", ...lines] = latin1(bytes).split(/\r?\n/).slice(0, -2);
  const [, version, digits] = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: |$)/.exec(statusLine) ?? [];
  if (digits === undefined) throw new BadAnswerError("the answer does not begin with a status line of HTTP/1.1");
  const headers = lines.map(parseHeader);
  const status = Number(digits);
  const connection = tokens(headers, "connection");
  const codings = tokens(headers, "transfer-encoding").filter((coding) => coding !== "identity");
  const lengths = tokens(headers, "content-length");
  return {
    status,
    headers,
    body: hasBody(status) ? bodyDecoder(codings, lengths) : new LengthDecoder(0),
    // Whoever says both may mean either: the connection is not trusted with a second answer.
    isPersistent: version === "1" && !connection.includes("close") && (codings.length === 0 || lengths.length === 0),
  };
}

function latin1(bytes: Uint8Array): string {
  // Spread, they would be iterated, which leaves more garbage than all of the rest.
  return String.fromCharCode.apply(null, bytes as unknown as number[]);
}

function parseHeader(line: string): readonly [string, string] {
  const [, name, value] = /^([!#$%&'*+\-.^`|~\w]+):([^\0\r]*)$/.exec(line) ?? [];
  if (name === undefined || value === undefined) throw new BadAnswerError("the answer has a line that is no header");
  return [name, value];
}

/** The items of all headers with this name, in lower case. */
function tokens(headers: AnswerHead["headers"], name: string): string[] {
  return headers.filter((header) => header[0].toLowerCase() === name)
    .flatMap(([, value]) => value.toLowerCase().split(",").map((item) => item.trim()));
}

function hasBody(status: number): boolean {
  return status >= 200 && status !== 204 && status !== 304;
}

/** RFC 9112, section 6.3. */
function bodyDecoder(codings: readonly string[], lengths: readonly string[]): BodyDecoder {
  if (codings.length > 0) {
    if (codings.join() !== "chunked") throw new BadAnswerError("the answer has a transfer encoding other than chunked");
    return new ChunkedDecoder();
  }
  if (lengths.length === 0) return new LengthDecoder(Infinity);
  const [length = ""] = lengths;
  if (!/^\d{1,15}$/.test(length) || lengths.some((other) => other !== length)) {
    throw new BadAnswerError("the answer does not say how long it is");
  }
  return new LengthDecoder(Number(length));
}

/** So many bytes; infinitely many where the end of the connection ends the body. */
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

/** What the next byte of a chunked body belongs to. */
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

/** Chunks (RFC 9112, section 7.1): a size, so many bytes, and so on; a size of 0, trailers, a blank line. */
class ChunkedDecoder implements BodyDecoder {
  state: BodyDecoder["state"] = "open";
  #part: ChunkedPart = "size";
  /** Of the chunk's size or, within its data, of what is still to come. */
  #size = 0;
  #hasDigits = false;
  /** Bytes of extensions or trailers so far. */
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
      // The first chunk stays where it is; others move up to it, over the framing between them.
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

  /** Takes a byte of framing. */
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
    return byte === CR ? "end of size" : byte === SEMICOLON || isBlank(byte) ? "extension" : this.#broken();
  }

  /** Extensions and trailers say nothing to us. */
  #ignore(byte: number, part: ChunkedPart): ChunkedPart {
    return byte === LF || ++this.#ignored > MAX_FRAMING_BYTES ? this.#broken() : part;
  }

  #broken(): ChunkedPart {
    this.state = "broken";
    return this.#part;
  }
}

const SEMICOLON = 0x3b;

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09;
}

/** The value of a hexadecimal digit, or -1. */
function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
