/**
 * Building blocks for the schemas of requests: objects with known fields, lists with limits, and JSON that goes on as it is.
 * Each refuses with a message that completes "… must be".
 * @module
 */
import * as v from "valibot";
import { ChatError } from "../protocol/chat_error.ts";
import { MAX_CONTENT_PARTS, MAX_MESSAGES, MAX_NESTING } from "../protocol/chat_request.ts";
import { isJsonObject, JSON_OBJECT, jsonFault, type JsonObject, keyMessage, oneOf } from "./json_values.ts";

/** Any text. */
export const STRING = v.string("a string");

/** JSON that goes on as it is. Much deeper, `JSON.stringify` overflows. */
export const OPAQUE = v.pipe(v.unknown(), v.check((json) => isShallow(json), `at most ${MAX_NESTING} levels deep`));

/** The same, of an object. */
export const OPAQUE_OBJECT = v.pipe(
  JSON_OBJECT,
  v.check((json) => isShallow(json), `at most ${MAX_NESTING} levels deep`),
);

/**
 * A body that a schema has checked. The check stops at the first wrong field.
 * @throws {ChatError} `InvalidRequestFormat` with the path of the first wrong field, such as `messages[2].role`
 */
export function parseBody<S extends v.GenericSchema>(schema: S, body: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, body, { abortEarly: true });
  if (result.success) return result.output;
  const { path, problem } = jsonFault(result.issues, body);
  throw new ChatError("InvalidRequestFormat", `${path || "The body"} ${problem}`, {
    body: path === "" ? {} : { path },
  });
}

/** An object with these fields. Others are dropped. */
export function object<const E extends v.ObjectEntries>(entries: E) {
  return v.pipe(JSON_OBJECT, fields(entries));
}

/** The same, for a value that is known to be an object. */
export function fields<const E extends v.ObjectEntries>(entries: E) {
  return v.pipe(v.object(entries, keyMessage(entries)), v.transform(withoutNulls));
}

/** An object whose field `tag` selects its schema. Only that one runs: `v.variant` tries them in turn, at twice the cost. */
export function tagged<O extends Readonly<Record<string, v.GenericSchema<JsonObject>>>>(tag: string, options: O) {
  const tags = Object.keys(options);
  const unknownTag = fields({ [tag]: v.picklist(tags, oneOf(tags)) });
  const byTag = new Map<unknown, v.GenericSchema<JsonObject>>(Object.entries(options));
  const choose = (json: unknown) => isJsonObject(json) ? byTag.get(json[tag]) ?? unknownTag : JSON_OBJECT;
  return v.lazy((json) => choose(json) as O[keyof O]);
}

/** An array. Its length is checked before its items, so that one that is too long costs nothing. */
export function listOf<S extends v.GenericSchema>(item: S, min: number, max: number) {
  return v.pipe(
    v.custom<v.InferInput<S>[]>(Array.isArray, "an array"),
    v.minLength(min, `an array of at least ${min} item${min === 1 ? "" : "s"}`),
    v.maxLength(max, `an array of at most ${max} items`),
    v.array(item),
  );
}

/**
 * The messages of a conversation. Their parts are counted before they are checked: 8 MiB can hold 300,000, and checking those
 * would stop all streams for a moment.
 * @param parts the field of a message that may hold a list of parts
 */
export function conversation<S extends v.GenericSchema>(message: S, parts: string) {
  return v.pipe(
    v.custom<v.InferInput<S>[]>(Array.isArray, "an array"),
    v.check(
      (messages) => messages.length > MAX_MESSAGES || countParts(messages, parts) <= MAX_CONTENT_PARTS,
      `an array with at most ${MAX_CONTENT_PARTS} content parts in all messages`,
    ),
    listOf(message, 1, MAX_MESSAGES),
  );
}

function countParts(messages: readonly unknown[], field: string): number {
  return messages.reduce<number>((sum, message) => {
    const parts = isJsonObject(message) ? message[field] : undefined;
    return sum + (Array.isArray(parts) ? parts.length : 0);
  }, 0);
}

/** Deletes the fields that are null or undefined: in OpenAI's API, null stands for an absent optional field. */
function withoutNulls<T extends object>(json: T): Present<T> {
  for (const key in json) if ((json[key] ?? null) === null) delete json[key];
  return json as Present<T>;
}
type Present<T> = { [K in keyof T]: Exclude<T[K], null | undefined> };

/** Whether objects and arrays nest at most `depth` deep. The same limit bounds the recursion. */
function isShallow(value: unknown, depth = MAX_NESTING): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (depth === 0) return false;
  // A loop, not every(): a body of 1 MiB can hold half a million arrays, and a callback for each takes three times as long.
  for (const item of Array.isArray(value) ? value : Object.values(value)) {
    if (!isShallow(item, depth - 1)) return false;
  }
  return true;
}
