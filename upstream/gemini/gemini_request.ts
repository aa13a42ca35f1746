/**
 * Translates a checked request into the body of Gemini's `streamGenerateContent`.
 * @see https://ai.google.dev/api/generate-content
 * @module
 */
import type { ToolDefinition } from "../../protocol/chat_request.ts";
import type { DialectRequest, ProviderRequest } from "../chat_events/dialect.ts";
import { unsupportedField } from "../chat_events/unsupported_field.ts";
import { asList, asObject, asText } from "../chat_events/untrusted_json.ts";
import { toContents } from "./gemini_contents.ts";
import { isGemini3, thinkingConfigFor } from "./thinking_config.ts";

type Json = Readonly<Record<string, unknown>>;

/**
 * The request for an answer as a stream. `parallel_tool_calls` and a message's `name` have no counterpart and are left out.
 * @throws {ChatError} `InvalidRequestFormat` with the path of a field that Gemini cannot express
 */
export function toGeminiRequest(request: ProviderRequest): DialectRequest {
  const { system, contents } = toContents(request.messages, isGemini3(request.model));
  if (contents.length === 0) throw unsupportedField("messages", "must have a message besides the instructions");
  const { tools = [] } = request;
  return {
    path: `${modelPath(request.model)}:streamGenerateContent?alt=sse`,
    body: defined({
      contents,
      systemInstruction: system.length === 0 ? undefined : { parts: system },
      tools: tools.length === 0 ? undefined : [{ functionDeclarations: tools.map(toDeclaration) }],
      toolConfig: tools.length === 0 ? undefined : toToolConfig(request.tool_choice),
      generationConfig: toGenerationConfig(request),
    }),
  };
}

/** The resource of a model: `models/<name>`, unless the name is a resource already, as for tuned models. */
function modelPath(model: string): string {
  const segments = model.includes("/") ? model.split("/") : ["models", model];
  if (segments.some((segment) => /^\.{0,2}$/.test(segment))) throw unsupportedField("model", "is not a model's name");
  return segments.map(encodeURIComponent).join("/");
}

function toDeclaration({ function: { name, description, parameters } }: ToolDefinition): Json {
  return defined({ name, description, parametersJsonSchema: parameters });
}

function toToolConfig(choice: ProviderRequest["tool_choice"]): Json | undefined {
  const config = toCallingConfig(choice);
  return config === undefined ? undefined : { functionCallingConfig: config };
}

function toCallingConfig(choice: ProviderRequest["tool_choice"]): Json | undefined {
  if (choice === undefined || choice === "auto") return undefined;
  if (choice === "none") return { mode: "NONE" };
  if (choice === "required") return { mode: "ANY" };
  const { function: chosen, allowed_tools: allowed } = typeof choice === "string" ? {} : choice;
  const name = nameOf({ function: chosen });
  if (name !== undefined) return { mode: "ANY", allowedFunctionNames: [name] };
  const { mode, tools } = asObject<{ mode: unknown; tools: unknown }>(allowed) ?? {};
  const names = asList(tools).map(nameOf).filter((each) => each !== undefined);
  if (names.length === 0) throw unsupportedField("tool_choice", "is not supported by this model's provider");
  return { mode: mode === "required" ? "ANY" : "VALIDATED", allowedFunctionNames: names };
}

function nameOf(tool: unknown): string | undefined {
  return asText(asObject<{ name: unknown }>(asObject<{ function: unknown }>(tool)?.function)?.name);
}

function toGenerationConfig(request: ProviderRequest): Json | undefined {
  const { stop, reasoning_effort: effort } = request;
  const config = defined({
    temperature: request.temperature,
    topP: request.top_p,
    maxOutputTokens: request.max_completion_tokens ?? request.max_tokens,
    stopSequences: typeof stop === "string" ? [stop] : stop,
    presencePenalty: request.presence_penalty,
    frequencyPenalty: request.frequency_penalty,
    seed: request.seed,
    ...toResponseFormat(request.response_format),
    thinkingConfig: effort === undefined ? undefined : toThinkingConfig(request.model, effort),
  });
  return Object.keys(config).length === 0 ? undefined : config;
}

function toThinkingConfig(model: string, effort: string): Json {
  const config = thinkingConfigFor(model, effort);
  if (config === undefined) throw unsupportedField("reasoning_effort", "is not supported by this model's provider");
  return config;
}

function toResponseFormat(format: ProviderRequest["response_format"]): Json {
  switch (format?.type) {
    case undefined:
    case "text":
      return {};
    case "json_object":
      return { responseMimeType: "application/json" };
    case "json_schema": {
      const { schema } = asObject<{ schema: unknown }>(format.json_schema) ?? {};
      return { responseMimeType: "application/json", responseJsonSchema: schema };
    }
    default:
      throw unsupportedField("response_format", "is not supported by this model's provider");
  }
}

/** The fields that have a value. */
function defined(json: Json): Json {
  return Object.fromEntries(Object.entries(json).filter(([, value]) => value !== undefined));
}
