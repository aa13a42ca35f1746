/**
 * The English strings of the features that a page turns on.
 * @module
 */

/** The strings by name. */
export const FEATURE_ENGLISH = {
  goodAnswer: "Good answer",
  badAnswer: "Bad answer",
  comment: "Tell us more (optional)",
  thanks: "Thank you for your feedback.",
  suggestions: "Suggested questions",
  model: "Model",
  tokens: "Tokens: {in} in, {out} out",
  totalTokens: "{total} tokens",
  notSent: "The message could not be sent. Please try again.",
};
