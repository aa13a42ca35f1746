/**
 * Removes everything that looks like a key from a provider's message, and limits its length. Providers do repeat keys
 * in their errors ("Incorrect API key provided: sk-…").
 * @module
 */

/** The longest message that is forwarded, in UTF-16 code units. */
export const MAX_PROVIDER_MESSAGE_CHARS = 500;

const REDACTED = "[redacted]";

/** Patterns of credentials. A captured group is kept. */
const KEY_SHAPES: readonly RegExp[] = [
  // Known prefixes, also of keys that the provider has masked.
  /\b(?:sk|pk|rk|gsk|xai|pplx|nvapi|hf|r8|ghp|gho|glpat|xox[abp]|csk|fw|tgp)[-_][A-Za-z0-9_*-]{6,}(?:\.+[A-Za-z0-9_*-]+)*/g,
  /\bAKIA[A-Z0-9]{12,}/g,
  // Ids of accounts and projects.
  /\b(?:org|proj|user|asst)[-_][A-Za-z0-9]{8,}/g,
  // Anything that is masked with asterisks.
  /[A-Za-z0-9_-]*\*{4,}[A-Za-z0-9_*-]*/g,
  // The name and password in a URL.
  /(\/\/)[^\s\/@:]*:[^\s\/@]+(?=@)/g,
  /\bBearer\s+[^\s"',;]+/gi,
  // JSON web tokens.
  /\beyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?/g,
  /\b((?:api[-_ ]?key|access[-_]?token|token|secret|password|authorization)(?: provided)?["']?\s*(?:[=:]|\bis\b)\s*["']?)[^\s"',;&]+/gi,
  /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi,
  // 32 or more characters with letters, digits and a run that is too long for a model's name.
  /\b(?=[A-Za-z_-]*[0-9])(?=[0-9_-]*[A-Za-z])(?=[A-Za-z0-9_-]*[A-Za-z0-9]{13})[A-Za-z0-9_-]{32,}/g,
];

/**
 * The message on one line, without anything that looks like a key, cut to {@linkcode MAX_PROVIDER_MESSAGE_CHARS}.
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
  // deno-lint-ignore no-control-regex -- this removes control characters
  const line = cut(message, 4 * MAX_PROVIDER_MESSAGE_CHARS).replace(/[\x00-\x1f\x7f]+/g, " ").trim();
  const clean = KEY_SHAPES.reduce(
    (text, shape) => text.replace(shape, (_match, kept) => typeof kept === "string" ? kept + REDACTED : REDACTED),
    line,
  );
  return clean.length > MAX_PROVIDER_MESSAGE_CHARS ? `${cut(clean, MAX_PROVIDER_MESSAGE_CHARS - 1)}…` : clean;
}

/** The first `chars` code units. It does not split a surrogate pair. */
function cut(text: string, chars: number): string {
  return text.slice(0, chars).replace(/[\ud800-\udbff]$/, "");
}
