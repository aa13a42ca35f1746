/**
 * Reads a request's JSON body within limits: a size, a deadline, strict UTF-8. `Deno.serve` has none of these.
 * @module
 */
import { ChatError } from "../protocol/chat_error.ts";

/** How long a client may take to send a body, in milliseconds. */
export const BODY_DEADLINE_MS = 10_000;

/** The limits of a body. */
export interface BodyLimits {
  readonly maxBodyBytes: number;
  readonly bodyDeadlineMs: number;
}

/**
 * The parsed body. It is untrusted.
 * @throws {ChatError} `UnsupportedMediaType`, `PayloadTooLarge`, `RequestTimeout` or `InvalidRequestFormat`
 */
export async function readJson(request: Request, limits: BodyLimits): Promise<unknown> {
  checkMediaType(request.headers);
  const bytes = await readBody(request, limits);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    // V8's message quotes the body, which may be private: name the kind of fault only.
    const fault = error instanceof TypeError ? "UTF-8" : "JSON";
    throw new ChatError("InvalidRequestFormat", `The body is not valid ${fault}.`);
  }
}

/** A cross-site form cannot send this type without a preflight. Compressed bodies are never decoded. */
function checkMediaType(headers: Headers): void {
  const [type = "", ...parameters] = (headers.get("content-type") ?? "").toLowerCase().split(";").map((s) => s.trim());
  const charset = parameters.find((parameter) => parameter.startsWith("charset="))?.slice(8).replaceAll('"', "");
  const encoding = headers.get("content-encoding") ?? "identity";
  if (type === "application/json" && (charset ?? "utf-8") === "utf-8" && encoding === "identity") return;
  throw new ChatError("UnsupportedMediaType", "The body must be application/json in UTF-8, not compressed.");
}

/** The body's bytes. @throws {ChatError} `PayloadTooLarge`, `RequestTimeout` or `ClientLeft` */
export async function readBody(request: Request, limits: BodyLimits): Promise<Uint8Array<ArrayBuffer>> {
  const { maxBodyBytes, bodyDeadlineMs } = limits;
  if (Number(request.headers.get("content-length")) > maxBodyBytes) throw await tooLarge(request.body, maxBodyBytes);
  const reader = request.body?.getReader();
  if (reader === undefined) return new Uint8Array();
  let isLate = false;
  const deadline = setTimeout(() => {
    isLate = true;
    reader.cancel().catch(() => {});
  }, bodyDeadlineMs);
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      size += read.value.byteLength;
      if (size > maxBodyBytes) throw await tooLarge(reader, maxBodyBytes);
      chunks.push(read.value);
    }
  } catch (error) {
    if (error instanceof ChatError) throw error;
    // A body breaks off when its connection does, so no client reads the response.
    throw new ChatError("ClientLeft", "The client left before its request was complete.", { cause: error });
  } finally {
    clearTimeout(deadline);
  }
  if (isLate) throw new ChatError("RequestTimeout", `The body did not arrive within ${bodyDeadlineMs} ms.`);
  return join(chunks, size);
}

/** Cancels the rest of the body. */
async function tooLarge(body: { cancel(): Promise<void> } | null, maxBodyBytes: number): Promise<ChatError> {
  await body?.cancel().catch(() => {});
  return new ChatError("PayloadTooLarge", `The body is larger than ${maxBodyBytes} bytes.`);
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
