/**
 * `@std/assert` as this project uses it, taken from npm so that an install needs one registry only.
 * The types are written out because `deno-std` ships JavaScript; they match the original's.
 * Removing the `links` entry in `deno.json` takes the package from JSR instead.
 * @module
 */
// deno-lint-ignore-file no-explicit-any
import * as all from "deno-std/assert/mod.js";

type ErrorClass<E extends Error = Error> = abstract new (...args: any[]) => E;

export const AssertionError: new (message: string) => Error = (all as any).AssertionError;
/** Throws unless `expr` is truthy. */
export const assert: (expr: unknown, msg?: string) => asserts expr = (all as any).assert;
/** Throws unless both are equal in depth. */
export const assertEquals: <T>(actual: T, expected: T, msg?: string) => void = (all as any).assertEquals;
/** Throws when both are equal in depth. */
export const assertNotEquals: <T>(actual: T, expected: T, msg?: string) => void = (all as any).assertNotEquals;
/** Throws unless both are the same value. */
export const assertStrictEquals: <T>(actual: unknown, expected: T, msg?: string) => asserts actual is T =
  (all as any).assertStrictEquals;
/** Throws when the value is null or undefined. */
export const assertExists: <T>(actual: T, msg?: string) => asserts actual is NonNullable<T> = (all as any).assertExists;
/** Throws unless `actual` matches the pattern. */
export const assertMatch: (actual: string, expected: RegExp, msg?: string) => void = (all as any).assertMatch;
/** Throws when `actual` matches the pattern. */
export const assertNotMatch: (actual: string, expected: RegExp, msg?: string) => void = (all as any).assertNotMatch;
/** Throws unless `actual` contains `expected`. */
export const assertStringIncludes: (actual: string, expected: string, msg?: string) => void =
  (all as any).assertStringIncludes;
/** Throws unless `actual` has everything that `expected` has. */
export const assertObjectMatch: (actual: Record<PropertyKey, any>, expected: Record<PropertyKey, any>) => void =
  (all as any).assertObjectMatch;
/** Throws unless `actual` is at least `expected`. */
export const assertGreaterOrEqual: <T>(actual: T, expected: T, msg?: string) => void =
  (all as any).assertGreaterOrEqual;
/** Throws unless `actual` is at most `expected`. */
export const assertLessOrEqual: <T>(actual: T, expected: T, msg?: string) => void = (all as any).assertLessOrEqual;
/** Throws unless `value` is an instance of `type`. */
export const assertInstanceOf: <T>(
  value: unknown,
  type: abstract new (...args: any[]) => T,
  msg?: string,
) => asserts value is T = (all as any).assertInstanceOf;
/** Runs `fn`, which must throw, and returns what it threw. */
export const assertThrows: <E extends Error = Error>(
  fn: () => unknown,
  errorClass?: ErrorClass<E>,
  msgIncludes?: string,
) => E = (all as any).assertThrows;
/** Awaits `fn`, which must reject, and returns the reason. */
export const assertRejects: <E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  errorClass?: ErrorClass<E>,
  msgIncludes?: string,
) => Promise<E> = (all as any).assertRejects;
/** Throws always: the line must not be reached. */
export const fail: (msg?: string) => never = (all as any).fail;
