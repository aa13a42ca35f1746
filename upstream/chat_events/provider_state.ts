/**
 * Marks the state that a provider wants back, so that no other provider gets it. Clients see it as `reasoning_signature` or
 * `thoughtSignature`, and return it in the history. The shape of a signature does not tell its provider. Only Anthropic's
 * signature of a single block has no mark, as LobeChat's clients know it: it is base64, which has no colon.
 * @module
 */
import type { ProviderApi } from "./provider_config.ts";

/** The state with the mark of its API. @param state any text */
export function markState(api: ProviderApi, state: string): string {
  return `${api}:${state}`;
}

/** The state without its mark; undefined where it is another API's, or has no mark. */
export function unmarkState(api: ProviderApi, signature: string | undefined): string | undefined {
  const mark = `${api}:`;
  return signature?.startsWith(mark) ? signature.slice(mark.length) : undefined;
}
