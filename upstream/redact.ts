/**
 * Takes out of a provider's message whatever looks like a key, and cuts it to a length fit for a visitor. Providers do
 * repeat keys in their errors ("Incorrect API key provided: sk-…").
 * @module
 */

/** The longest message passed on, in UTF-16 code units. */
export const MAX_PROVIDER_MESSAGE_CHARS = 500;

const REDACTED = "[redacted]";

/** Shapes of credentials: known prefixes, bearer tokens, JSON web tokens, and `key=…` in an address. */
const KEY_SHAPES: readonly RegExp[] = [
  /\b(?:sk|pk|rk|gsk|xai|key|pplx|nvapi|hf|r8|ghp|gho|glpat|xox[abp]|AKIA|AIza|csk|fw|tgp|voyage|dapi)[-_]?[A-Za-z0-9_*-]*[A-Za-z0-9*]{6,}[A-Za-z0-9_*.-]*/g,
  /\bBearer\s+[^\s"',;]+/gi,
  /\beyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?/g,
  /\b((?:api[-_]?key|access[-_]?token|token|secret|password|authorization)["']?\s*[=:]\s*["']?)[^\s"',;&]+/gi,
  // A run of letters and digits too long for a word: 32 characters and more with a digit and a letter among them.
  /\b(?=[A-Za-z0-9_-]*[0-9])(?=[A-Za-z0-9_-]*[A-Za-z])[A-Za-z0-9_-]{32,}\b/g,
];

/**
 * The message without anything that looks like a key, on one line, and no longer than
 * {@linkcode MAX_PROVIDER_MESSAGE_CHARS}.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { redact } from "./redact.ts";
 *
 * assertEquals(redact("Incorrect API key provided: sk-abcdef123456"), "Incorrect API key provided: [redacted]");
 * ```
 */
export function redact(message: string): string {
  // deno-lint-ignore no-control-regex -- control characters are what is taken out here
  const line = message.slice(0, 4 * MAX_PROVIDER_MESSAGE_CHARS).replace(/[\x00-\x1f\x7f]+/g, " ").trim();
  const clean = KEY_SHAPES.reduce(
    (text, shape) => text.replace(shape, (_match, kept) => typeof kept === "string" ? kept + REDACTED : REDACTED),
    line,
  );
  return clean.length > MAX_PROVIDER_MESSAGE_CHARS ? `${clean.slice(0, MAX_PROVIDER_MESSAGE_CHARS - 1)}…` : clean;
}
