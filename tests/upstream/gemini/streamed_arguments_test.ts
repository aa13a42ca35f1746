/** Arguments that are streamed value by value. */
import { assertEquals, assertThrows } from "@std/assert";
import { StreamedArguments } from "../../../upstream/gemini/streamed_arguments.ts";

function join(...values: readonly (readonly [jsonPath: unknown, value: Record<string, unknown>])[]): string {
  const args = new StreamedArguments(1000);
  for (const [jsonPath, value] of values) args.add({ jsonPath, ...value });
  return args.toString();
}

Deno.test("StreamedArguments joins strings of one path and keeps the order of names", () => {
  const json = join(
    ["$.b", { stringValue: "x" }],
    ["$.a[0].n", { numberValue: 1 }],
    ["$.b", { stringValue: "y" }],
    ["$.a[0].n", { numberValue: 2 }],
    ["$.a[1]", { boolValue: false }],
    ["$.c", { nullValue: "NULL_VALUE" }],
    ["$.d", {}],
  );
  assertEquals(json, '{"b":"xy","a":[{"n":2},false],"c":null}');
});

Deno.test("StreamedArguments reads quoted names, and keeps __proto__ a name", () => {
  const json = join(["$['it\\'s']", { numberValue: 1 }], ['$["a.b"]', { numberValue: 2 }], ["$.__proto__.x", {
    numberValue: 3,
  }]);
  assertEquals(json, '{"it\'s":1,"a.b":2,"__proto__":{"x":3}}');
  assertEquals(({} as { x?: unknown }).x, undefined);
});

for (
  const path of [
    "",
    "$",
    "a",
    "$.",
    "$..a",
    "$[1",
    "$.a[-1]",
    "$.a[1]",
    "$.a[4294967295]",
    `$${".a".repeat(101)}`,
    7,
  ]
) {
  Deno.test(`StreamedArguments refuses the path ${String(path).slice(0, 30)}`, () => {
    assertThrows(() => join([path, { stringValue: "x" }]), SyntaxError);
  });
}

Deno.test("StreamedArguments refuses a path through a plain value, names in a list, and too many characters", () => {
  assertThrows(() => join(["$.a", { numberValue: 1 }], ["$.a.b", { numberValue: 1 }]), SyntaxError);
  assertThrows(() => join(["$.a[0]", { numberValue: 1 }], ["$.a.b", { numberValue: 1 }]), SyntaxError);
  assertThrows(() => join(["$.a", { stringValue: "x".repeat(1000) }]), RangeError);
});
