/**
 * The dialect of Anthropic's Messages API.
 * @see https://docs.anthropic.com/en/api/messages
 * @module
 */
import type { ChatRequest, ToolDefinition } from "../../protocol/chat_request.ts";
import type { Dialect, DialectRequest, DialectTarget, ProviderRequest } from "../chat_events/dialect.ts";
import { JsonEventDecoder } from "../chat_events/json_event_decoder.ts";
import { unsupportedField } from "../chat_events/unsupported_field.ts";
import { asObject, asText } from "../chat_events/untrusted_json.ts";
import type { ContentBlock } from "./anthropic_content.ts";
import { AnthropicMapper } from "./anthropic_mapper.ts";
import { type AnthropicMessage, toConversation } from "./anthropic_messages.ts";
import { acceptsSampling, type ThinkingSettings, toThinking } from "./anthropic_thinking.ts";
import { replayMessage } from "./replay_message.ts";

/** The output limit of a model without one in the configuration, in tokens: the API requires one. */
export const DEFAULT_MAX_TOKENS = 4096;

/** The dialect. */
export const anthropic: Dialect = {
  toRequest,
  createDecoder: (context) => new JsonEventDecoder(context, (answer) => new AnthropicMapper(answer)),
  toStream: replayMessage,
};

/** The version of the API that we write and read. */
export const VERSION = { "anthropic-version": "2023-06-01" };
/** At most four marks are accepted: the tools, the instructions and the last two turns of the user. */
const CACHE = { cache_control: { type: "ephemeral" } };
const CACHED_TURNS = 2;

function toRequest(request: ProviderRequest, { provider, model }: DialectTarget): DialectRequest {
  const { max_tokens, max_completion_tokens } = request;
  const given = Math.min(max_tokens ?? Infinity, max_completion_tokens ?? Infinity);
  const maxTokens = given === Infinity ? model?.maxOutputTokens ?? DEFAULT_MAX_TOKENS : given;
  const { system, messages } = toConversation(request.messages);
  const tools = toTools(request, messages);
  const choice = toToolChoice(request);
  const { thinking, output_config } = thinkingOf(request, maxTokens, messages, choice);
  const format = toFormat(request.response_format);
  const config = { ...output_config, ...(format !== undefined && { format }) };
  const isCached = provider.promptCaching !== false;
  return {
    path: "messages",
    headers: VERSION,
    body: {
      model: request.model,
      max_tokens: maxTokens,
      ...(system.length > 0 && { system: isCached ? markLast(system) : system }),
      messages: isCached ? markTurns(messages) : messages,
      ...(tools.length > 0 && { tools: isCached ? markLast(tools) : tools }),
      ...(tools.length > 0 && choice !== undefined && { tool_choice: choice }),
      ...(thinking === undefined ? toSampling(request) : { thinking }),
      ...(Object.keys(config).length > 0 && { output_config: config }),
      ...toStopSequences(request.stop),
      stream: true,
    },
  };
}

interface Tool {
  readonly name: string;
  readonly description?: string;
  readonly input_schema: object;
}

/** The tools. A conversation with calls needs their tools, also where the client offers none any more. */
function toTools({ tools = [] }: ProviderRequest, messages: readonly AnthropicMessage[]): readonly Tool[] {
  if (tools.length > 0) return tools.map(toTool);
  const calls = messages.flatMap(({ content }) => content.filter(({ type }) => type === "tool_use"));
  const names = new Set(calls.map(({ name }) => String(name)));
  return [...names].map((name) => ({ name, input_schema: { type: "object" } }));
}

function toTool({ function: { name, description, parameters } }: ToolDefinition): Tool {
  return { name, ...(description && { description }), input_schema: { type: "object", ...parameters } };
}

interface ToolChoice {
  readonly type: string;
  readonly name?: string;
  readonly disable_parallel_tool_use?: boolean;
}

function toToolChoice({ tools = [], tool_choice, parallel_tool_calls }: ProviderRequest): ToolChoice | undefined {
  if (tools.length === 0) return { type: "none" };
  const choice = toChoice(tool_choice);
  if (parallel_tool_calls !== false || choice?.type === "none") return choice;
  return { ...choice ?? { type: "auto" }, disable_parallel_tool_use: true };
}

function toChoice(choice: ChatRequest["tool_choice"]): ToolChoice | undefined {
  if (choice === undefined) return undefined;
  if (choice === "auto" || choice === "none") return { type: choice };
  if (choice === "required") return { type: "any" };
  const name = asText(asObject<{ name: unknown }>(asObject<{ function: unknown }>(choice)?.function)?.name);
  if (name !== undefined) return { type: "tool", name };
  throw unsupportedField("tool_choice", 'must be "auto", "none", "required" or a function');
}

/**
 * The settings for thinking; none where the API would refuse them: with a tool that the model must call, and in a tool loop
 * that began without thinking, at another provider.
 */
function thinkingOf(
  { model, reasoning_effort }: ProviderRequest,
  maxTokens: number,
  messages: readonly AnthropicMessage[],
  choice: ToolChoice | undefined,
): ThinkingSettings {
  const settings = toThinking(model, reasoning_effort, maxTokens);
  const isForced = choice?.type === "any" || choice?.type === "tool";
  const needsHistory = settings.thinking?.type === "enabled";
  return isForced || (needsHistory && !beganWithThinking(messages)) ? {} : settings;
}

function beganWithThinking(messages: readonly AnthropicMessage[]): boolean {
  const isLoop = messages.at(-1)?.content.some(({ type }) => type === "tool_result") ?? false;
  return !isLoop || /thinking$/.test(messages.at(-2)?.content[0]?.type ?? "");
}

/** The API accepts one of the two only, and a temperature up to 1. */
function toSampling({ model, temperature, top_p }: ProviderRequest): object {
  if (!acceptsSampling(model)) return {};
  if (temperature !== undefined) return { temperature: Math.min(temperature, 1) };
  return top_p === undefined ? {} : { top_p };
}

/** The API refuses sequences of white space. */
function toStopSequences(stop: ChatRequest["stop"] = []): object {
  const sequences = [stop].flat().filter((sequence) => sequence.trim() !== "");
  return sequences.length === 0 ? {} : { stop_sequences: sequences };
}

/** @see https://docs.anthropic.com/en/docs/build-with-claude/structured-outputs */
function toFormat(format: ChatRequest["response_format"]): object | undefined {
  if (format === undefined || format.type === "text") return undefined;
  const schema = asObject(asObject<{ schema: unknown }>(format.json_schema)?.schema);
  if (format.type === "json_schema" && schema !== undefined) return { type: "json_schema", schema };
  throw unsupportedField("response_format", "must be a JSON schema: this model has no other format than text");
}

function markLast<T extends object>(items: readonly T[]): readonly T[] {
  return items.map((item, index) => index === items.length - 1 ? { ...item, ...CACHE } : item);
}

/** Marks the end of the user's last turns: each request reads what the one before has written. */
function markTurns(messages: readonly AnthropicMessage[]): readonly AnthropicMessage[] {
  const users = messages.filter(({ role }) => role === "user").slice(-CACHED_TURNS);
  return messages.map((message) =>
    users.includes(message) ? { ...message, content: markLast<ContentBlock>(message.content) } : message
  );
}
