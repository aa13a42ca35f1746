/**
 * Reads the form of an upload as a whole, for a relay that has to find a field in it, and writes it anew.
 * @module
 */
import { ChatError } from "../protocol/chat_error.ts";
import { countSize } from "./http/size_counter.ts";

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
  const bytes = await new Response(body.pipeThrough(countSize(takeMemory))).bytes();
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
 * The form as a body, whose type names its boundary. `fetch` would write it too, but replaces each line end in a text: 20 MB
 * of them stop all streams for 16 s and take 2 GB.
 */
export function writeUploadForm(form: FormData): Blob {
  const boundary = crypto.randomUUID();
  const parts = Array.from(form).flatMap(([name, value]) => [
    `--${boundary}\r\ncontent-disposition: form-data; name="${escapeQuoted(name)}"`,
    typeof value === "string" ? "" : `; filename="${escapeQuoted(value.name)}"${typeLine(value)}`,
    "\r\n\r\n",
    value,
    "\r\n",
  ]);
  return new Blob([...parts, `--${boundary}--\r\n`], { type: `multipart/form-data; boundary=${boundary}` });
}

/** @see https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data */
function escapeQuoted(text: string): string {
  return text.replaceAll("\r", "%0D").replaceAll("\n", "%0A").replaceAll('"', "%22");
}

/** A type from a form is visible ASCII: that of a `Blob` is empty otherwise. */
function typeLine({ type }: File): string {
  return `\r\ncontent-type: ${type || "application/octet-stream"}`;
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
