/**
 * Building blocks for schemas of untrusted JSON, and the message that names the first wrong field. Every message in a schema
 * completes "… must be", so that all refusals have one form.
 * @module
 */
import * as v from "valibot";
import { MAX_NAME_CHARS } from "../protocol/chat_request.ts";

/** A JSON object with any keys. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** What is wrong with a JSON document. */
export interface JsonFault {
  /** The JSON path of the field, such as `messages[2].role`. Empty for the document itself. */
  readonly path: string;
  /** What follows the path in a sentence, such as `must be a string, found null`. Strings are described, not repeated. */
  readonly problem: string;
}

/** What a name must be. */
export const NAME_MESSAGE = `a string of 1 to ${MAX_NAME_CHARS} characters`;
const POSITIVE_MESSAGE = "a whole number above 0";

/** An id, or the name of a model, a tool or a variable. */
export const NAME = v.pipe(
  v.string(NAME_MESSAGE),
  v.minLength(1, NAME_MESSAGE),
  v.maxLength(MAX_NAME_CHARS, NAME_MESSAGE),
);

/** A whole number above 0 that a double holds exactly. */
export const POSITIVE_INTEGER = v.pipe(
  v.number(POSITIVE_MESSAGE),
  v.safeInteger(POSITIVE_MESSAGE),
  v.minValue(1, POSITIVE_MESSAGE),
);

/** A JSON object. It goes before every object schema, because those of Valibot accept arrays. */
export const JSON_OBJECT = v.custom<JsonObject>(isJsonObject, "an object");

/** Whether a JSON value is an object, which null and arrays are not. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The message for a string that must be one of several. */
export function oneOf(values: readonly string[]): string {
  return `${values.length > 1 ? "one of " : ""}${values.map((value) => `"${value}"`).join(", ")}`;
}

/** The message of an object schema: what a missing key must be, or which keys are known where one is not. */
export function keyMessage(entries: v.ObjectEntries): (issue: v.BaseIssue<unknown>) => string {
  return (issue) => {
    if (isUnknownKey(issue)) return `is not a known key, known are ${Object.keys(entries).join(", ")}`;
    const schema = entries[String(issue.path?.[0]?.key)];
    return schema !== undefined && "message" in schema ? String(schema.message) : "present";
  };
}

/**
 * The first fault among a schema's issues. Unknown keys come first: an unknown key is often a misspelt required one.
 * @param document the checked value, in which the faulty one is looked up
 */
export function jsonFault(issues: readonly v.BaseIssue<unknown>[], document: unknown): JsonFault {
  const faults = issues.flatMap(innermost);
  const { path, issue } = faults.find(({ issue }) => isUnknownKey(issue)) ?? faults[0]!;
  const found = path.reduce<unknown>((value, key) => (value as JsonObject)[key], document);
  const problem = isUnknownKey(issue) ? issue.message : `must be ${issue.message}, found ${describe(found)}`;
  return { path: formatPath(path), problem };
}

/** An issue and the keys that lead to the value that it is about. */
interface LocatedIssue {
  readonly path: readonly (string | number)[];
  readonly issue: v.BaseIssue<unknown>;
}

/** The issues of a union's options that lie inside the value, if any: they are more specific than the union's own. */
function innermost(issue: v.BaseIssue<unknown>): LocatedIssue[] {
  const path = (issue.path ?? []).map(({ key }) => key as string | number);
  const inside = (issue.issues ?? []).flatMap(innermost).filter((option) => option.path.length > 0);
  return inside.length === 0
    ? [{ path, issue }]
    : inside.map((option) => ({ path: [...path, ...option.path], issue: option.issue }));
}

function isUnknownKey({ type, expected }: v.BaseIssue<unknown>): boolean {
  return type === "strict_object" && expected === "never";
}

function formatPath(path: readonly (string | number)[]): string {
  return path.map((key) => typeof key === "number" ? `[${key}]` : `.${key}`).join("").replace(/^\./, "");
}

/** Describes a value by its kind. Strings may be private, so only their length is shown. */
function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "string") {
    return value === "" ? "an empty string" : `a string of ${value.length} character${value.length === 1 ? "" : "s"}`;
  }
  if (typeof value === "number") return `the number ${value}`;
  return typeof value === "object" ? "an object" : String(value);
}
