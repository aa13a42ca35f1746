/**
 * Reads and writes the JSON object in the body of a relayed request.
 * @module
 */
import { ChatError } from "../protocol/chat_error.ts";
import { asObject } from "./chat_events/untrusted_json.ts";

/** The object in a body. Of fields with the same name the last one counts. @throws {ChatError} `InvalidRequestFormat` */
export function parseJsonObject(body: Uint8Array<ArrayBuffer>): Record<string, unknown> {
  try {
    const json = asObject<Record<string, unknown>>(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)));
    if (json !== undefined) return json;
  } catch {
    // V8's message would quote the body.
  }
  throw new ChatError("InvalidRequestFormat", "The body is not a JSON object.");
}

/** The headers with JSON as the type of the body: a provider could read a form with other fields in the same bytes. */
export function withJsonType(headers: Headers): Headers {
  const changed = new Headers(headers);
  changed.set("content-type", "application/json");
  return changed;
}

/** The bytes of an object. @throws {ChatError} `InvalidRequestFormat` where it nests too deep to be written */
export function writeJsonObject(json: object): Uint8Array<ArrayBuffer> {
  try {
    return new TextEncoder().encode(JSON.stringify(json));
  } catch {
    // The stack overflows, which it does not where the same text is parsed.
    throw new ChatError("InvalidRequestFormat", "The body is nested too deep.");
  }
}
