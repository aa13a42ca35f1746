/**
 * Marks the state that a provider wants back, so that no other provider gets it. Clients see it as `reasoning_signature` or
 * `thoughtSignature`, and return it in the history. The shape of a signature does not tell its provider: Gemini's and
 * Anthropic's are base64 of similar messages, and encrypted reasoning is any base64.
 * @module
 */

/** The state with the mark of its API. @param state any text */
export function markState(api: string, state: string): string {
  return `${api}:${state}`;
}

/** The state without its mark; undefined where it is another API's, or has no mark. */
export function unmarkState(api: string, signature: string | undefined): string | undefined {
  const mark = `${api}:`;
  return signature?.startsWith(mark) ? signature.slice(mark.length) : undefined;
}
