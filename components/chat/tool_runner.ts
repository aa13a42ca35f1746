/**
 * Runs the tool calls of an answer in the page. A call that fails, or that the visitor declines, has a result too: the
 * model receives it and continues.
 * @module
 */
import type { ToolCall, ToolDefinition } from "../../protocol/chat_request.ts";
import { type ChatState, shownEntries, type ToolResult } from "./chat_state.ts";
import type { ChatTool } from "./chat_tool.ts";

/** The maximum length of a result as the model receives it, in UTF-16 code units. */
export const MAX_RESULT_CHARS = 64 * 1024;

/** The functions of this module, for a session that loads them lazily. */
export interface ToolRunner {
  readonly toolDefinitions: typeof toolDefinitions;
  readonly canRunTools: typeof canRunTools;
  readonly runTools: typeof runTools;
}

/** The request field that offers the tools to the model. */
export function toolDefinitions(tools: readonly ChatTool[]): { readonly tools: readonly ToolDefinition[] } {
  return {
    tools: tools.map(({ name, description, parameters }) => ({
      type: "function",
      function: { name, ...(description && { description }), ...(parameters && { parameters }) },
    })),
  };
}

/** True if the page has every tool that the last answer calls and fewer than `maxRounds` rounds have run. */
export function canRunTools(state: ChatState, tools: readonly ChatTool[], maxRounds: number): boolean {
  const path = shownEntries(state);
  const last = path.at(-1);
  const calls = last?.type === "answer" ? last.answer.tool_calls ?? [] : [];
  const rounds = path.length - 2 - path.findLastIndex((entry) => entry.type === "question");
  return calls.length > 0 && rounds < maxRounds &&
    calls.every((call) => tools.some((tool) => tool.name === call.function.name));
}

/** What `runTools` needs. */
export interface RunToolsOptions {
  readonly calls: readonly ToolCall[];
  readonly tools: readonly ChatTool[];
  readonly signal: AbortSignal;
  /** True if the visitor must be asked before the tool runs. */
  mustAsk(tool: ChatTool): boolean;
  /** Decides whether a call may run. `asks` is what `mustAsk` returned. */
  allow(call: ToolCall, tool: ChatTool, asks: boolean): Promise<boolean>;
  /** Receives each step of each call. */
  onResult(callId: string, result: ToolResult): void;
}

/** Runs the calls one after the other, in order. Resolves when each has a result. */
export async function runTools({ calls, tools, signal, mustAsk, allow, onResult }: RunToolsOptions): Promise<void> {
  for (const call of calls) {
    if (signal.aborted) return;
    const tool = tools.find(({ name }) => name === call.function.name);
    if (tool === undefined) continue;
    const asks = mustAsk(tool);
    if (asks) onResult(call.id, { status: "asking", content: "" });
    if (!await allow(call, tool, asks)) {
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
