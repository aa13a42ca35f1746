/**
 * Translates OpenAI's `reasoning_effort` into Gemini's `thinkingConfig`. Models up to 2.5 take a budget of tokens, later ones
 * a level. The values are those of Gemini's own OpenAI-compatible endpoint.
 * @see https://ai.google.dev/gemini-api/docs/openai#thinking
 * @module
 */

/** Tokens by effort. */
const BUDGETS: ReadonlyMap<string, number> = new Map([
  ["minimal", 1024],
  ["low", 1024],
  ["medium", 8192],
  ["high", 24_576],
  ["xhigh", 24_576],
]);

const LEVELS: ReadonlyMap<string, string> = new Map([
  ["minimal", "minimal"],
  ["low", "low"],
  ["medium", "medium"],
  ["high", "high"],
  ["xhigh", "high"],
]);

/** The least budget of a model that cannot do without thinking. */
const MIN_PRO_BUDGET = 128;

/** Whether a model is of Gemini 3 or later: its calls must come back with their signatures, and it takes levels. */
export function isGemini3(model: string): boolean {
  return !/(?:^|\/)(?:gemini-[12][.-]|gemma)/.test(model);
}

/**
 * The `thinkingConfig` for an effort.
 * @returns undefined for an effort that this API does not know
 */
export function thinkingConfigFor(model: string, effort: string): Readonly<Record<string, unknown>> | undefined {
  const isPro = /-pro\b/.test(model);
  if (effort === "none") {
    // The pro models cannot think less than this.
    if (isGemini3(model)) return { thinkingLevel: isPro ? "low" : "minimal" };
    return { thinkingBudget: isPro ? MIN_PRO_BUDGET : 0 };
  }
  const value = isGemini3(model)
    // Gemini 3 Pro has no level below "low".
    ? { thinkingLevel: isPro && effort === "minimal" ? "low" : LEVELS.get(effort) }
    : { thinkingBudget: BUDGETS.get(effort) };
  return Object.values(value).includes(undefined) ? undefined : { includeThoughts: true, ...value };
}
