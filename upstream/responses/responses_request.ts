/**
 * Translates a checked request into the body of OpenAI's Responses API. Nothing is stored at the provider.
 * @see https://platform.openai.com/docs/api-reference/responses/create
 * @module
 */
import type { ToolDefinition } from "../../protocol/chat_request.ts";
import type { DialectRequest, ProviderRequest } from "../chat_events/dialect.ts";
import { unsupportedField } from "../chat_events/unsupported_field.ts";
import { asList, asObject } from "../chat_events/untrusted_json.ts";
import { toInput } from "./responses_input.ts";

type Json = Readonly<Record<string, unknown>>;

/** Models that reason, and so have encrypted reasoning to give back. Others refuse a request for it. */
const REASONING_MODELS = /^(?:o\d|codex|gpt-(?:[5-9]|\d\d)(?!.*\bchat\b)|gpt-oss|grok-(?:[4-9]|3-mini))/;

/**
 * The request for an answer as a stream. `seed` and a message's `name` have no counterpart and are left out.
 * @throws {ChatError} `InvalidRequestFormat` with the path of a field that the API cannot express
 */
export function toResponsesRequest(request: ProviderRequest): DialectRequest {
  rejectUnsupported(request);
  const { model, tools = [], reasoning_effort: effort } = request;
  const hasTools = tools.length > 0;
  return {
    path: "responses",
    body: defined({
      model,
      input: toInput(request.messages),
      stream: true,
      store: false,
      include: reasons(model, effort) ? ["reasoning.encrypted_content"] : undefined,
      reasoning: effort === undefined ? undefined : toReasoning(effort),
      temperature: request.temperature,
      top_p: request.top_p,
      max_output_tokens: request.max_completion_tokens ?? request.max_tokens,
      text: toTextConfig(request.response_format),
      tools: hasTools ? tools.map(toTool) : undefined,
      tool_choice: hasTools ? toToolChoice(request.tool_choice) : undefined,
      parallel_tool_calls: hasTools ? request.parallel_tool_calls : undefined,
    }),
  };
}

/** Penalties of zero are what an answer has without them. */
function rejectUnsupported(request: ProviderRequest): void {
  for (const field of ["stop", "presence_penalty", "frequency_penalty"] as const) {
    if (request[field]) throw unsupportedField(field, "is not supported by this model's provider");
  }
}

function reasons(model: string, effort: string | undefined): boolean {
  if (effort !== undefined) return effort !== "none";
  return REASONING_MODELS.test(model.slice(model.lastIndexOf("/") + 1));
}

function toReasoning(effort: string): Json {
  return effort === "none" ? { effort } : { effort, summary: "auto" };
}

/** Without `strict`, the API would make every field of a schema required. */
function toTool({ function: { name, description, parameters, strict = false } }: ToolDefinition): Json {
  return defined({
    type: "function",
    name,
    description,
    parameters: parameters ?? { type: "object", properties: {} },
    strict,
  });
}

/** Chat completions wrap what a choice names in an object of its type's name. */
function toToolChoice(choice: ProviderRequest["tool_choice"]): unknown {
  if (choice === undefined || typeof choice === "string") return choice;
  const { type } = choice;
  const inner = asObject<{ mode: unknown; tools: unknown }>(choice[String(type)]);
  if (inner === undefined) throw unsupportedField("tool_choice", "is not supported by this model's provider");
  if (type !== "allowed_tools") return { ...inner, type };
  const tools = asList(inner.tools).map((tool) => {
    const known = asObject(tool) ?? {};
    return { ...asObject(known.function), type: known.type };
  });
  return { type, mode: inner.mode, tools };
}

function toTextConfig(format: ProviderRequest["response_format"]): Json | undefined {
  if (format === undefined || format.type === "text") return undefined;
  if (format.type !== "json_schema") return { format: { type: format.type } };
  return { format: { ...asObject(format.json_schema), type: "json_schema" } };
}

/** The fields that have a value. */
function defined(json: Json): Json {
  return Object.fromEntries(Object.entries(json).filter(([, value]) => value !== undefined));
}
