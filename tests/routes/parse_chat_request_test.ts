/** Tests which chat requests the server accepts, field by field, and the path that each refusal names. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { ChatError } from "../../protocol/chat_error.ts";
import {
  MAX_MESSAGES,
  MAX_NAME_CHARS,
  MAX_NESTING,
  MAX_STOP_SEQUENCES,
  MAX_TOOLS,
} from "../../protocol/chat_request.ts";
import { parseChatRequest } from "../../routes/parse_chat_request.ts";

const HI = [{ role: "user", content: "Hi" }];
const FUNCTION = { type: "function", function: { name: "f" } };
const CALL = { id: "call_1", type: "function", function: { name: "f", arguments: "{}" } };

/** A body with these messages. */
function withMessages(...messages: unknown[]) {
  return { messages };
}

/** A body with one message that has this content. */
function withContent(value: unknown) {
  return withMessages({ role: "user", content: value });
}

/** An object inside an object, `depth` of them. */
function nested(depth: number): Record<string, unknown> {
  let value: Record<string, unknown> = {};
  for (let level = 1; level < depth; level++) value = { value };
  return value;
}

const ACCEPTED: readonly [what: string, body: Record<string, unknown>][] = [
  ["one message", { messages: HI }],
  ["an empty message", withContent("")],
  [
    "every role",
    withMessages(
      { role: "system", content: "a" },
      { role: "developer", content: "b" },
      { role: "user", content: "c", name: "Ann" },
      { role: "assistant", content: "d" },
      { role: "assistant", content: null, tool_calls: [CALL] },
      { role: "assistant", content: "e", tool_calls: [CALL, { ...CALL, id: "call_2" }] },
      { role: "tool", content: "f", tool_call_id: "call_1" },
    ),
  ],
  [
    "every type of content part",
    withContent([
      { type: "text", text: "" },
      { type: "refusal", refusal: "no" },
      { type: "image_url", image_url: { url: "https://example.com/a.png" } },
      { type: "image_url", image_url: { url: "data:image/png;base64,AAAA", detail: "low" } },
      { type: "input_audio", input_audio: { data: "AAAA", format: "wav" } },
      { type: "file", file: { file_data: "AAAA", filename: "a.pdf" } },
      { type: "file", file: { file_data: "AAAA" } },
    ]),
  ],
  ["the largest number of messages", { messages: Array(MAX_MESSAGES).fill(HI[0]) }],
  ["a model of the longest name", { messages: HI, model: "m".repeat(MAX_NAME_CHARS) }],
  ["numbers", { messages: HI, temperature: 0, top_p: 0.5, presence_penalty: -2, frequency_penalty: 2, seed: -7 }],
  ["token limits", { messages: HI, max_tokens: 1, max_completion_tokens: 2 }],
  ["one stop sequence", { messages: HI, stop: "" }],
  ["stop sequences", { messages: HI, stop: Array(MAX_STOP_SEQUENCES).fill("x") }],
  ["a response format", {
    messages: HI,
    response_format: { type: "json_schema", json_schema: { schema: { a: [1, null] } } },
  }],
  [
    "the state of a provider",
    withMessages(
      { role: "assistant", content: null, reasoning: { content: "r", signature: "s" }, tool_calls: [CALL] },
      { role: "assistant", content: null, tool_calls: [{ ...CALL, thoughtSignature: "t" }] },
      { role: "assistant", content: "a", reasoning: { content: "" } },
    ),
  ],
  ["a reasoning effort", { messages: HI, reasoning_effort: "low" }],
  ["tools", {
    messages: HI,
    tools: [{ type: "function", function: { name: "f", description: "", parameters: { a: 1 }, strict: true } }],
  }],
  ["no tools", { messages: HI, tools: [] }],
  ["the largest number of tools", { messages: HI, tools: Array(MAX_TOOLS).fill(FUNCTION) }],
  ["a tool choice as a string", { messages: HI, tool_choice: "auto", parallel_tool_calls: false }],
  ["a tool choice as an object", { messages: HI, tool_choice: { type: "function", function: { name: "f" } } }],
  ["a schema of the largest depth", {
    messages: HI,
    response_format: { type: "json_schema", schema: nested(MAX_NESTING - 1) },
  }],
];

for (const [what, body] of ACCEPTED) {
  Deno.test(`parseChatRequest accepts ${what} unchanged`, () => {
    assertEquals(parseChatRequest(body), { stream: true, ...body } as unknown);
    assertEquals(parseChatRequest({ ...body, stream: false }).stream, false);
  });
}

Deno.test("parseChatRequest treats null as an absent optional field", () => {
  const body = {
    messages: [{ role: "assistant", content: "a", name: null, tool_calls: null }],
    stream: null,
    model: null,
    temperature: null,
    top_p: null,
    max_tokens: null,
    max_completion_tokens: null,
    stop: null,
    presence_penalty: null,
    frequency_penalty: null,
    seed: null,
    response_format: null,
    reasoning_effort: null,
    tools: null,
    tool_choice: null,
    parallel_tool_calls: null,
  };
  assertEquals(parseChatRequest(body), { messages: [{ role: "assistant", content: "a" }], stream: true });
});

Deno.test("parseChatRequest accepts an empty list of tool calls, and a refusal in place of content", () => {
  const { messages } = parseChatRequest(
    withMessages(
      { role: "assistant", content: "a", tool_calls: [] },
      { role: "assistant", content: null, tool_calls: [] },
      { role: "assistant", content: null, refusal: "No." },
    ),
  );
  assertEquals(messages, [
    { role: "assistant", content: "a" },
    { role: "assistant", content: "" },
    { role: "assistant", content: "", refusal: "No." },
  ]);
});

Deno.test("parseChatRequest accepts tool calls without content, and a tool call without a type", () => {
  const { type: _, ...untyped } = CALL;
  const { messages } = parseChatRequest(withMessages({ role: "assistant", tool_calls: [untyped] }));
  assertEquals(messages, [{ role: "assistant", content: null, tool_calls: [CALL] }] as unknown as typeof messages);
});

Deno.test("parseChatRequest drops unknown fields at every level", () => {
  const extra = { x: 1, constructor: 1, toString: 1, n: 9, stream_options: {}, store: true, user: "u", metadata: {} };
  const body = {
    ...extra,
    messages: [
      { ...extra, role: "user", content: [{ ...extra, type: "image_url", image_url: { ...extra, url: "u" } }] },
      { ...extra, role: "user", content: "c", tool_calls: [CALL], tool_call_id: "call_1" },
      {
        ...extra,
        role: "assistant",
        content: "c",
        tool_calls: [{ ...extra, ...CALL, function: { ...extra, ...CALL.function } }],
      },
    ],
    tools: [{ ...extra, type: "function", function: { ...extra, name: "f" } }],
  };
  assertEquals(parseChatRequest(body) as unknown, {
    messages: [
      { role: "user", content: [{ type: "image_url", image_url: { url: "u" } }] },
      { role: "user", content: "c" },
      { role: "assistant", content: "c", tool_calls: [CALL] },
    ],
    stream: true,
    tools: [FUNCTION],
  });
});

const REFUSED: readonly [path: string, body: unknown, found: string][] = [
  ["messages", {}, "nothing"],
  ["messages", { messages: null }, "null"],
  ["messages", { messages: "Hi" }, "a string of 2 characters"],
  ["messages", { messages: { 0: HI[0], length: 1 } }, "an object"],
  ["messages", withMessages(), "an array of 0"],
  ["messages", withMessages(...Array(MAX_MESSAGES + 1).fill(HI[0])), "an array of 201"],
  ["messages[1]", withMessages(HI[0], "Hi"), "a string"],
  ["messages[0]", withMessages([]), "an array of 0"],
  ["messages[0].role", withMessages({ content: "Hi" }), "nothing"],
  ["messages[2].role", withMessages(HI[0], HI[0], { role: "function", content: "" }), "a string of 8 characters"],
  ["messages[0].role", withMessages({ role: "__proto__", content: "" }), "a string"],
  ["messages[0].role", withMessages({ role: ["user"], content: "" }), "an array of 1"],
  ["messages[0].content", withMessages({ role: "user" }), "nothing"],
  ["messages[0].content", withContent(null), "null"],
  ["messages[0].content", withMessages({ role: "assistant", content: null }), "null"],
  ["messages[0].content", withContent(7), "the number 7"],
  ["messages[0].content", withContent({}), "an object"],
  ["messages[0].content", withContent([]), "an array of 0"],
  ["messages[0].content[1]", withContent([{ type: "text", text: "a" }, "b"]), "a string"],
  ["messages[0].content[0].type", withContent([{ text: "a" }]), "nothing"],
  ["messages[0].content[0].type", withContent([{ type: "video" }]), "a string of 5 characters"],
  ["messages[0].content[0].text", withContent([{ type: "text" }]), "nothing"],
  ["messages[0].content[0].refusal", withContent([{ type: "refusal", refusal: 1 }]), "the number 1"],
  ["messages[0].content[0].image_url", withContent([{ type: "image_url", image_url: "https://a" }]), "a string"],
  ["messages[0].content[0].image_url.url", withContent([{ type: "image_url", image_url: {} }]), "nothing"],
  [
    "messages[0].content[0].image_url.detail",
    withContent([{ type: "image_url", image_url: { url: "u", detail: 1 } }]),
    "the number 1",
  ],
  ["messages[0].content[0].input_audio", withContent([{ type: "input_audio" }]), "nothing"],
  [
    "messages[0].content[0].input_audio.data",
    withContent([{ type: "input_audio", input_audio: { format: "wav" } }]),
    "nothing",
  ],
  [
    "messages[0].content[0].input_audio.format",
    withContent([{ type: "input_audio", input_audio: { data: "", format: "" } }]),
    "an empty string",
  ],
  ["messages[0].content[0].file", withContent([{ type: "file", file: 1 }]), "the number 1"],
  ["messages[0].content[0].file.file_data", withContent([{ type: "file", file: { file_data: 1 } }]), "the number 1"],
  ["messages[0].content[0].file.file_data", withContent([{ type: "file", file: { file_id: "file-1" } }]), "nothing"],
  [
    "messages[0].content[0].file.filename",
    withContent([{ type: "file", file: { file_data: "", filename: [] } }]),
    "an array of 0",
  ],
  ["messages[0].name", withMessages({ role: "user", content: "", name: 1 }), "the number 1"],
  [
    "messages[0].name",
    withMessages({ role: "user", content: "", name: "x".repeat(MAX_NAME_CHARS + 1) }),
    "a string of 257 characters",
  ],
  ["messages[0].tool_call_id", withMessages({ role: "tool", content: "" }), "nothing"],
  ["messages[0].reasoning", withMessages({ role: "assistant", content: "", reasoning: "x" }), "a string"],
  [
    "messages[0].reasoning.signature",
    withMessages({ role: "assistant", content: "", reasoning: { content: "", signature: 1 } }),
    "the number 1",
  ],
  [
    "messages[0].tool_calls[0].thoughtSignature",
    withMessages({ role: "assistant", tool_calls: [{ ...CALL, thoughtSignature: {} }] }),
    "an object",
  ],
  [
    "messages[0].tool_calls",
    withMessages({ role: "assistant", content: "", tool_calls: Array(MAX_TOOLS + 1).fill(CALL) }),
    "an array of 129",
  ],
  [
    "messages[0].tool_calls[0].id",
    withMessages({ role: "assistant", tool_calls: [{ ...CALL, id: "" }] }),
    "an empty string",
  ],
  [
    "messages[0].tool_calls[0].type",
    withMessages({ role: "assistant", tool_calls: [{ ...CALL, type: "custom" }] }),
    "a string",
  ],
  ["messages[0].tool_calls[0].function", withMessages({ role: "assistant", tool_calls: [{ id: "1" }] }), "nothing"],
  [
    "messages[0].tool_calls[0].function.name",
    withMessages({ role: "assistant", tool_calls: [{ id: "1", function: { arguments: "" } }] }),
    "nothing",
  ],
  [
    "messages[0].tool_calls[0].function.arguments",
    withMessages({ role: "assistant", tool_calls: [{ id: "1", function: { name: "f", arguments: {} } }] }),
    "an object",
  ],
  ["stream", { messages: HI, stream: "true" }, "a string"],
  ["model", { messages: HI, model: 4 }, "the number 4"],
  ["model", { messages: HI, model: "" }, "an empty string"],
  ["temperature", { messages: HI, temperature: "1" }, "a string"],
  ["temperature", { messages: HI, temperature: NaN }, "the number NaN"],
  ["top_p", { messages: HI, top_p: Infinity }, "the number Infinity"],
  ["max_tokens", { messages: HI, max_tokens: 0 }, "the number 0"],
  ["max_tokens", { messages: HI, max_tokens: 1.5 }, "the number 1.5"],
  ["max_completion_tokens", { messages: HI, max_completion_tokens: 2 ** 53 }, "the number 9007199254740992"],
  ["stop", { messages: HI, stop: 1 }, "the number 1"],
  ["stop", { messages: HI, stop: [] }, "an array of 0"],
  ["stop", { messages: HI, stop: Array(MAX_STOP_SEQUENCES + 1).fill("x") }, "an array of 5"],
  ["stop[1]", { messages: HI, stop: ["a", 1] }, "the number 1"],
  ["presence_penalty", { messages: HI, presence_penalty: true }, "true"],
  ["frequency_penalty", { messages: HI, frequency_penalty: [] }, "an array of 0"],
  ["seed", { messages: HI, seed: 0.1 }, "the number 0.1"],
  ["response_format", { messages: HI, response_format: "json" }, "a string"],
  ["response_format.type", { messages: HI, response_format: {} }, "nothing"],
  ["reasoning_effort", { messages: HI, reasoning_effort: 1 }, "the number 1"],
  ["tools", { messages: HI, tools: {} }, "an object"],
  ["tools", { messages: HI, tools: Array(MAX_TOOLS + 1).fill(FUNCTION) }, "an array of 129"],
  ["tools[0].type", { messages: HI, tools: [{ type: "web_search" }] }, "a string"],
  ["tools[0].function", { messages: HI, tools: [{ type: "function" }] }, "nothing"],
  ["tools[0].function.name", { messages: HI, tools: [{ type: "function", function: {} }] }, "nothing"],
  ["tools[0].function.description", {
    messages: HI,
    tools: [{ type: "function", function: { name: "f", description: 1 } }],
  }, "the number 1"],
  ["tools[0].function.parameters", {
    messages: HI,
    tools: [{ type: "function", function: { name: "f", parameters: [] } }],
  }, "an array of 0"],
  [
    "tools[0].function.strict",
    { messages: HI, tools: [{ type: "function", function: { name: "f", strict: "yes" } }] },
    "a string",
  ],
  ["tool_choice", { messages: HI, tool_choice: 1 }, "the number 1"],
  ["tool_choice.type", { messages: HI, tool_choice: { function: { name: "f" } } }, "nothing"],
  ["parallel_tool_calls", { messages: HI, parallel_tool_calls: 1 }, "the number 1"],
  ["response_format", { messages: HI, response_format: { type: "x", schema: nested(MAX_NESTING) } }, "an object"],
  ["tool_choice", { messages: HI, tool_choice: { type: "x", deep: nested(100_000) } }, "an object"],
  ["tools[0].function.parameters", {
    messages: HI,
    tools: [{ type: "function", function: { name: "f", parameters: nested(100_000) } }],
  }, "an object"],
];

for (const [path, body, found] of REFUSED) {
  Deno.test(`parseChatRequest refuses ${path} when it finds ${found}`, () => {
    const error = assertThrows(() => parseChatRequest(body), ChatError);
    assertEquals([error.type, error.status, error.body], ["InvalidRequestFormat", 400, { path }]);
    assert(error.message.startsWith(`${path} must be `), error.message);
    assert(error.message.includes(found), error.message);
  });
}

for (const body of [undefined, null, true, 7, "text", [], [HI]]) {
  Deno.test(`parseChatRequest refuses ${JSON.stringify(body)} as a body, without a path`, () => {
    const error = assertThrows(() => parseChatRequest(body), ChatError);
    assertEquals([error.type, error.body], ["InvalidRequestFormat", {}]);
    assert(error.message.startsWith("The body must be a JSON object"), error.message);
  });
}

Deno.test("parseChatRequest repeats no string of the body in its refusals", () => {
  const secret = "a private string";
  for (
    const body of [{ messages: secret }, withContent({ secret }), withMessages({ role: secret }), {
      messages: HI,
      tools: [secret],
    }]
  ) {
    const error = assertThrows(() => parseChatRequest(body), ChatError);
    assert(!JSON.stringify(error.toData()).includes(secret), error.message);
  }
});

const MESSAGES: readonly [body: unknown, message: string][] = [
  [[], "The body must be a JSON object, found an array of 0"],
  [{}, "messages must be an array, found nothing"],
  [withMessages(), "messages must be an array of at least 1 item, found an array of 0"],
  [withMessages({ role: "user" }), "messages[0].content must be a string or an array of content parts, found nothing"],
  [
    withMessages({ role: "bot", content: "" }),
    'messages[0].role must be one of "system", "developer", "user", "assistant", "tool", found a string of 3 characters',
  ],
  [{ messages: HI, tools: [{}] }, 'tools[0].type must be "function", found nothing'],
  [{ messages: HI, model: "" }, "model must be a string of 1 to 256 characters, found an empty string"],
  [{ messages: HI, max_tokens: null, seed: 0.5 }, "seed must be a whole number, found the number 0.5"],
  [
    { messages: HI, tool_choice: { type: "x", deep: nested(MAX_NESTING) } },
    "tool_choice must be at most 100 levels deep, found an object",
  ],
];

for (const [body, message] of MESSAGES) {
  Deno.test(`parseChatRequest throws "${message}"`, () => {
    assertEquals(assertThrows(() => parseChatRequest(body), ChatError).message, message);
  });
}
