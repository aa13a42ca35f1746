/**
 * Narrows a stranger's JSON. {@linkcode Untrusted} keeps the field names checked and leaves every value `unknown`.
 * @module
 */

/** The same field names with values nobody vouches for. */
export type Untrusted<T> = { readonly [K in keyof T]?: unknown };

/** The value as an object whose fields are still untrusted, or undefined when it is none. */
export function asObject<T = Record<string, unknown>>(value: unknown): Untrusted<T> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value as Untrusted<T> : undefined;
}

/** The value as a list, empty when it is none. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value when it is a string with something in it. */
export function asText(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
