/**
 * Takes recorded requests of Anthropic apart, so that the same conversation can be built in our form, and the two compared.
 * @module
 */
import type { ChatMessage, ContentPart, ToolCall, ToolDefinition } from "../../protocol/chat_request.ts";
import type { ProviderRequest } from "../../upstream/chat_events/dialect.ts";

type Json = Readonly<Record<string, unknown>>;

interface Block {
  readonly type: string;
  readonly text?: string;
  readonly thinking?: string;
  readonly signature?: string;
  readonly id?: string;
  readonly name?: string;
  readonly input?: unknown;
  readonly tool_use_id?: string;
  readonly content?: string | readonly Block[];
  readonly title?: string;
  readonly source?: {
    readonly type: string;
    readonly media_type: string;
    readonly data: string;
    readonly url?: string;
  };
}

interface Request {
  readonly model: string;
  readonly max_tokens: number;
  readonly system?: string | readonly Block[];
  readonly messages: readonly { readonly role: "user" | "assistant"; readonly content: string | readonly Block[] }[];
  readonly tools?: readonly { readonly name: string; readonly description?: string; readonly input_schema?: Json }[];
  readonly thinking?: Json;
  readonly temperature?: number;
}

/** The conversation in our form. Tools that the provider runs itself are left out. */
export function readAnthropic(body: Json): ProviderRequest {
  const { model, max_tokens, system, messages, tools = [], thinking, temperature } = body as unknown as Request;
  const functions = tools.filter(({ input_schema }) => input_schema !== undefined);
  return {
    model,
    max_tokens,
    messages: [
      ...blocksOf(system ?? []).map(({ text = "" }): ChatMessage => ({ role: "system", content: text })),
      ...messages.flatMap(({ role, content }) =>
        role === "user" ? readUser(blocksOf(content)) : readAssistant(blocksOf(content))
      ),
    ],
    ...(functions.length > 0 && { tools: functions.map(readTool) }),
    ...(thinking !== undefined && { reasoning_effort: "medium" }),
    ...(temperature !== undefined && { temperature }),
  };
}

function blocksOf(content: string | readonly Block[]): readonly Block[] {
  return typeof content === "string" ? [{ type: "text", text: content }] : content;
}

function readTool({ name, description, input_schema }: NonNullable<Request["tools"]>[number]): ToolDefinition {
  return {
    type: "function",
    function: { name, ...(description && { description }), ...(input_schema && { parameters: input_schema }) },
  };
}

function readUser(blocks: readonly Block[]): ChatMessage[] {
  const results = blocks.filter(({ type }) => type === "tool_result").map((
    { tool_use_id, content = [] },
  ): ChatMessage => ({
    role: "tool",
    tool_call_id: tool_use_id!,
    content: blocksOf(content).flatMap(readPart),
  }));
  const content = blocks.filter(({ type }) => type !== "tool_result").flatMap(readPart);
  return content.length === 0 ? results : [...results, { role: "user", content }];
}

function readAssistant(blocks: readonly Block[]): ChatMessage[] {
  const thinking = blocks.find(({ type }) => type === "thinking");
  const calls = blocks.filter(({ type }) => type === "tool_use").map(({ id, name, input }): ToolCall => ({
    id: id!,
    type: "function",
    function: { name: name!, arguments: JSON.stringify(input) },
  }));
  const content = blocks.flatMap(readPart);
  return [{
    role: "assistant",
    content: content.length === 0 ? null : content,
    ...(thinking && { reasoning: { content: thinking.thinking!, signature: thinking.signature! } }),
    ...(calls.length > 0 && { tool_calls: calls }),
  }];
}

function readPart({ type, text, source, title }: Block): ContentPart[] {
  if (type === "text") return [{ type: "text", text: text! }];
  if (source === undefined) return [];
  const data = source.type === "text" ? btoa(source.data) : source.data;
  const url = source.url ?? `data:${source.media_type};base64,${data}`;
  if (type === "image") return [{ type: "image_url", image_url: { url } }];
  return [{ type: "file", file: { file_data: url, ...(title && { filename: title }) } }];
}

/** What both have: no marks for the cache, no settings that our request has other names for. */
export function normalizeAnthropic(body: Json): unknown {
  const { model, max_tokens, system = [], messages, tools = [], thinking, temperature } = body as unknown as Request;
  return sorted({
    model,
    max_tokens,
    system: blocksOf(system).map(({ text }) => text),
    messages: messages.map(({ role, content }) => ({ role, content: blocksOf(content).map(withoutMarks) })),
    // A conversation with calls of the provider's own tools gets their names as tools.
    tools: tools.filter(({ input_schema }) => Object.keys(input_schema ?? {}).length > 1),
    thinks: thinking !== undefined,
    temperature,
  });
}

function withoutMarks(block: Block): unknown {
  const { content, ...rest } = { cache_control: undefined, citations: undefined, ...block };
  const inner = content === undefined ? {} : { content: blocksOf(content).map(withoutMarks) };
  return { ...rest, cache_control: undefined, citations: undefined, ...inner };
}

/** The same JSON with its names in order, without marks for the cache. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([name, each]) => each !== undefined && name !== "cache_control");
  return Object.fromEntries(entries.toSorted(([a], [b]) => a < b ? -1 : 1).map(([name, each]) => [name, sorted(each)]));
}
