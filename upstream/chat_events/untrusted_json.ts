/**
 * Narrows untrusted JSON. {@linkcode Untrusted} keeps the field names of a type and makes every value `unknown`.
 * @module
 */

/** The same field names with unknown values. */
export type Untrusted<T> = { readonly [K in keyof T]?: unknown };

/** The value as an object with untrusted fields; undefined for anything else. */
export function asObject<T = Record<string, unknown>>(value: unknown): Untrusted<T> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value as Untrusted<T> : undefined;
}

/** The value as a list; an empty list for anything else. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value if it is a non-empty string. */
export function asText(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
