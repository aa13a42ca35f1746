/** Where each piece of a tool call goes, rule by rule. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { EMPTY_ANSWER, reduceChatAnswer } from "../../../protocol/chat_answer.ts";
import type { ToolCallDelta } from "../../../protocol/chat_event.ts";
import { MAX_TOOL_CALLS, ToolCalls, TooManyToolCallsError } from "../../../upstream/chat_completions/tool_calls.ts";

/** An entry of a chunk's `tool_calls`. */
function entry(index: unknown, id: unknown, name: unknown, args: unknown): Record<string, unknown> {
  return { index, id, type: "function", function: { name, arguments: args } };
}

function createToolCalls(): ToolCalls {
  let made = 0;
  return new ToolCalls(() => `made_${++made}`);
}

/** What is sent for these entries. */
function take(entries: readonly unknown[]): ToolCallDelta[] {
  const calls = createToolCalls();
  return entries.map((each) => calls.take(each)).filter((delta) => delta !== undefined);
}

/** The calls as a client puts them together: id, name, arguments. */
function joined(entries: readonly unknown[]): [id: string, name: string, args: string][] {
  const answer = reduceChatAnswer(EMPTY_ANSWER, { type: "tool_calls", data: take(entries) });
  return (answer.tool_calls ?? []).map((call) => [call.id, call.function.name, call.function.arguments]);
}

const NONE = undefined;

const CALLS: readonly [rule: string, entries: readonly unknown[], calls: readonly [string, string, string][]][] = [
  ["joins pieces by index", [entry(0, "a", "f", ""), entry(0, NONE, NONE, '{"x"'), entry(0, NONE, NONE, ":1}")], [[
    "a",
    "f",
    '{"x":1}',
  ]]],
  [
    "keeps calls that come in turns apart by index",
    [entry(0, "a", "f", "{"), entry(1, "b", "g", "{"), entry(0, NONE, NONE, "}"), entry(1, NONE, NONE, "}")],
    [["a", "f", "{}"], ["b", "g", "{}"]],
  ],
  [
    "takes another id at the same index for another call",
    [entry(0, "a", "f", "{"), entry(0, NONE, NONE, "}"), entry(0, "b", "g", "{"), entry(0, NONE, NONE, "}")],
    [["a", "f", "{}"], ["b", "g", "{}"]],
  ],
  [
    "goes back to an earlier call at a shared index by its id",
    [entry(0, "a", "f", "{"), entry(0, "b", "g", "{"), entry(0, "a", NONE, "}"), entry(0, "b", NONE, "}")],
    [["a", "f", "{}"], ["b", "g", "{}"]],
  ],
  ["joins pieces by id where there is no index", [
    entry(NONE, "a", "f", "{"),
    entry(NONE, "b", "g", "{"),
    entry(NONE, "a", NONE, "}"),
    entry(NONE, "b", NONE, "}"),
  ], [["a", "f", "{}"], ["b", "g", "{}"]]],
  ["joins to the last call where there is neither", [entry(NONE, "a", "f", "{"), entry(NONE, NONE, NONE, "}")], [[
    "a",
    "f",
    "{}",
  ]]],
  ["takes whole calls without index for several", [entry(NONE, "a", "f", "{}"), entry(NONE, "b", "f", "{}")], [[
    "a",
    "f",
    "{}",
  ], ["b", "f", "{}"]]],
  ["takes whole calls with neither index nor id for several, and makes ids", [
    entry(NONE, NONE, "f", "{}"),
    entry(NONE, "", "f", "{}"),
  ], [["made_1", "f", "{}"], ["made_2", "f", "{}"]]],
  ["takes another name without an id for another call", [entry(NONE, NONE, "f", ""), entry(NONE, NONE, "g", "")], [[
    "made_1",
    "f",
    "",
  ], ["made_2", "g", ""]]],
  ["takes another name at the same index without an id for another call", [
    entry(0, NONE, "f", "{}"),
    entry(0, NONE, "g", "{}"),
  ], [["made_1", "f", "{}"], ["made_2", "g", "{}"]]],
  ["takes the same name after whole arguments for another call", [
    entry(0, NONE, "f", '{"a":"}"'),
    entry(0, NONE, "f", "}"),
    entry(0, NONE, "f", "{}"),
  ], [["made_1", "f", '{"a":"}"}'], ["made_2", "f", "{}"]]],
  ["takes a repeated name within a call for the same call", [entry(0, "a", "f", '{"x'), entry(0, "a", "f", '":1}')], [[
    "a",
    "f",
    '{"x":1}',
  ]]],
  ["takes a repeated id and name after whole arguments for the same call", [
    entry(0, "a", "f", "{}"),
    entry(0, "a", "f", " "),
  ], [["a", "f", "{} "]]],
  ["takes an empty id for a missing one", [entry(0, "a", "f", "{"), entry(0, "", NONE, "}")], [["a", "f", "{}"]]],
  ["takes an id that comes late for the call's own", [entry(0, NONE, "f", "{"), entry(0, "late", NONE, "}")], [[
    "made_1",
    "f",
    "{}",
  ]]],
  ["finds a call by an id that came late", [
    entry(0, NONE, "f", "{"),
    entry(0, "late", NONE, ""),
    entry(NONE, "late", NONE, "}"),
  ], [["made_1", "f", "{}"]]],
  ["takes a name that comes late", [entry(0, "a", null, ""), entry(0, NONE, "f", "{}")], [["a", "f", "{}"]]],
  ["keeps the first name when a later one is empty or null", [
    entry(0, "a", "f", "{"),
    entry(0, NONE, "", "}"),
    entry(0, NONE, null, ""),
  ], [["a", "f", "{}"]]],
  ["takes the name first and the arguments later", [entry(0, "a", "f", NONE), entry(0, NONE, NONE, "{}")], [[
    "a",
    "f",
    "{}",
  ]]],
  ["takes a call that never gets a name", [entry(0, "a", NONE, "{}")], [["a", "", "{}"]]],
  ["takes arguments that are an object as their JSON", [entry(NONE, "a", "f", { x: [1, "y"] })], [[
    "a",
    "f",
    '{"x":[1,"y"]}',
  ]]],
  ["takes arguments of another type for none", [
    entry(0, "a", "f", 7),
    entry(1, "b", "f", ["x"]),
    entry(2, "c", "f", true),
  ], [["a", "f", ""], ["b", "f", ""], ["c", "f", ""]]],
  ["counts its own indexes, whatever the provider's are", [
    entry(4294967295, "a", "f", "{"),
    entry(-1, "b", "g", "{"),
    entry(0.5, "c", "h", "{"),
    entry(4294967295, NONE, NONE, "}"),
  ], [["a", "f", "{}"], ["b", "g", "{"], ["c", "h", "{"]]],
  ["takes the names of properties for indexes like any others", [
    entry("__proto__", "a", "f", "{"),
    entry("toString", "b", "g", "{"),
    entry("__proto__", NONE, NONE, "}"),
  ], [["a", "f", "{}"], ["b", "g", "{"]]],
  ["takes an index of another type for none", [entry({}, "a", "f", "{"), entry([0], NONE, NONE, "}")], [[
    "a",
    "f",
    "{}",
  ]]],
  ["makes an id where two calls at different indexes have the same", [
    entry(0, "a", "f", "{}"),
    entry(1, "a", "g", "{}"),
  ], [["a", "f", "{}"], ["made_1", "g", "{}"]]],
  [
    "finds a call by its id where its index comes late",
    [entry(NONE, "a", "f", "{"), entry(3, "a", NONE, "}"), entry(3, NONE, NONE, " ")],
    [["a", "f", "{} "]],
  ],
  [
    "goes on with the call of a shared id that the index names",
    [entry(0, "a", "f", "{}"), entry(1, "a", "g", "{}"), entry(1, "a", "g", " ")],
    [["a", "f", "{}"], ["made_1", "g", "{} "]],
  ],
  [
    "sees the end of the arguments through escapes and braces in strings",
    [entry(0, NONE, "f", '{"a":"\\"}'), entry(0, NONE, "f", '"}'), entry(0, NONE, "f", "{}")],
    [["made_1", "f", '{"a":"\\"}"}'], ["made_2", "f", "{}"]],
  ],
  [
    "drops entries that are nothing",
    [null, 7, "x", [], {}, { index: 0 }, { function: null }, entry(0, "", "", "")],
    [],
  ],
  ["drops an empty entry after a call", [entry(0, "a", "f", "{}"), { index: 0, function: { arguments: "" } }, {
    index: 1,
  }], [["a", "f", "{}"]]],
];

for (const [rule, entries, calls] of CALLS) {
  Deno.test(`ToolCalls ${rule}`, () => assertEquals(joined(entries), calls));
}

Deno.test("ToolCalls puts the id on every piece, the name on one, and counts calls from 0", () => {
  const deltas = take([
    entry(7, "a", "f", ""),
    entry(7, NONE, NONE, "{"),
    entry(7, NONE, "f", "}"),
    entry(9, "b", "g", "{}"),
  ]);
  assertEquals(deltas, [
    { index: 0, id: "a", type: "function", function: { name: "f", arguments: "" } },
    { index: 0, id: "a", type: "function", function: { name: null, arguments: "{" } },
    { index: 0, id: "a", type: "function", function: { name: null, arguments: "}" } },
    { index: 1, id: "b", type: "function", function: { name: "g", arguments: "{}" } },
  ]);
});

Deno.test("ToolCalls sends nothing for a piece that says nothing new", () => {
  assertEquals(take([entry(0, "a", "f", "{}"), entry(0, "a", "f", ""), entry(0, "a", NONE, "")]).length, 1);
});

Deno.test("ToolCalls pollutes no prototype", () => {
  take([
    entry("__proto__", "__proto__", "__proto__", '{"polluted":true}'),
    entry("constructor", "constructor", "x", "{}"),
  ]);
  assertEquals(({} as Record<string, unknown>).polluted, undefined);
});

Deno.test("ToolCalls throws when there are more calls than it follows", () => {
  const calls = createToolCalls();
  for (let n = 0; n < MAX_TOOL_CALLS; n++) assert(calls.take(entry(n, `id_${n}`, "f", "{}")) !== undefined);
  // One more piece of a known call is no new call.
  assertEquals(calls.take(entry(3, NONE, NONE, " "))?.index, 3);
  assertThrows(() => calls.take(entry(MAX_TOOL_CALLS, "one_more", "f", "{}")), TooManyToolCallsError);
});
