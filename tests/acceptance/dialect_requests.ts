/**
 * Takes recorded requests of Gemini, of the Responses API and of Anthropic apart, builds the same conversation in our form, and compares
 * what goes to the provider with the recording. What only other clients send is left out of both: the provider's own tools,
 * ids of items, types of schemas in capitals.
 * @module
 */
import type { ChatMessage, ContentPart, ToolDefinition } from "../../protocol/chat_request.ts";
import type { Dialect, ProviderRequest } from "../../upstream/chat_events/dialect.ts";
import { anthropic } from "../../upstream/anthropic/anthropic.ts";
import { gemini } from "../../upstream/gemini/gemini.ts";
import { responses } from "../../upstream/responses/responses.ts";
import { normalizeAnthropic, readAnthropic } from "./anthropic_requests.ts";
import { assertSame, readSuite, Suite, type SuiteResult } from "./suite.ts";

type Json = Readonly<Record<string, unknown>>;

/** Runs `recordings/<dialect>/requests`, as far as the folder has them. */
export async function runRequests(suitesDir: string): Promise<SuiteResult[]> {
  const results: SuiteResult[] = [];
  for (
    const [name, dialect, read, normalize] of [
      ["gemini", gemini, readGemini, normalizeGemini],
      ["responses", responses, readResponses, normalizeResponses],
      ["anthropic", anthropic, readAnthropic, normalizeAnthropic],
    ] as const
  ) {
    const folder = `recordings/${name}/requests`;
    const index = await readSuite<readonly { readonly file: string }[]>(suitesDir, `${folder}/INDEX.json`);
    if (index === undefined) continue;
    const suite = new Suite(`${name}: requests`);
    for (const { file } of index) {
      await suite.try(file, async () => {
        const body = await readSuite<Json>(suitesDir, `${folder}/${file}`);
        const sent = send(dialect, read(body!));
        assertSame("the request", normalize(sent), normalize(body!));
      });
    }
    results.push(suite.result);
  }
  return results;
}

function send(dialect: Dialect, request: ProviderRequest): Json {
  return dialect.toRequest(request, { provider: { baseURL: "https://example.com" }, model: undefined }).body;
}

interface GeminiPart {
  readonly text?: string;
  readonly inlineData?: { readonly mimeType: string; readonly data: string };
  readonly fileData?: { readonly fileUri: string };
  readonly functionCall?: { readonly id?: string; readonly name: string; readonly args: unknown };
  readonly functionResponse?: { readonly id?: string; readonly name: string; readonly response: Json };
  readonly thoughtSignature?: string;
}

interface GeminiContent {
  readonly role: string;
  readonly parts: readonly GeminiPart[];
}

function readGemini(body: Json): ProviderRequest {
  const { contents, systemInstruction, tools } = body as {
    contents: readonly GeminiContent[];
    systemInstruction?: GeminiContent;
    tools?: readonly { functionDeclarations?: readonly Json[] }[];
  };
  const system = systemInstruction?.parts.map(({ text = "" }) => ({ role: "system" as const, content: text })) ?? [];
  const declarations = tools?.flatMap(({ functionDeclarations = [] }) => functionDeclarations) ?? [];
  return {
    model: "gemini-2.5-flash",
    messages: [...system, ...contents.flatMap(readGeminiContent)],
    tools: declarations.map((
      declaration,
    ) => ({ type: "function", function: declaration } as unknown as ToolDefinition)),
  };
}

function readGeminiContent({ role, parts }: GeminiContent): ChatMessage[] {
  const results = parts.flatMap(({ functionResponse }) => functionResponse ?? []);
  if (results.length > 0) {
    return results.map(({ id = "", response }) => ({
      role: "tool",
      tool_call_id: id,
      content: String(Object.values(response)[0]),
    }));
  }
  const content = parts.flatMap(readGeminiPart);
  const calls = parts.flatMap(({ functionCall, thoughtSignature }) =>
    functionCall === undefined ? [] : [{
      id: functionCall.id ?? "",
      type: "function" as const,
      function: { name: functionCall.name, arguments: JSON.stringify(functionCall.args) },
      ...(thoughtSignature !== undefined && { thoughtSignature: `gemini:${thoughtSignature}` }),
    }]
  );
  if (role !== "model") return [{ role: "user", content }];
  const signature = parts.find((part) => part.functionCall === undefined && part.thoughtSignature)?.thoughtSignature;
  return [{
    role: "assistant",
    content: content.length === 0 ? null : content,
    ...(signature !== undefined && { reasoning: { content: "", signature: `gemini:${signature}` } }),
    ...(calls.length > 0 && { tool_calls: calls }),
  }];
}

function readGeminiPart({ text, inlineData, fileData }: GeminiPart): ContentPart[] {
  if (text !== undefined) return text === "" ? [] : [{ type: "text", text }];
  const url = inlineData ? `data:${inlineData.mimeType};base64,${inlineData.data}` : fileData?.fileUri;
  return url === undefined ? [] : [{ type: "image_url", image_url: { url } }];
}

/** The turns with their parts in order of kind, and the names of tools. */
function normalizeGemini(body: Json): unknown {
  const { contents, systemInstruction, tools } = body as {
    contents: readonly GeminiContent[];
    systemInstruction?: GeminiContent;
    tools?: readonly { functionDeclarations?: readonly { readonly name: string }[] }[];
  };
  return {
    system: systemInstruction?.parts.map(({ text }) => text) ?? [],
    contents: contents.map(({ role, parts }) => [role, ...parts.map(normalizeGeminiPart)]),
    tools: tools?.flatMap(({ functionDeclarations = [] }) => functionDeclarations.map(({ name }) => name)) ?? [],
  };
}

function normalizeGeminiPart(
  { text, inlineData, fileData, functionCall, functionResponse, thoughtSignature }: GeminiPart,
): unknown {
  const result = functionResponse && { ...functionResponse, response: Object.values(functionResponse.response)[0] };
  const parts = { text, inlineData, file: fileData?.fileUri, functionCall, result, thoughtSignature };
  return sorted(parts);
}

interface ResponsesItem {
  readonly type?: string;
  readonly role?: ChatMessage["role"];
  readonly content?: unknown;
  readonly call_id?: string;
  readonly name?: string;
  readonly arguments?: string;
  readonly output?: unknown;
  readonly id?: string;
  readonly encrypted_content?: string;
}

function readResponses(body: Json): ProviderRequest {
  const { model, input, instructions, reasoning, tools, text } = body as {
    model: string;
    input: readonly ResponsesItem[];
    instructions?: string;
    reasoning?: { effort?: string };
    tools?: readonly (Json & { readonly type: string })[];
    text?: { format: Json & { readonly type: string } };
  };
  const system: ChatMessage[] = instructions === undefined ? [] : [{ role: "system", content: instructions }];
  const functions = tools?.filter(({ type }) => type === "function") ?? [];
  return {
    model,
    messages: [...system, ...readInput(input)],
    ...(reasoning?.effort !== undefined && { reasoning_effort: reasoning.effort }),
    ...(text && { response_format: { type: text.format.type, json_schema: { ...text.format, type: undefined } } }),
    tools: functions.map((
      { type: _type, ...tool },
    ) => ({ type: "function", function: tool } as unknown as ToolDefinition)),
  };
}

function readInput(input: readonly ResponsesItem[]): ChatMessage[] {
  const messages: ChatMessage[] = [];
  let state = "";
  for (const item of input) {
    if (item.type === "reasoning") state = `responses:${item.id}:${item.encrypted_content}`;
    else if (item.type === "function_call") {
      const call = {
        id: item.call_id!,
        type: "function" as const,
        function: { name: item.name!, arguments: item.arguments! },
      };
      const reasoning = state === "" ? {} : { reasoning: { content: "", signature: state } };
      messages.push({ role: "assistant", content: null, tool_calls: [call], ...reasoning });
      state = "";
    } else if (item.type === "function_call_output") {
      messages.push({ role: "tool", tool_call_id: item.call_id!, content: readContent(item.output) });
    } else messages.push({ role: item.role!, content: readContent(item.content) });
  }
  return messages;
}

function readContent(content: unknown): string | readonly ContentPart[] {
  if (typeof content === "string") return content;
  return (content as readonly { type: string; text: string; image_url: string; detail: string }[]).map((part) =>
    part.type === "input_image"
      ? { type: "image_url", image_url: { url: part.image_url, detail: part.detail } }
      : { type: "text", text: part.text }
  );
}

/** The fields that both have. Instructions are the first message, and null stands for an absent description. */
function normalizeResponses(body: Json): unknown {
  const { model, input, instructions, tools = [], text, stream: _stream } = body as {
    model: string;
    input: readonly (Json & { readonly type?: string; readonly id?: string })[];
    instructions?: string;
    tools?: readonly Json[];
    text?: unknown;
    stream?: boolean;
  };
  const items = input.map((item) => sorted(item.type === "reasoning" ? item : { ...item, id: undefined }));
  return sorted({
    model,
    input: [...instructions === undefined ? [] : [sorted({ role: "system", content: instructions })], ...items],
    tools: tools.filter(({ type }) => type === "function").map((tool) =>
      sorted({ ...tool, description: tool.description ?? undefined })
    ),
    text: text === undefined ? undefined : sorted(text),
  });
}

/** The same JSON with its names in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(entries.toSorted(([a], [b]) => a < b ? -1 : 1).map(([name, each]) => [name, sorted(each)]));
}
