/**
 * Merges the operator's fields into the body of a request.
 * @module
 */
import { asObject } from "./chat_events/untrusted_json.ts";

/** A copy of `base` with the fields of `extra`. Objects are merged, other values replace what is there. */
export function mergeJson(base: object, extra: object | undefined): object {
  if (extra === undefined) return base;
  // Without a prototype, and not by assignment to a literal: a field named __proto__ is a field.
  const merged: Record<string, unknown> = Object.assign(Object.create(null), base);
  for (const [name, value] of Object.entries(extra)) {
    const [inner, more] = [asObject(merged[name]), asObject(value)];
    merged[name] = inner !== undefined && more !== undefined ? mergeJson(inner, more) : value;
  }
  return merged;
}
