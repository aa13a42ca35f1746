import { assertEquals } from "@std/assert";
import type { ChatTool } from "../../../components/chat/chat_tool.ts";
import type { ToolResult } from "../../../components/chat/chat_state.ts";
import { MAX_RESULT_CHARS, runTools } from "../../../components/chat/tool_runner.ts";
import type { ToolCall } from "../../../protocol/chat_request.ts";

const call = (name: string, args = "{}"): ToolCall => ({
  id: `call-${name}`,
  type: "function",
  function: { name, arguments: args },
});

/** Runs one call of one tool and returns the reported results. */
async function resultsOf(tool: Partial<ChatTool>, args?: string, allowed = true): Promise<ToolResult[]> {
  const results: ToolResult[] = [];
  await runTools({
    calls: [call("t", args)],
    tools: [{ name: "t", run: () => "", ...tool }],
    signal: new AbortController().signal,
    mustAsk: ({ confirm }) => confirm === true,
    allow: () => Promise.resolve(allowed),
    onResult: (_, result) => void results.push(result),
  });
  return results;
}

const RESULTS: readonly [string, Partial<ChatTool>, string | undefined, ToolResult][] = [
  ["a string as it is", { run: () => "sunny" }, "{}", { status: "done", content: "sunny" }],
  ["an object as JSON", { run: (args) => Promise.resolve(args) }, '{"a":1}', { status: "done", content: '{"a":1}' }],
  ["undefined as done", { run: () => undefined }, "", { status: "done", content: "done" }],
  [
    "a failure",
    {
      run: () => {
        throw new RangeError("No such city");
      },
    },
    "{}",
    { status: "failed", content: "Error: No such city" },
  ],
  ["a long result cut at the limit", { run: () => "x".repeat(MAX_RESULT_CHARS + 1) }, "{}", {
    status: "done",
    content: "x".repeat(MAX_RESULT_CHARS),
  }],
  ["an error for arguments that are not an object", {}, "[1]", {
    status: "failed",
    content: "Error: Cannot call the tool: its arguments are not a JSON object",
  }],
];
for (const [name, tool, args, expected] of RESULTS) {
  Deno.test(`runTools reports ${name}`, async () => {
    assertEquals(await resultsOf(tool, args), [{ status: "running", content: "" }, expected]);
  });
}

Deno.test("runTools asks before a tool with `confirm`, and does not run a declined call", async () => {
  let runs = 0;
  const tool = { confirm: true, run: () => String(++runs) };
  assertEquals((await resultsOf(tool, "{}", false)).map(({ status }) => status), ["asking", "declined"]);
  assertEquals(runs, 0);
  assertEquals((await resultsOf(tool)).map(({ status }) => status), ["asking", "running", "done"]);
});

Deno.test("runTools runs no further call after an abort", async () => {
  const abort = new AbortController();
  const ran: string[] = [];
  const tool = (name: string): ChatTool => ({
    name,
    run: () => {
      ran.push(name);
      abort.abort();
    },
  });
  await runTools({
    calls: [call("a"), call("b")],
    tools: [tool("a"), tool("b")],
    signal: abort.signal,
    mustAsk: ({ confirm }) => confirm === true,
    allow: () => Promise.resolve(true),
    onResult: () => {},
  });
  assertEquals(ran, ["a"]);
});
