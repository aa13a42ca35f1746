/**
 * Reads a request's JSON body within limits: a size, a deadline, the memory of all bodies, strict UTF-8. `Deno.serve` has
 * none of these.
 * @module
 */
import { ChatError } from "../protocol/chat_error.ts";
import { type BodyLease, type BodyPool, FREE_BODY_BYTES } from "./body_pool.ts";

/** How long a client may take to send a small body, in milliseconds. */
export const BODY_DEADLINE_MS = 10_000;
/**
 * How fast a large body must arrive: each byte extends the deadline by this part of a millisecond, but never beyond
 * {@linkcode BODY_DEADLINE_MS} from now, so that no body is held while nothing arrives. 64 KiB a second are a slow mobile
 * network.
 */
const MS_PER_BODY_BYTE = 1000 / (64 * 1024);

/** The limits of a body. */
export interface BodyLimits {
  readonly maxBodyBytes: number;
  readonly bodyDeadlineMs: number;
  /** The memory that large bodies share. */
  readonly pool: BodyPool;
}

/**
 * The parsed body. It is untrusted.
 * @param lease holds the body's memory until the caller no longer needs its content
 * @throws {ChatError} `UnsupportedMediaType`, `PayloadTooLarge`, `ServerBusy`, `RequestTimeout` or `InvalidRequestFormat`
 */
export async function readJson(request: Request, limits: BodyLimits, lease: BodyLease): Promise<unknown> {
  checkMediaType(request.headers);
  const bytes = await readBody(request, limits, lease);
  assertFewValues(bytes);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    // V8's message quotes the body, which may be private: name the kind of fault only.
    const fault = error instanceof TypeError ? "UTF-8" : "JSON";
    throw new ChatError("InvalidRequestFormat", `The body is not valid ${fault}.`);
  }
}

/** The most values of a large body. To parse a million fields of one object takes a second, in which all streams stop. */
const MAX_VALUES = FREE_BODY_BYTES / 4;

/**
 * A large body has long strings, such as files in base64. Many small values would cost many times their size as objects. A
 * body up to {@linkcode FREE_BODY_BYTES} may have any number.
 * @throws {ChatError} `PayloadTooLarge`
 */
export function assertFewValues(bytes: Uint8Array): void {
  if (bytes.byteLength <= FREE_BODY_BYTES) return;
  let values = 0;
  let isText = false;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index];
    if (byte === BACKSLASH) index++;
    else if (byte === QUOTE) isText = !isText;
    else if (!isText && (byte === COMMA || byte === BRACKET || byte === BRACE)) values++;
  }
  if (values <= MAX_VALUES) return;
  throw new ChatError("PayloadTooLarge", "The body has too many values.", { body: { setting: "MAX_BODY_BYTES" } });
}
const [QUOTE, COMMA, BRACKET, BACKSLASH, BRACE] = [0x22, 0x2c, 0x5b, 0x5c, 0x7b];

/** A cross-site form cannot send this type without a preflight. Compressed bodies are never decoded. */
function checkMediaType(headers: Headers): void {
  const [type = "", ...parameters] = (headers.get("content-type") ?? "").toLowerCase().split(";").map((s) => s.trim());
  const charset = parameters.find((parameter) => parameter.startsWith("charset="))?.slice(8).replaceAll('"', "");
  const encoding = headers.get("content-encoding") ?? "identity";
  if (type === "application/json" && (charset ?? "utf-8") === "utf-8" && encoding === "identity") return;
  throw new ChatError("UnsupportedMediaType", "The body must be application/json in UTF-8, not compressed.");
}

/**
 * The body's bytes.
 * @param lease as in {@linkcode readJson}
 * @throws {ChatError} `PayloadTooLarge`, `ServerBusy`, `RequestTimeout` or `ClientLeft`
 */
export async function readBody(
  request: Request,
  { maxBodyBytes, bodyDeadlineMs }: BodyLimits,
  lease: BodyLease,
): Promise<Uint8Array<ArrayBuffer>> {
  if (Number(request.headers.get("content-length")) > maxBodyBytes) {
    await request.body?.cancel().catch(() => {});
    throw tooLarge(maxBodyBytes);
  }
  const reader = request.body?.getReader();
  if (reader === undefined) return new Uint8Array();
  let deadline = performance.now() + bodyDeadlineMs;
  let isLate = false;
  let size = 0;
  const checkDeadline = () => {
    const leftMs = deadline - performance.now();
    if (leftMs > 0) return void (timer = setTimeout(checkDeadline, leftMs));
    isLate = true;
    reader.cancel().catch(() => {});
  };
  let timer = setTimeout(checkDeadline, bodyDeadlineMs);
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      const { byteLength } = read.value;
      size += byteLength;
      deadline = Math.min(deadline + byteLength * MS_PER_BODY_BYTE, performance.now() + bodyDeadlineMs);
      if (size > maxBodyBytes) throw tooLarge(maxBodyBytes);
      lease.growTo(size);
      chunks.push(read.value);
    }
  } catch (error) {
    // A body breaks off when its connection does, so no client reads the response.
    if (!(error instanceof ChatError)) {
      throw new ChatError("ClientLeft", "The client left before its request was complete.", { cause: error });
    }
    await reader.cancel().catch(() => {});
    throw error;
  } finally {
    clearTimeout(timer);
  }
  if (isLate) throw new ChatError("RequestTimeout", "The body did not arrive in time.");
  return join(chunks, size);
}

function tooLarge(maxBodyBytes: number): ChatError {
  return new ChatError("PayloadTooLarge", `The body is larger than ${maxBodyBytes} bytes (MAX_BODY_BYTES).`, {
    body: { setting: "MAX_BODY_BYTES", maxBodyBytes },
  });
}

function join(chunks: readonly Uint8Array<ArrayBuffer>[], size: number): Uint8Array<ArrayBuffer> {
  if (chunks.length === 1) return chunks[0]!;
  const joined = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    joined.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return joined;
}
