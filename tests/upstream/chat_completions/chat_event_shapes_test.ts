/** Chunks of unusual shapes and sizes. */
import { assertEquals } from "@std/assert";
import type { ChatEvent } from "../../../protocol/chat_event.ts";
import { ChatEventMapper } from "../../../upstream/chat_completions/chat_event_mapper.ts";

/** The events of one chunk with this choice. */
function eventsOf(choice: object): ChatEvent[] {
  const events: ChatEvent[] = [];
  const emit = (event: ChatEvent) => events.push(event);
  const mapper = new ChatEventMapper({ emit, now: () => 0, startedAt: 0, generateId: () => "id" });
  mapper.onMessage({ event: "message", data: JSON.stringify({ choices: [{ index: 0, ...choice }] }), id: "" });
  return events;
}

const SHAPES: [name: string, choice: object, text: string][] = [
  ["a whole message beside an empty delta", { delta: {}, message: { content: "whole" } }, "whole"],
  ["parts that are strings", { delta: { content: ["a", { text: "b" }] } }, "ab"],
  ["a part that is not in a list", { delta: { content: { type: "text", text: "alone" } } }, "alone"],
  ["the text of the older completions API", { text: "older" }, "older"],
  ["the older text beside a delta with the same text", { text: "once", delta: { content: "once" } }, "once"],
];
for (const [name, choice, text] of SHAPES) {
  Deno.test(`ChatEventMapper maps ${name}`, () => {
    const events = eventsOf(choice);
    assertEquals(events.map((event) => event.type === "text" ? event.data : event.type).join(""), text);
  });
}

Deno.test("ChatEventMapper emits the first 1024 tool calls when there are too many", () => {
  const tool_calls = Array.from({ length: 1025 }, (_, index) => ({ index, id: `c${index}`, function: { name: "f" } }));
  const events = eventsOf({ delta: { tool_calls } });
  const [calls] = events;
  assertEquals(calls?.type === "tool_calls" && calls.data.length, 1024);
  const last = events.at(-1);
  assertEquals(last?.type === "error" && last.data.body?.reason, "too_many_tool_calls");
});
