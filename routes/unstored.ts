/**
 * Keeps requests of proxy mode from storing anything at the provider. OpenAI stores each response of its Responses API for 30
 * days unless the request says otherwise.
 * @see https://platform.openai.com/docs/guides/your-data
 * @module
 */
import { ChatError } from "../protocol/chat_error.ts";
import { parseJsonObject, withJsonType, writeJsonObject } from "../upstream/json_object.ts";
import { assertFewValues } from "./read_json.ts";

/** Fields that need something stored at the provider. */
const STORED_STATE = ["background", "conversation", "previous_response_id"];

/** Paths with a field `store`. */
const STORING_PATHS: ReadonlySet<string> = new Set(["chat/completions", "responses"]);

/** The headers with JSON as the type of the body, so that no provider reads a form with another `store` in it. */
export function asJson(path: string, headers: Headers): Headers {
  return STORING_PATHS.has(path) ? withJsonType(headers) : headers;
}

/**
 * The body with `store: false`, on the paths that know the field. Chat completions get it only where a client names it: other
 * providers than OpenAI may refuse a field that they do not know.
 * @throws {ChatError} `InvalidRequestFormat` for a request that needs what is not stored; `PayloadTooLarge`
 */
export function unstored(path: string, body: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (!STORING_PATHS.has(path)) return body;
  assertFewValues(body);
  const json: Record<string, unknown> = parseJsonObject(body);
  // Parsers of Go ignore the case of names.
  const named = (known: string) => Object.keys(json).filter((name) => name.toLowerCase() === known);
  if (path === "responses") {
    for (const known of STORED_STATE) named(known).forEach((name) => assertUnset(name, json[name]));
  }
  const stores = named("store");
  if (path !== "responses" && stores.length === 0) return body;
  for (const name of stores) delete json[name];
  json.store = false;
  return writeJsonObject(json);
}

function assertUnset(name: string, value: unknown): void {
  if (value === null || value === false) return;
  const message = `${name} needs a response that the provider stores, and this server lets it store none ` +
    "(PROXY_STORE). Send the whole conversation in input";
  throw new ChatError("InvalidRequestFormat", message, { body: { path: name, setting: "PROXY_STORE" } });
}
