/**
 * Every event of ours as AG-UI's, checked by AG-UI's own schemas and its verifier.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { verifyEvents } from "@ag-ui/client";
import type { BaseEvent } from "@ag-ui/core";
import { EventSchemas } from "@ag-ui/core/schemas";
import { from, lastValueFrom, toArray } from "rxjs";
import type { ChatEvent } from "../../../protocol/chat_event.ts";
import { AgUiEncoder } from "../../../routes/ag_ui/ag_ui_encoder.ts";
import { encoded, messagesOf } from "../encoded.ts";

const FORMAT = { headers: {}, createEncoder: () => new AgUiEncoder("thread", "run") };
const STOP = { type: "stop", data: "stop" } as const;

function call(id: string, name: string | null, text: string, more: object = {}): ChatEvent {
  return {
    type: "tool_calls",
    data: [{ index: 0, id, type: "function", function: { name, arguments: text }, ...more }],
  };
}

function finished(finishReason: string, more: object = {}): object {
  const outcome = { type: finishReason === "cancelled" ? "cancelled" : "success" };
  return { type: "RUN_FINISHED", threadId: "thread", runId: "run", outcome, result: { finishReason }, ...more };
}

const MESSAGE = { messageId: "run-answer" };
const FIRST = { messageId: "run-reasoning-1" };

/** Name, events, and what follows RUN_STARTED. */
const CASES: readonly (readonly [name: string, events: readonly ChatEvent[], sent: readonly object[]])[] = [
  ["text as one message", [{ type: "text", data: "Hel" }, { type: "text", data: "lo" }, STOP], [
    { type: "TEXT_MESSAGE_START", ...MESSAGE, role: "assistant" },
    { type: "TEXT_MESSAGE_CONTENT", ...MESSAGE, delta: "Hel" },
    { type: "TEXT_MESSAGE_CONTENT", ...MESSAGE, delta: "lo" },
    { type: "TEXT_MESSAGE_END", ...MESSAGE },
    finished("stop"),
  ]],
  ["reasoning with its state, and text", [
    { type: "reasoning", data: "Hm" },
    { type: "reasoning_signature", data: "sig" },
    { type: "text", data: "Hi" },
    STOP,
  ], [
    { type: "REASONING_START", ...FIRST },
    { type: "REASONING_MESSAGE_START", ...FIRST, role: "reasoning" },
    { type: "REASONING_MESSAGE_CONTENT", ...FIRST, delta: "Hm" },
    { type: "REASONING_ENCRYPTED_VALUE", subtype: "message", entityId: "run-reasoning-1", encryptedValue: "sig" },
    { type: "REASONING_MESSAGE_END", ...FIRST },
    { type: "REASONING_END", ...FIRST },
    { type: "TEXT_MESSAGE_START", ...MESSAGE, role: "assistant" },
    { type: "TEXT_MESSAGE_CONTENT", ...MESSAGE, delta: "Hi" },
    { type: "TEXT_MESSAGE_END", ...MESSAGE },
    finished("stop"),
  ]],
  ["calls side by side, with a late name, without input, and with a state", [
    call("a", null, '{"x"'),
    call("b", "now", "", { thoughtSignature: "sig" }),
    call("a", "sum", ":1}"),
    { type: "stop", data: "tool_calls" },
  ], [
    { type: "TOOL_CALL_START", toolCallId: "b", toolCallName: "now", parentMessageId: "run-answer" },
    { type: "TOOL_CALL_START", toolCallId: "a", toolCallName: "sum", parentMessageId: "run-answer" },
    { type: "TOOL_CALL_ARGS", toolCallId: "a", delta: '{"x":1}' },
    { type: "TOOL_CALL_END", toolCallId: "a" },
    { type: "TOOL_CALL_ARGS", toolCallId: "b", delta: "{}" },
    { type: "TOOL_CALL_END", toolCallId: "b" },
    { type: "REASONING_ENCRYPTED_VALUE", subtype: "tool-call", entityId: "b", encryptedValue: "sig" },
    finished("tool_calls"),
  ]],
  ...["length", "cancelled"].map((reason) =>
    [
      `no input for a call that was cut before it (${reason})`,
      [call("a", "wipe", ""), { type: "stop", data: reason }],
      [
        { type: "TOOL_CALL_START", toolCallId: "a", toolCallName: "wipe", parentMessageId: "run-answer" },
        { type: "TOOL_CALL_END", toolCallId: "a" },
        finished(reason),
      ],
    ] as const satisfies readonly [string, readonly ChatEvent[], readonly object[]]
  ),
  ["no call without a name", [call("a", null, "{}"), STOP], [finished("stop")]],
  ["what AG-UI has no event for", [
    { type: "base64_image", data: "data:image/png;base64,AAAA" },
    { type: "grounding", data: { citations: [{ url: "https://a.example" }] } },
    { type: "usage", data: { totalInputTokens: 2, totalOutputTokens: 1, totalTokens: 3 } },
    { type: "speed", data: { ttft: 1, duration: 2, latency: 3 } },
    STOP,
  ], [
    { type: "CUSTOM", name: "base64_image", value: "data:image/png;base64,AAAA" },
    { type: "CUSTOM", name: "grounding", value: { citations: [{ url: "https://a.example" }] } },
    { type: "CUSTOM", name: "speed", value: { ttft: 1, duration: 2, latency: 3 } },
    finished("stop", { usage: [{ inputTokens: 2, outputTokens: 1, totalTokens: 3 }] }),
  ]],
  ["a stop by the user as cancelled", [{ type: "stop", data: "cancelled" }], [finished("cancelled")]],
  ["an error in the stream, without the end of open calls", [
    { type: "text", data: "Hi" },
    call("a", "sum", "{"),
    { type: "error", data: { type: "ProviderBizError", message: "It broke." } },
  ], [
    { type: "TEXT_MESSAGE_START", ...MESSAGE, role: "assistant" },
    { type: "TEXT_MESSAGE_CONTENT", ...MESSAGE, delta: "Hi" },
    { type: "TEXT_MESSAGE_END", ...MESSAGE },
    { type: "TOOL_CALL_START", toolCallId: "a", toolCallName: "sum", parentMessageId: "run-answer" },
    { type: "TOOL_CALL_ARGS", toolCallId: "a", delta: "{" },
    { type: "RUN_ERROR", message: "It broke.", code: "ProviderBizError" },
  ]],
  ["nothing for empty text", [{ type: "text", data: "" }, { type: "reasoning", data: "" }, STOP], [finished("stop")]],
];

for (const [name, events, expected] of CASES) {
  Deno.test(`AgUiEncoder sends ${name}`, async () => {
    const sent = messagesOf(encoded(FORMAT, events));
    assertEquals(sent, [{ type: "RUN_STARTED", threadId: "thread", runId: "run" }, ...expected]);
    await verify(sent);
  });
}

Deno.test("AgUiEncoder sends events that are valid when all kinds follow each other in every order", async () => {
  const kinds: readonly ChatEvent[] = [
    { type: "text", data: "Hi" },
    { type: "reasoning", data: "Hm" },
    { type: "reasoning_signature", data: "sig" },
    call("a", "sum", "{}"),
    { type: "base64_image", data: "data:image/png;base64,AAAA" },
  ];
  for (const first of kinds) {
    for (const second of kinds) {
      for (const third of kinds) await verify(messagesOf(encoded(FORMAT, [first, second, third, STOP])));
    }
  }
});

Deno.test("AgUiEncoder sends hostile data as data", async () => {
  const events = messagesOf(encoded(FORMAT, [call("__proto__", "constructor", '{"__proto__":1}\n\ndata: x'), STOP]));
  assertEquals(events[1], {
    type: "TOOL_CALL_START",
    toolCallId: "__proto__",
    toolCallName: "constructor",
    parentMessageId: "run-answer",
  });
  await verify(events);
});

async function verify(events: readonly Record<string, unknown>[]): Promise<void> {
  for (const event of events) assert(EventSchemas.safeParse(event).success, JSON.stringify(event));
  const verified = from(events as unknown as BaseEvent[]).pipe(verifyEvents(false), toArray());
  assertEquals((await lastValueFrom(verified)).length, events.length);
}

Deno.test("AgUiEncoder does not repeat a long run id in every event, and makes the same ids of it again", () => {
  const createEncoder = () => new AgUiEncoder("t", "\u0001".repeat(256));
  const wire = encoded({ headers: {}, createEncoder }, [{ type: "text", data: "a" }, STOP]);
  const content = messagesOf(wire).find(({ type }) => type === "TEXT_MESSAGE_CONTENT")!;
  assertMatch(String(content.messageId), /^[0-9a-f]{32}-answer$/);
  assertEquals(wire, encoded({ headers: {}, createEncoder }, [{ type: "text", data: "a" }, STOP]));
  assertEquals(messagesOf(wire)[0]!.runId, "\u0001".repeat(256));
});
