/**
 * Reads the form of an upload as a whole, for a relay that has to find a field in it.
 * @module
 */
import { Buffer } from "node:buffer";
import { ChatError } from "../protocol/chat_error.ts";

/** The most fields of a form. OpenAI's have about twenty. Each costs far more memory than its bytes. */
const MAX_FIELDS = 100;
/** What ends the head of a field. A form that a parser accepts has one for each. */
const END_OF_HEAD = "\r\n\r\n";

/**
 * The form in a body.
 * @param type the body's content type
 * @throws {ChatError} `InvalidRequestFormat`
 * @throws the body's error
 */
export async function readUploadForm(body: ReadableStream<Uint8Array<ArrayBuffer>>, type: string): Promise<FormData> {
  const bytes = await new Response(body).bytes();
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

/** A file may contain an {@linkcode END_OF_HEAD} as well, but audio has it once in four gigabytes. */
function hasManyFields({ buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer>): boolean {
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  let fields = 0;
  for (let at = bytes.indexOf(END_OF_HEAD); at !== -1; at = bytes.indexOf(END_OF_HEAD, at + END_OF_HEAD.length)) {
    if (++fields > MAX_FIELDS) return true;
  }
  return false;
}

function notAForm(): ChatError {
  return new ChatError("InvalidRequestFormat", "The body is not a multipart form.");
}
