/**
 * Every recorded version against today's client and server, as `docs/compatibility.md` promises: today's reader reads
 * what that version's server sent, and a client of that version reads what today's server sends.
 */
import { assert, assertEquals } from "@std/assert";
import { parseChat, serializeChat } from "../../components/chat/chat_storage.ts";
import denoConfig from "../../deno.json" with { type: "json" };
import { type ChatAnswer, EMPTY_ANSWER, reduceChatAnswer } from "../../protocol/chat_answer.ts";
import type { ChatEvent } from "../../protocol/chat_event.ts";
import { readChatEvents } from "../../protocol/chat_event_reader.ts";
import { fewChunkings } from "../chunkings.ts";
import { answerOf } from "../fake_openai.ts";
import { TestServer } from "../test_server.ts";
import { readNames, RECORDED_STREAMS, RECORDS, respond, type WireNames } from "./wire_record.ts";

const versions = [...Deno.readDirSync(RECORDS)].map(({ name }) => name).sort();

function readText(version: string, file: string): Promise<string> {
  return Deno.readTextFile(new URL(`${version}/${file}`, RECORDS));
}

async function readJSON<T>(version: string, file: string): Promise<T> {
  return JSON.parse(await readText(version, file));
}

/** The event types of version 0.1. A client of that version ignores all others. */
const KNOWN = "text reasoning tool_calls base64_image grounding usage speed stop error".split(" ");

/** Reads a stream by the rules of version 0.1, and throws where a client of that version would fail. */
function readAsClient(wire: string): ChatEvent[] {
  const events: ChatEvent[] = [];
  for (const frame of wire.replaceAll(/^: ping\n/gm, "").split("\n\n")) {
    if (frame === "") continue;
    const fields = frame.match(/^id: (\d+)\nevent: (\w+)\ndata: (.*)$/);
    assert(fields !== null, `not three lines: ${JSON.stringify(frame)}`);
    if (KNOWN.includes(fields[2]!)) events.push({ type: fields[2], data: JSON.parse(fields[3]!) } as ChatEvent);
  }
  const ends = events.filter(({ type }) => type === "stop" || type === "error");
  assertEquals([ends.length, events.at(-1)], [1, ends[0]], "one terminal event, last");
  return events;
}

function answerFrom(events: readonly ChatEvent[]): ChatAnswer {
  return events.reduce(reduceChatAnswer, EMPTY_ANSWER);
}

/** What may differ: measured times, and the text of a message. */
const VARIABLE = /\.speed\.\w+$|\.error\.message$/;

/** Fails unless `now` has everything that `then` has, except where only the type is promised. */
function assertKept(now: unknown, then: unknown, path: string): void {
  if (typeof then !== "object" || then === null) return assertEquals(now, then, path);
  assert(typeof now === "object" && now !== null, `${path} is gone`);
  for (const [key, value] of Object.entries(then)) {
    const kept = (now as Record<string, unknown>)[key];
    const at = `${path}.${key}`;
    if (VARIABLE.test(at)) assertEquals(typeof kept, typeof value, at);
    else assertKept(kept, value, at);
  }
}

Deno.test("this version has a record", () => {
  assert(versions.includes(denoConfig.version), `record it: see tests/wire/record.ts`);
});

for (const version of versions) {
  Deno.test(`readChatEvents reads the streams of version ${version} in every chunking`, async () => {
    for (const stream of RECORDED_STREAMS) {
      const wire = await readText(version, `${stream}.sse`);
      const expected = readAsClient(wire);
      for (const { name, chunks } of fewChunkings(new TextEncoder().encode(wire))) {
        const events: ChatEvent[] = [];
        await readChatEvents(ReadableStream.from(chunks), (event) => events.push(event));
        assertEquals(events, expected, `${stream}, ${name}`);
      }
    }
  });

  Deno.test(`a client of version ${version} gets from the server what it got then`, async () => {
    for (const stream of RECORDED_STREAMS) {
      const then = readAsClient(await readText(version, `${stream}.sse`));
      const now = readAsClient((await respond(stream)).wire);
      assertKept(answerFrom(now), answerFrom(then), stream);
    }
  });

  Deno.test(`the server accepts and refuses the requests of version ${version} as it did then`, async () => {
    interface RecordedRequest {
      readonly name: string;
      readonly body: unknown;
      readonly status: number;
      readonly errorType?: string;
    }
    await using server = new TestServer({ script: () => ({ body: answerOf("Hello") }) });
    for (const { name, body, status, errorType } of await readJSON<RecordedRequest[]>(version, "requests.json")) {
      const response = await server.chat(body);
      const text = await response.text();
      assertEquals([response.status, name], [status, name], text);
      if (errorType === undefined) continue;
      const error = JSON.parse(text);
      assertEquals([error.errorType, typeof error.body.message], [errorType, "string"], name);
    }
  });

  Deno.test(`the component reads a conversation that version ${version} stored`, async () => {
    const stored = await readJSON<object>(version, "conversation.json");
    const state = parseChat(JSON.stringify(stored));
    assert(state !== undefined);
    assertKept(JSON.parse(serializeChat(state)), stored, "conversation");
  });

  Deno.test(`names of version ${version} are still there: error types, headers, the element's, variables`, async () => {
    const then = await readJSON<WireNames>(version, "names.json");
    const now = await readNames();
    assertKept(now.errorTypes, then.errorTypes, "errorTypes");
    assertKept(now.headers, then.headers, "headers");
    for (const [section, names] of Object.entries(then.element)) {
      assertEquals(names.filter((name) => !now.element[section]?.includes(name)), [], section);
    }
    assertEquals(then.variables.filter((name) => !now.variables.includes(name)), []);
  });
}

Deno.test("the records together have every event", async () => {
  const types = new Set<string>();
  for (const stream of RECORDED_STREAMS) {
    for (const { type } of readAsClient(await readText(denoConfig.version, `${stream}.sse`))) types.add(type);
  }
  assertEquals([...types].sort(), [...KNOWN].sort());
});
