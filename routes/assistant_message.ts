/**
 * The model's answers in another client's history, in the form of `POST /api/chat`.
 * @module
 */
import type { JsonObject } from "./json_values.ts";

/** A part of the model's reasoning. */
export interface ReasoningPart {
  readonly text: string;
  /** The state that a provider wants back. */
  readonly signature: string | undefined;
}

/**
 * The messages of an answer: one, or none without text and calls, as of an answer that was stopped.
 * @param reasoning in order. The signature that came last is kept: a later one includes the earlier ones.
 */
export function toAssistantMessages(
  text: string,
  reasoning: readonly ReasoningPart[],
  calls: readonly JsonObject[],
): JsonObject[] {
  if (text === "" && calls.length === 0) return [];
  return [{
    role: "assistant",
    content: text === "" ? null : text,
    reasoning: reasoning.length === 0 ? undefined : {
      content: reasoning.map((part) => part.text).join(""),
      signature: reasoning.findLast(({ signature }) => signature !== undefined)?.signature,
    },
    tool_calls: calls,
  }];
}
