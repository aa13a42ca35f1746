/**
 * Reads the form of an upload as a whole, for a relay that has to find a field in it.
 * @module
 */
import { ChatError } from "../protocol/chat_error.ts";

/** The most fields of a form. OpenAI's have about twenty. Each costs far more memory than its bytes. */
const MAX_FIELDS = 100;
const [CR, LF] = [13, 10];

/**
 * The form in a body.
 * @param type the body's content type
 * @param takeMemory takes memory for that many bytes of the body, or throws
 * @throws {ChatError} `InvalidRequestFormat`
 * @throws the body's error, and that of `takeMemory`
 */
export async function readUploadForm(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  type: string,
  takeMemory: (bytes: number) => void = () => {},
): Promise<FormData> {
  let size = 0;
  const counter = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      takeMemory(size += chunk.byteLength);
      controller.enqueue(chunk);
    },
  });
  const bytes = await new Response(body.pipeThrough(counter)).bytes();
  // The parser also takes the type application/x-www-form-urlencoded, in which every second byte may be a field.
  if (!/^multipart\/form-data\s*;/i.test(type)) throw notAForm();
  if (hasManyFields(bytes)) {
    throw new ChatError("InvalidRequestFormat", `The form has more than ${MAX_FIELDS} fields.`);
  }
  try {
    return await new Response(bytes, { headers: { "content-type": type } }).formData();
  } catch {
    throw notAForm();
  }
}

/**
 * Counts the empty lines, as one ends the head of each field. A file may have some too, but in compressed audio four given
 * bytes stand next to each other once in four gigabytes.
 */
function hasManyFields(bytes: Uint8Array<ArrayBuffer>): boolean {
  let fields = 0;
  // Not with indexOf: its calls would take a second for 26 MiB of CR.
  for (let at = 0; at < bytes.length && fields <= MAX_FIELDS; at++) {
    if (bytes[at] !== CR || bytes[at + 1] !== LF || bytes[at + 2] !== CR || bytes[at + 3] !== LF) continue;
    fields++;
    // The content begins here, perhaps with a line break of its own.
    at += 3;
  }
  return fields > MAX_FIELDS;
}

function notAForm(): ChatError {
  return new ChatError("InvalidRequestFormat", "The body is not a multipart form.");
}
