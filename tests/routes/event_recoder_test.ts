/**
 * The step between our bytes and a client's. The encoders' own tests run it with every chunking.
 */
import { assertEquals } from "@std/assert";
import type { ChatEvent } from "../../protocol/chat_event.ts";
import { CHAT_FORMAT } from "../../routes/chat.ts";
import { createRecode } from "../../routes/event_recoder.ts";
import { type StreamFormat, textFrameOf } from "../../routes/stream_format.ts";
import { bytesOf } from "./encoded.ts";

/** Sends the types of events. */
const TYPES: StreamFormat = {
  headers: {},
  createEncoder: () => ({ begin: () => "begin ", encode: ({ type }: ChatEvent) => `${type} `, textFrame: undefined }),
};

function recodeAll(...chunks: readonly string[]): string[] {
  const recode = createRecode(TYPES)!;
  return chunks.map((chunk) => new TextDecoder().decode(recode(new TextEncoder().encode(chunk))));
}

Deno.test("createRecode returns nothing for clients that read our events", () => {
  assertEquals(createRecode(CHAT_FORMAT), undefined);
});

Deno.test("createRecode returns the bytes of the events that a chunk completes, and at first those of the beginning", () => {
  const [text, stop] = ['id: 1\nevent: text\ndata: "a"\n\n', 'id: 2\nevent: stop\ndata: "stop"\n\n'];
  assertEquals(recodeAll(text.slice(0, 9), text.slice(9), "", stop), ["begin ", "text ", "", "stop "]);
});

Deno.test("createRecode returns nothing for comments and for events of a newer version", () => {
  assertEquals(recodeAll(": ping\n", "id: 1\nevent: tomorrow\ndata: {}\n\n"), ["begin ", ""]);
});

Deno.test("createRecode takes an event that is larger than a provider may send", () => {
  const image = `data:image/png;base64,${"A".repeat(9 * 1024 * 1024)}`;
  const recode = createRecode(TYPES)!;
  assertEquals(
    new TextDecoder().decode(recode(bytesOf([{ type: "base64_image", data: image }]))),
    "begin base64_image ",
  );
});

/** Sends the types of events, and frames of text. */
const FRAMES: StreamFormat = {
  headers: {},
  createEncoder: () => ({
    begin: () => "",
    encode: ({ type }: ChatEvent) => `${type} `,
    textFrame: textFrameOf("text", { type: "t", delta: "" }),
  }),
};

Deno.test("createRecode copies text into the encoder's frame, and has all other events encoded", () => {
  const cases: readonly { readonly chunk: readonly ChatEvent[]; readonly output: string }[] = [
    { chunk: [{ type: "text", data: 'a "b"\n' }], output: 'data: {"type":"t","delta":"a \\"b\\"\\n"}\n\n' },
    {
      chunk: [{ type: "text", data: "a" }, { type: "text", data: "ü" }, { type: "stop", data: "stop" }],
      output: 'data: {"type":"t","delta":"a"}\n\ndata: {"type":"t","delta":"ü"}\n\nstop ',
    },
    { chunk: [{ type: "reasoning", data: "a" }, { type: "text", data: "b" }], output: "reasoning text " },
    { chunk: [{ type: "text", data: "" }], output: "text " },
  ];
  for (const { chunk, output } of cases) {
    assertEquals(new TextDecoder().decode(createRecode(FRAMES)!(bytesOf(chunk))), output);
  }
});

Deno.test("createRecode has an event encoded that a chunk cuts, and copies the next one", () => {
  const text = 'id: 1200\nevent: text\ndata: "a"\n\n';
  for (let cut = 1; cut < text.length; cut++) {
    const recode = createRecode(FRAMES)!;
    const chunks = [text.slice(0, cut), text.slice(cut), text].map((chunk) => {
      return new TextDecoder().decode(recode(new TextEncoder().encode(chunk)));
    });
    assertEquals(chunks, ["", "text ", 'data: {"type":"t","delta":"a"}\n\n']);
  }
});
