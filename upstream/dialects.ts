/**
 * The dialects by the names that the configuration has for them.
 * @module
 */
import { anthropic } from "./anthropic/anthropic.ts";
import { chatCompletions } from "./chat_completions/chat_completions.ts";
import type { Dialect } from "./chat_events/dialect.ts";
import type { ProviderApi } from "./chat_events/provider_config.ts";

/** Every dialect. */
export const DIALECTS: Readonly<Partial<Record<ProviderApi, Dialect>>> = {
  "chat-completions": chatCompletions,
  "anthropic": anthropic,
};

/** The dialect of an API. @throws {RangeError} for one without a dialect */
export function dialectOf(api: ProviderApi = "chat-completions"): Dialect {
  const dialect = DIALECTS[api];
  if (dialect === undefined) throw new RangeError(`Cannot speak the API ${api}: there is no dialect for it`);
  return dialect;
}
