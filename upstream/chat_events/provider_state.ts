/**
 * Marks the state that a provider wants back, so that no other provider gets it. Clients see it as `reasoning_signature` and
 * return it as `reasoning.signature`. Anthropic's signature of a single block goes out as it is, as LobeChat sends it: it
 * is base64, which has no colon.
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
