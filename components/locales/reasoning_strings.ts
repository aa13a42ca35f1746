/**
 * The English strings of the model's reasoning.
 * @module
 */

/** The strings by name. */
export const REASONING_ENGLISH = {
  thinking: "Thinking…",
  reasoning: "Reasoning",
};

/** The strings that are available once `reasoning.ts` is. */
export type ReasoningStrings = Readonly<typeof REASONING_ENGLISH>;
