/**
 * The dialects by the names that the configuration has for them.
 * @module
 */
import { anthropic } from "./anthropic/anthropic.ts";
import { chatCompletions } from "./chat_completions/chat_completions.ts";
import type { Dialect } from "./chat_events/dialect.ts";
import type { ProviderApi } from "./chat_events/provider_config.ts";
import { gemini } from "./gemini/gemini.ts";
import { responses } from "./responses/responses.ts";

/** The dialect of each API. */
export const DIALECTS: Readonly<Record<ProviderApi, Dialect>> = {
  "chat-completions": chatCompletions,
  "responses": responses,
  "anthropic": anthropic,
  "gemini": gemini,
};
