/**
 * Reads single values of the configuration: numbers within a range, lists, and one line for a wrong value.
 * @module
 */

/** Thrown for a wrong value. The message is the line to print. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** Looks up a variable. Undefined where it is not set. */
export type Environment = (name: string) => string | undefined;

/** The items of a comma-separated value. */
export function list(value: string | undefined): string[] {
  return (value ?? "").split(",").map((item) => item.trim()).filter((item) => item !== "");
}

/** A duration in milliseconds, at most a day. @throws {ConfigError} */
export function milliseconds(env: Environment, name: string, fallback: number): number {
  return wholeNumber(env, name, fallback, 1, 24 * 60 * 60_000);
}

/** A whole number within a range. @throws {ConfigError} */
export function wholeNumber(env: Environment, name: string, fallback: number, min: number, max: number): number {
  const value = env(name);
  if (value === undefined) return fallback;
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= min && number <= max) return number;
  throw wrong(name, value, `a whole number from ${min} to ${max}`);
}

/** `true` or `false`. @throws {ConfigError} */
export function boolean(env: Environment, name: string, fallback: boolean): boolean {
  const value = env(name);
  if (value === undefined) return fallback;
  if (value === "true" || value === "false") return value === "true";
  throw wrong(name, value, "true or false");
}

/** The error for a wrong value. Not for secrets: it quotes the value, without what an address may hold of them. */
export function wrong(name: string, found: string, wanted: string): ConfigError {
  return new ConfigError(`${name} is ${JSON.stringify(withoutSecrets(found).slice(0, 100))}, wanted ${wanted}`);
}

/** Hides the user name and password, and the query, of a value that was meant to be an address. */
function withoutSecrets(value: string): string {
  return value.replace(/^(https?:\/\/)?.+@/is, "$1…@").replace(/\?.*$/s, "?…");
}

/** True for a valid base address of a provider. It may have a query. */
export function isHttpUrl(value: string): boolean {
  const url = URL.parse(value);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "" &&
    url.hash === "";
}
