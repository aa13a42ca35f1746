/**
 * Runs the tool calls of an answer in the page. A tool that fails, or that the visitor declines, is a result too: the
 * model is told and goes on.
 * @module
 */
import type { ToolCall, ToolDefinition } from "../../protocol/chat_request.ts";
import type { ChatTool } from "./chat_session.ts";
import { type ChatState, shownEntries, type ToolResult } from "./chat_state.ts";

/** The most of a result that the model is told, in UTF-16 code units. */
export const MAX_RESULT_CHARS = 64 * 1024;

/** The part of a request that offers the tools to the model. */
export function offer(tools: readonly ChatTool[]): { readonly tools: readonly ToolDefinition[] } {
  return {
    tools: tools.map(({ name, description, parameters }) => ({
      type: "function",
      function: { name, ...(description && { description }), ...(parameters && { parameters }) },
    })),
  };
}

/** True where the page has every tool that the last answer calls, and the model has not gone on too often already. */
export function canRunTools(state: ChatState, tools: readonly ChatTool[], maxRounds: number): boolean {
  const path = shownEntries(state);
  const last = path.at(-1);
  const calls = last?.type === "answer" ? last.answer.tool_calls ?? [] : [];
  const rounds = path.length - 2 - path.findLastIndex((entry) => entry.type === "question");
  return calls.length > 0 && rounds < maxRounds &&
    calls.every((call) => tools.some((tool) => tool.name === call.function.name));
}

/** What to run, and who is asked and told. */
export interface RunToolsOptions {
  readonly calls: readonly ToolCall[];
  readonly tools: readonly ChatTool[];
  readonly signal: AbortSignal;
  /** Whether a call may happen. */
  allow(call: ToolCall, tool: ChatTool): Promise<boolean>;
  /** Called at each step of each call. */
  onResult(callId: string, result: ToolResult): void;
}

/** Runs the calls one after the other, in their order. Resolves when all have a result. */
export async function runTools({ calls, tools, signal, allow, onResult }: RunToolsOptions): Promise<void> {
  for (const call of calls) {
    if (signal.aborted) return;
    const tool = tools.find(({ name }) => name === call.function.name);
    if (tool === undefined) continue;
    if (tool.confirm) onResult(call.id, { status: "asking", content: "" });
    if (!await allow(call, tool)) {
      onResult(call.id, { status: "declined", content: "The user declined this tool call." });
      continue;
    }
    onResult(call.id, { status: "running", content: "" });
    onResult(call.id, await runTool(call, tool, signal));
  }
}

async function runTool(call: ToolCall, tool: ChatTool, signal: AbortSignal): Promise<ToolResult> {
  try {
    const result = await tool.run(parseArguments(call.function.arguments), signal);
    return { status: "done", content: toContent(result).slice(0, MAX_RESULT_CHARS) };
  } catch (error) {
    return { status: "failed", content: `Error: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function parseArguments(text: string): Record<string, unknown> {
  const value: unknown = JSON.parse(text.trim() === "" ? "{}" : text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError("Cannot call the tool: its arguments are not a JSON object");
  }
  return value as Record<string, unknown>;
}

function toContent(result: unknown): string {
  if (typeof result === "string") return result;
  return JSON.stringify(result) ?? "done";
}
