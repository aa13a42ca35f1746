/** The rules that assign a fragment to its tool call. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { EMPTY_ANSWER, reduceChatAnswer } from "../../../protocol/chat_answer.ts";
import type { ToolCallDelta } from "../../../protocol/chat_event.ts";
import {
  MAX_CUSTOM_INPUT_CHARS,
  MAX_TOOL_CALLS,
  ToolCalls,
  TooManyToolCallsError,
} from "../../../upstream/chat_completions/tool_calls.ts";

/** An entry of a chunk's `tool_calls`. */
function entry(index: unknown, id: unknown, name: unknown, args: unknown): Record<string, unknown> {
  return { index, id, type: "function", function: { name, arguments: args } };
}

function createToolCalls(): ToolCalls {
  let made = 0;
  return new ToolCalls(() => `made_${++made}`);
}

/** The deltas for these entries. */
function take(entries: readonly unknown[]): ToolCallDelta[] {
  const calls = createToolCalls();
  return entries.map((each) => calls.take(each)).filter((delta) => delta !== undefined);
}

/** The calls as a client joins them: id, name, arguments. */
function joined(entries: readonly unknown[]): [id: string, name: string, args: string][] {
  const answer = reduceChatAnswer(EMPTY_ANSWER, { type: "tool_calls", data: take(entries) });
  return (answer.tool_calls ?? []).map((call) => [call.id, call.function.name, call.function.arguments]);
}

const NONE = undefined;

const CALLS: readonly [rule: string, entries: readonly unknown[], calls: readonly [string, string, string][]][] = [
  ["joins fragments by index", [entry(0, "a", "f", ""), entry(0, NONE, NONE, '{"x"'), entry(0, NONE, NONE, ":1}")], [[
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
  ["joins fragments by id when there is no index", [
    entry(NONE, "a", "f", "{"),
    entry(NONE, "b", "g", "{"),
    entry(NONE, "a", NONE, "}"),
    entry(NONE, "b", NONE, "}"),
  ], [["a", "f", "{}"], ["b", "g", "{}"]]],
  [
    "joins a fragment to the last call when it has neither",
    [entry(NONE, "a", "f", "{"), entry(NONE, NONE, NONE, "}")],
    [[
      "a",
      "f",
      "{}",
    ]],
  ],
  ["opens several calls when whole calls have no index", [entry(NONE, "a", "f", "{}"), entry(NONE, "b", "f", "{}")], [[
    "a",
    "f",
    "{}",
  ], ["b", "f", "{}"]]],
  ["opens several calls with generated ids when whole calls have neither index nor id", [
    entry(NONE, NONE, "f", "{}"),
    entry(NONE, "", "f", "{}"),
  ], [["made_1", "f", "{}"], ["made_2", "f", "{}"]]],
  ["opens a call when a fragment without an id has another name", [
    entry(NONE, NONE, "f", ""),
    entry(NONE, NONE, "g", ""),
  ], [[
    "made_1",
    "f",
    "",
  ], ["made_2", "g", ""]]],
  ["opens a call when a fragment at the same index without an id has another name", [
    entry(0, NONE, "f", "{}"),
    entry(0, NONE, "g", "{}"),
  ], [["made_1", "f", "{}"], ["made_2", "g", "{}"]]],
  ["opens a call when the same name follows complete arguments", [
    entry(0, NONE, "f", '{"a":"}"'),
    entry(0, NONE, "f", "}"),
    entry(0, NONE, "f", "{}"),
  ], [["made_1", "f", '{"a":"}"}'], ["made_2", "f", "{}"]]],
  ["continues a call when its name is repeated", [entry(0, "a", "f", '{"x'), entry(0, "a", "f", '":1}')], [[
    "a",
    "f",
    '{"x":1}',
  ]]],
  ["continues a call when its id and name are repeated after complete arguments", [
    entry(0, "a", "f", "{}"),
    entry(0, "a", "f", " "),
  ], [["a", "f", "{} "]]],
  ["ignores an empty id", [entry(0, "a", "f", "{"), entry(0, "", NONE, "}")], [["a", "f", "{}"]]],
  ["continues a call when its id comes late", [entry(0, NONE, "f", "{"), entry(0, "late", NONE, "}")], [[
    "made_1",
    "f",
    "{}",
  ]]],
  ["finds a call by an id that came late", [
    entry(0, NONE, "f", "{"),
    entry(0, "late", NONE, ""),
    entry(NONE, "late", NONE, "}"),
  ], [["made_1", "f", "{}"]]],
  ["uses a name that comes late", [entry(0, "a", null, ""), entry(0, NONE, "f", "{}")], [["a", "f", "{}"]]],
  ["keeps the first name when a later one is empty or null", [
    entry(0, "a", "f", "{"),
    entry(0, NONE, "", "}"),
    entry(0, NONE, null, ""),
  ], [["a", "f", "{}"]]],
  ["joins arguments that follow the name", [entry(0, "a", "f", NONE), entry(0, NONE, NONE, "{}")], [[
    "a",
    "f",
    "{}",
  ]]],
  ["keeps a call that never gets a name", [entry(0, "a", NONE, "{}")], [["a", "", "{}"]]],
  ["uses the JSON of arguments that are an object", [entry(NONE, "a", "f", { x: [1, "y"] })], [[
    "a",
    "f",
    '{"x":[1,"y"]}',
  ]]],
  ["ignores arguments of another type", [
    entry(0, "a", "f", 7),
    entry(1, "b", "f", ["x"]),
    entry(2, "c", "f", true),
  ], [["a", "f", ""], ["b", "f", ""], ["c", "f", ""]]],
  ["counts its own indexes, whatever the provider sends", [
    entry(4294967295, "a", "f", "{"),
    entry(-1, "b", "g", "{"),
    entry(0.5, "c", "h", "{"),
    entry(4294967295, NONE, NONE, "}"),
  ], [["a", "f", "{}"], ["b", "g", "{"], ["c", "h", "{"]]],
  ["treats names of object properties like other indexes", [
    entry("__proto__", "a", "f", "{"),
    entry("toString", "b", "g", "{"),
    entry("__proto__", NONE, NONE, "}"),
  ], [["a", "f", "{}"], ["b", "g", "{"]]],
  ["ignores an index of another type", [entry({}, "a", "f", "{"), entry([0], NONE, NONE, "}")], [[
    "a",
    "f",
    "{}",
  ]]],
  ["generates an id when two calls at different indexes have the same one", [
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

Deno.test("ToolCalls sends the id with every fragment, the name with one, and counts calls from 0", () => {
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

Deno.test("ToolCalls returns undefined when a fragment adds nothing", () => {
  assertEquals(take([entry(0, "a", "f", "{}"), entry(0, "a", "f", ""), entry(0, "a", NONE, "")]).length, 1);
});

Deno.test("ToolCalls pollutes no prototype", () => {
  take([
    entry("__proto__", "__proto__", "__proto__", '{"polluted":true}'),
    entry("constructor", "constructor", "x", "{}"),
  ]);
  assertEquals(({} as Record<string, unknown>).polluted, undefined);
});

Deno.test("ToolCalls throws when there are too many calls", () => {
  const calls = createToolCalls();
  for (let n = 0; n < MAX_TOOL_CALLS; n++) assert(calls.take(entry(n, `id_${n}`, "f", "{}")) !== undefined);
  // A fragment of a known call does not open a call.
  assertEquals(calls.take(entry(3, NONE, NONE, " "))?.index, 3);
  assertThrows(() => calls.take(entry(MAX_TOOL_CALLS, "one_more", "f", "{}")), TooManyToolCallsError);
});

Deno.test("ToolCalls holds a limited amount of the input of custom calls, and gives each call once", () => {
  const calls = new ToolCalls(() => "made");
  const input = "x".repeat(MAX_CUSTOM_INPUT_CHARS / 2);
  assertEquals(calls.take({ index: 0, id: "a", type: "custom", custom: { name: "f", input } }), undefined);
  assertEquals(calls.take({ index: 0, custom: { input } }), undefined);
  assertThrows(() => calls.take({ index: 0, custom: { input: "x" } }), TooManyToolCallsError);
  assertEquals(calls.takeCustom().map(({ id, function: { name, arguments: text } }) => [id, name, text.length]), [
    ["a", "f", MAX_CUSTOM_INPUT_CHARS],
  ]);
  assertEquals(calls.takeCustom(), []);
});
