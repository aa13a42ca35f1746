/**
 * The dialect of OpenAI's chat completions, with what other providers of the same API do differently.
 * @see https://platform.openai.com/docs/api-reference/chat/create
 * @module
 */
import type { ChatMessage, ToolCall } from "../../protocol/chat_request.ts";
import type { Dialect, DialectRequest, DialectTarget, ProviderRequest } from "../chat_events/dialect.ts";
import type { OutputLimitField } from "../chat_events/provider_config.ts";
import { unmarkState } from "../chat_events/provider_state.ts";
import { ShortCutDecoder } from "./short_cut_decoder.ts";

type Provider = DialectTarget["provider"];

/** The dialect. */
export const chatCompletions: Dialect = {
  toRequest,
  adapt,
  createDecoder: (context) => new ShortCutDecoder(context),
  toStream(json) {
    return Array.isArray(json.choices) ? `data: ${JSON.stringify(json)}\n\ndata: [DONE]\n\n` : undefined;
  },
};

/** Providers that know one field only. Where they refuse it, {@linkcode adapt} takes the other. */
const DEFAULT_OUTPUT_LIMIT_FIELD: OutputLimitField = "max_tokens";

function toRequest(request: ProviderRequest, { provider }: DialectTarget): DialectRequest {
  const { messages, max_tokens, max_completion_tokens, tools = [], tool_choice, parallel_tool_calls, ...rest } =
    request;
  const limit = smallest(max_tokens, max_completion_tokens);
  const hasCalls = messages.some(({ tool_calls = [] }) => tool_calls.length > 0);
  const field = provider.outputLimitField ?? DEFAULT_OUTPUT_LIMIT_FIELD;
  const reasoningFields = reasoningFieldsOf(provider, request.model);
  return {
    path: "chat/completions",
    body: {
      ...rest,
      messages: messages.map((message) => toMessage(message, provider, reasoningFields, hasCalls)),
      ...(limit !== undefined && { [field]: limit }),
      // Mistral refuses an empty list, and OpenAI a choice without tools.
      ...(tools.length > 0 && { tools, tool_choice, parallel_tool_calls }),
      stream: true,
      ...(provider.streamOptions !== false && { stream_options: { include_usage: true } }),
    },
  };
}

function smallest(a = Infinity, b = Infinity): number | undefined {
  return Math.min(a, b) === Infinity ? undefined : Math.min(a, b);
}

const DEEPSEEK_FIELD = "reasoning_content";

/**
 * The fields in which reasoning goes back. OpenRouter has one of its own, but passes DeepSeek's on, without which DeepSeek's
 * models refuse a conversation with calls.
 * @see https://github.com/UKGovernmentBEIS/inspect_ai/issues/4079
 */
function reasoningFieldsOf({ reasoningField }: Provider, model: string): readonly string[] {
  if (reasoningField === undefined) return [];
  return /deepseek/i.test(model) ? [...new Set([reasoningField, DEEPSEEK_FIELD])] : [reasoningField];
}

/** A message with its provider's own fields for reasoning and signatures. The signature of reasoning is never theirs. */
function toMessage(
  { reasoning, refusal, tool_calls, ...message }: ChatMessage,
  provider: Provider,
  reasoningFields: readonly string[],
  hasCalls: boolean,
): object {
  // DeepSeek refuses answers without the field in a conversation with calls. Those of another provider have none.
  const isMissing = hasCalls && message.role === "assistant" && reasoningFields.includes(DEEPSEEK_FIELD);
  return {
    ...message,
    ...(isMissing && { [DEEPSEEK_FIELD]: "" }),
    // Only OpenAI has a field for it. As content it is understood everywhere.
    ...(refusal !== undefined && !message.content && { content: refusal }),
    ...(reasoning !== undefined && Object.fromEntries(reasoningFields.map((field) => [field, reasoning.content]))),
    ...(tool_calls !== undefined && { tool_calls: tool_calls.map((call) => toToolCall(call, provider)) }),
  };
}

/** @see https://ai.google.dev/gemini-api/docs/thought-signatures */
function toToolCall({ thoughtSignature, ...call }: ToolCall, { thoughtSignatures = false }: Provider): object {
  const signature = thoughtSignatures ? unmarkState("gemini", thoughtSignature) : undefined;
  return signature === undefined ? call : { ...call, extra_content: { google: { thought_signature: signature } } };
}

/** How providers say that they do not know a field. A wrong value is said otherwise, and would be wrong in any field. */
const UNKNOWN_FIELD =
  /unsupported|unrecognized|unknown|unexpected|not supported|not permitted|not allowed|extra[_ ](?:forbidden|inputs|fields)|additional propert|invalid (?:argument|parameter|field)|does not (?:support|exist)/i;

function adapt(refusal: string, provider: Provider): Provider | undefined {
  if (provider.streamOptions !== false && /stream_options|include_usage/.test(refusal)) {
    return { ...provider, streamOptions: false };
  }
  const { outputLimitField: field = DEFAULT_OUTPUT_LIMIT_FIELD } = provider;
  if (!UNKNOWN_FIELD.test(refusal) || !new RegExp(`\\b${field}\\b`).test(refusal)) return undefined;
  return { ...provider, outputLimitField: field === "max_tokens" ? "max_completion_tokens" : "max_tokens" };
}
