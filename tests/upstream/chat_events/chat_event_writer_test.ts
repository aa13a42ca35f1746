/** Events as bytes: written from objects and from parts of JSON, with the same result. */
import { assertEquals } from "@std/assert";
import { formatChatEvent } from "../../../protocol/chat_event.ts";
import { ChatEventWriter } from "../../../upstream/chat_events/chat_event_writer.ts";
import { writeTextEvent } from "../../../upstream/chat_events/text_event.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Writes text from a larger buffer, as the short cut does. */
function writeText(writer: ChatEventWriter, text: string, type: "text" | "reasoning" = "text"): void {
  const json = encoder.encode(JSON.stringify(text));
  writeTextEvent(writer, type, json, 1, json.length - 1);
}

Deno.test("ChatEventWriter writes the same bytes from JSON text and from an event", () => {
  const writer = new ChatEventWriter();
  for (let id = 1; id <= 1200; id++) {
    const text = `${id} ${'é漢👋\n"'.repeat(id % 7)}`;
    const type = id % 3 === 0 ? "reasoning" : "text";
    writeText(writer, text, type);
    assertEquals(decoder.decode(writer.take()), formatChatEvent(id, { type, data: text }));
  }
  assertEquals(writer.events, 1200);
});

Deno.test("ChatEventWriter keeps the order of events and JSON text", () => {
  const writer = new ChatEventWriter();
  let wire = "";
  for (let id = 1; id <= 40; id++) {
    const data = `${id}`.repeat(10 * id);
    if (id % 4 === 0) writeText(writer, data);
    else writer.write({ type: "text", data });
    wire += formatChatEvent(id, { type: "text", data });
    if (id % 9 !== 0) continue;
    assertEquals(decoder.decode(writer.take()), wire);
    wire = "";
  }
  assertEquals(decoder.decode(writer.take()), wire);
});

Deno.test("ChatEventWriter is empty before anything is written and after it was taken", () => {
  const writer = new ChatEventWriter();
  const seen = [writer.isEmpty];
  for (const write of [() => writeText(writer, "a"), () => writer.write({ type: "stop", data: "stop" })]) {
    write();
    seen.push(writer.isEmpty);
    writer.take();
    seen.push(writer.isEmpty);
  }
  assertEquals(seen, [true, false, true, false, true]);
  assertEquals(writer.take().length, 0);
});

Deno.test("ChatEventWriter does not change bytes that were taken", () => {
  const writer = new ChatEventWriter();
  const taken = Array.from({ length: 60 }, (_, n) => {
    const text = "x".repeat(n % 3 === 0 ? 40 * n : n % 7);
    writeText(writer, text);
    return { wire: formatChatEvent(n + 1, { type: "text", data: text }), bytes: writer.take() };
  });
  for (const { wire, bytes } of taken) assertEquals(decoder.decode(bytes), wire);
});

Deno.test("ChatEventWriter counts the bytes of text, reasoning and tool calls, whichever way they are written", () => {
  const writer = new ChatEventWriter();
  for (const text of ["word", "ü", "漢字", "👋🏽", "\ud83d"]) {
    const before = writer.contentBytes;
    writer.write({ type: "text", data: text });
    const bytes = encoder.encode(text).length;
    if (text !== "\ud83d") assertEquals(writer.contentBytes - before, bytes);
    writeText(writer, "ab漢", "reasoning");
    writer.write({ type: "reasoning", data: "ab漢" });
  }
  const before = writer.contentBytes;
  const call = {
    index: 0,
    id: "call_1",
    type: "function",
    function: { name: "find", arguments: '{"q":"ü"}' },
  } as const;
  writer.write({ type: "tool_calls", data: [call, { ...call, function: { name: null, arguments: "1" } }] });
  writer.write({ type: "stop", data: "stop" });
  assertEquals(writer.contentBytes - before, 4 + 10 + 1);
  assertEquals(before, 4 + 2 + 6 + 8 + 2 + 5 * 2 * 5);
});
