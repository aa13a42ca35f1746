/** Tests parseChatRequest with hostile bodies: deep, wide, sparse, or aimed at a prototype. */
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import * as v from "valibot";
import { ChatError } from "../../protocol/chat_error.ts";
import { MAX_CONTENT_PARTS, MAX_MESSAGES } from "../../protocol/chat_request.ts";
import { AG_UI_MESSAGES } from "../../routes/ag_ui/ag_ui_messages.ts";
import { UI_MESSAGES } from "../../routes/ai_sdk/ui_messages.ts";
import { parseChatRequest } from "../../routes/parse_chat_request.ts";
import { parseBody } from "../../routes/request_schema.ts";

const HI = [{ role: "user", content: "Hi" }];

/** A body with these messages. */
function withMessages(...messages: unknown[]) {
  return { messages };
}

/** A body with one message that has this content. */
function withContent(value: unknown) {
  return withMessages({ role: "user", content: value });
}

/** JSON text of this many arrays, one inside the other. */
function nestedArrays(depth: number): string {
  return "[".repeat(depth) + "]".repeat(depth);
}

Deno.test("parseChatRequest drops an unknown field when it nests 10,000 deep", () => {
  const body = JSON.parse(`{"messages": [{"role": "user", "content": "Hi", "x": ${nestedArrays(10_000)}}]}`);
  assertEquals(parseChatRequest(body) as unknown, { messages: HI, stream: true });
});

for (
  const [path, json] of [
    ["", nestedArrays(10_000)],
    ["messages[0]", `{"messages": ${nestedArrays(10_000)}}`],
    ["messages[0].content[0]", `{"messages": [{"role": "user", "content": ${nestedArrays(10_000)}}]}`],
    [
      "tools[0].function.parameters",
      `{"messages": [{"role": "user", "content": ""}],
        "tools": [{"type": "function", "function": {"name": "f", "parameters": {"a": ${nestedArrays(10_000)}}}}]}`,
    ],
  ] as const
) {
  Deno.test(`parseChatRequest refuses ${path || "the body"} when arrays nest 10,000 deep`, () => {
    assertEquals(assertThrows(() => parseChatRequest(JSON.parse(json)), ChatError).body, path === "" ? {} : { path });
  });
}

Deno.test("parseChatRequest drops 100,000 unknown fields of every object", () => {
  const extra = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`key${index}`, null]));
  const body = { ...extra, messages: [{ ...extra, ...HI[0], content: [{ ...extra, type: "text", text: "" }] }] };
  const content = [{ type: "text", text: "" }];
  assertEquals(parseChatRequest(body) as unknown, { messages: [{ role: "user", content }], stream: true });
});

const ARRAYS_FOR_OBJECTS: readonly [path: string, body: unknown][] = [
  ["messages[0]", withMessages([["role", "user"]])],
  ["messages[0].content[0]", withContent([[]])],
  ["messages[0].content[0].image_url", withContent([{ type: "image_url", image_url: [] }])],
  ["messages[0].content[0].input_audio", withContent([{ type: "input_audio", input_audio: [] }])],
  ["messages[0].content[0].file", withContent([{ type: "file", file: [] }])],
  ["messages[0].tool_calls[0]", withMessages({ role: "assistant", tool_calls: [[]] })],
  ["messages[0].tool_calls[0].function", withMessages({ role: "assistant", tool_calls: [{ id: "1", function: [] }] })],
  ["response_format", { messages: HI, response_format: [] }],
  ["tools[0]", { messages: HI, tools: [[]] }],
  ["tools[0].function", { messages: HI, tools: [{ type: "function", function: [] }] }],
];

for (const [path, body] of ARRAYS_FOR_OBJECTS) {
  Deno.test(`parseChatRequest refuses ${path} when it is an array in place of an object`, () => {
    const error = assertThrows(() => parseChatRequest(body), ChatError, `${path} must be an object, found an array`);
    assertEquals(error.body, { path });
  });
}

for (const tag of ["constructor", "toString", "hasOwnProperty", "__proto__"]) {
  Deno.test(`parseChatRequest refuses ${tag} as a role and as the type of a part`, () => {
    const role = assertThrows(() => parseChatRequest(withMessages({ role: tag, content: "" })), ChatError);
    const type = assertThrows(() => parseChatRequest(withContent([{ type: tag }])), ChatError);
    assertEquals([role.body.path, type.body.path], ["messages[0].role", "messages[0].content[0].type"]);
  });
}

Deno.test("parseChatRequest returns objects without foreign prototypes when every object has a __proto__ key", () => {
  const proto = '"__proto__": {"text": "evil", "name": "evil", "polluted": true}';
  const { messages } = parseChatRequest(JSON.parse(`{${proto}, "messages": [
    {${proto}, "role": "user", "content": [{${proto}, "type": "text", "text": "Hi"}]},
    {${proto}, "role": "assistant", "tool_calls": [
      {${proto}, "id": "1", "function": {${proto}, "name": "f", "arguments": "", "constructor": {"prototype": {"polluted": true}}}}
    ]}
  ]}`));
  const part = messages[0]!.content![0] as object;
  const call = messages[1]!.tool_calls![0]!;
  for (const value of [messages[0]!, part, messages[1]!, call, call.function]) {
    assertEquals(Object.getPrototypeOf(value), Object.prototype);
    assert(!Object.hasOwn(value, "__proto__") && !Object.hasOwn(value, "constructor"));
  }
  assertEquals(({} as Record<string, unknown>).polluted, undefined);
});

Deno.test("parseChatRequest refuses the first hole of a sparse array", () => {
  const sparse = [HI[0]];
  sparse[2] = HI[0];
  const error = assertThrows(() => parseChatRequest({ messages: sparse }), ChatError, "found nothing");
  assertEquals(error.body, { path: "messages[1]" });
});

/** A message that must not be read. */
const UNREADABLE = {
  get role(): never {
    throw new Error("The message was read");
  },
};

Deno.test("parseChatRequest reads no item of an array that is too long", () => {
  const body = { messages: Array(MAX_MESSAGES + 1).fill(UNREADABLE) };
  assertEquals(assertThrows(() => parseChatRequest(body), ChatError).body, { path: "messages" });
});

/** A content part that must not be read. */
const UNREADABLE_PART = {
  get type(): never {
    throw new Error("The part was read");
  },
};

for (
  const [client, schema, field] of [
    ["parseChatRequest", undefined, "content"],
    ["the AI SDK's schema", UI_MESSAGES, "parts"],
    ["AG-UI's schema", AG_UI_MESSAGES, "content"],
  ] as const
) {
  Deno.test(`${client} reads no part of messages that have too many of them together`, () => {
    const half = Array(MAX_CONTENT_PARTS / 2).fill(UNREADABLE_PART);
    const messages = [half, half, [UNREADABLE_PART]].map((parts) => ({ role: "user", [field]: parts }));
    const parse = () =>
      schema === undefined ? parseChatRequest({ messages }) : parseBody(v.object({ messages: schema }), { messages });
    const { body, message } = assertThrows(parse, ChatError);
    assertEquals(body, { path: "messages" });
    assertStringIncludes(message, "at most 10000 content parts");
  });
}

Deno.test("parseChatRequest takes as many content parts as are allowed", () => {
  const part = { type: "text", text: "" };
  const { messages } = parseChatRequest(withContent(Array(MAX_CONTENT_PARTS).fill(part)));
  assertEquals(messages[0]?.content?.length, MAX_CONTENT_PARTS);
});

Deno.test("parseChatRequest stops at the first wrong field", () => {
  const error = assertThrows(() => parseChatRequest(withMessages(HI[0], { role: 1 }, UNREADABLE)), ChatError);
  assertEquals(error.body, { path: "messages[1].role" });
  const parts = withContent(Array(MAX_CONTENT_PARTS).fill(1));
  assertEquals(assertThrows(() => parseChatRequest(parts), ChatError).body, { path: "messages[0].content[0]" });
});

Deno.test("parseChatRequest pollutes no prototype and reads no field from one when keys are named __proto__", () => {
  const body = JSON.parse(`{
    "__proto__": {"model": "evil", "polluted": true},
    "messages": [{"__proto__": {"name": "evil"}, "role": "user", "content": "Hi"}],
    "response_format": {"type": "json_object", "__proto__": {"polluted": true}}
  }`);
  const request = parseChatRequest(body);
  assertEquals(request.model, undefined);
  assertEquals(request.messages, [{ role: "user", content: "Hi" }]);
  assertEquals(({} as Record<string, unknown>).polluted, undefined);
  assertThrows(
    () => parseChatRequest(JSON.parse('{"__proto__": {"messages": [{"role": "user", "content": "Hi"}]}}')),
    ChatError,
  );
});
