/**
 * Translates a reasoning effort into the settings that the models of each generation have for thinking.
 * @see https://docs.anthropic.com/en/docs/build-with-claude/extended-thinking
 * @see https://docs.anthropic.com/en/docs/build-with-claude/adaptive-thinking
 * @module
 */

/** The fields of a request that make the model think. Without `thinking` it does not, or decides for itself. */
export interface ThinkingSettings {
  readonly thinking?: { readonly type: string; readonly budget_tokens?: number; readonly display?: string };
  readonly output_config?: { readonly effort: string };
}

/** From this version on the model decides how much it thinks, and later ones refuse a budget. */
const FIRST_ADAPTIVE = 4.6;
/** The first version that can think. */
const FIRST_THINKING = 3.7;
/** From this version on `temperature` and `top_p` are refused. */
const FIRST_WITHOUT_SAMPLING = 4.7;
/** The smallest budget that is accepted, in tokens. */
const MIN_BUDGET = 1024;

const BUDGETS: Readonly<Record<string, number>> = {
  minimal: MIN_BUDGET,
  low: 2048,
  medium: 8192,
  high: 16_384,
  xhigh: 32_768,
  max: 32_768,
};

/**
 * The settings for an effort.
 * @param effort as in OpenAI's API; undefined where the client has none
 * @param maxTokens the output limit, of which thinking may have half
 */
export function toThinking(model: string, effort: string | undefined, maxTokens: number): ThinkingSettings {
  if (effort === undefined || effort === "none") return {};
  const version = versionOf(model) ?? FIRST_THINKING;
  if (version >= FIRST_ADAPTIVE) {
    // Later models send no text of their thinking unless it is requested.
    const thinking = { type: "adaptive", display: "summarized" };
    return { thinking, output_config: { effort: effort === "minimal" ? "low" : effort } };
  }
  const wanted = Object.hasOwn(BUDGETS, effort) ? BUDGETS[effort]! : BUDGETS.medium!;
  const budget = Math.min(wanted, Math.floor(maxTokens / 2));
  return version < FIRST_THINKING || budget < MIN_BUDGET
    ? {}
    : { thinking: { type: "enabled", budget_tokens: budget } };
}

/** True where the model accepts `temperature` and `top_p`. */
export function acceptsSampling(model: string): boolean {
  return (versionOf(model) ?? 0) < FIRST_WITHOUT_SAMPLING;
}

/** 4.5 for `claude-haiku-4-5-20251001`, 3.7 for `claude-3-7-sonnet`; undefined for the models of other providers. */
function versionOf(model: string): number | undefined {
  const [, major, minor = "0"] = /claude-(?:[a-z]+-)?(\d{1,2})(?:[-.](\d))?(?!\d)/.exec(model) ?? [];
  return major === undefined ? undefined : Number(`${major}.${minor}`);
}
