/**
 * Tests our bytes with the published rules of LobeChat's client. Its parser differs from a browser's: it emits a message
 * at every blank line, parses every message as JSON, and expects `id`, `event` and `data` in this order.
 */
import { assert, assertEquals } from "@std/assert";
import { fewChunkings } from "../chunkings.ts";
import { answerOf, NO_TIMEOUTS } from "../upstream/answer_of.ts";
import { providerBytesFrom } from "../../upstream/http/provider_bytes.ts";
import { createHostileStream } from "../upstream/chat_completions/hostile_stream.ts";
import { OpenAIToChatEventStream } from "../../upstream/openai_to_chat_events.ts";
import { StreamClock } from "../../upstream/chat_events/stream_clock.ts";

const FIXTURES = new URL("../fixtures/openai/", import.meta.url);

/** The event types that we send and that client knows. */
const KNOWN = new Set([
  "text",
  "reasoning",
  "tool_calls",
  "base64_image",
  "grounding",
  "usage",
  "speed",
  "stop",
  "error",
]);

/** The answer as the client reads it. */
interface ReadAnswer {
  text: string;
  reasoning: string;
  readonly calls: Map<string, { name: string; arguments: string }>;
  readonly ends: string[];
}

/** Reads like the client, and throws where the client would report an error. */
class LobeChatReader {
  readonly answer: ReadAnswer = { text: "", reasoning: "", calls: new Map(), ends: [] };
  // Browsers remove one byte order mark at the start. Deno would remove one at the start of every chunk.
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #line = "";
  #hasReturned = false;
  #fields: [name: string, value: string][] = [];

  push(bytes: Uint8Array): void {
    for (const character of this.#decoder.decode(bytes, { stream: true })) {
      if (character === "\n" && this.#hasReturned) this.#hasReturned = false;
      else if (character === "\n" || character === "\r") {
        this.#hasReturned = character === "\r";
        this.#takeLine();
      } else {
        this.#hasReturned = false;
        this.#line += character;
      }
    }
  }

  /** A message without a blank line at the end is lost. */
  close(): void {
    assertEquals([this.#line, this.#fields.length], ["", 0], "the end of the stream is lost");
  }

  #takeLine(): void {
    const line = this.#line;
    this.#line = "";
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    if (colon === 0) return;
    assert(colon > 0, `a line without a field: ${line}`);
    this.#fields.push([line.slice(0, colon), line.slice(colon + 1).replace(/^ /, "")]);
  }

  #dispatch(): void {
    assertEquals(
      this.#fields.map(([name]) => name),
      ["id", "event", "data"],
      "an empty message, or fields out of order",
    );
    const [[, id], [, event], [, data]] = this.#fields as [[string, string], [string, string], [string, string]];
    this.#fields = [];
    assert(/^[1-9]\d*$/.test(id), id);
    assert(KNOWN.has(event), event);
    assertEquals(this.answer.ends, [], `${event} after the end`);
    this.#take(event, JSON.parse(data));
  }

  // deno-lint-ignore no-explicit-any -- this client trusts the server
  #take(event: string, data: any): void {
    switch (event) {
      case "text":
      case "reasoning":
        assertEquals(typeof data, "string");
        this.answer[event] += data;
        return;
      case "tool_calls":
        return data.forEach(this.#takeCall);
      case "base64_image":
        assert(data.startsWith("data:"));
        return;
      case "grounding":
        // Entries without a URL have broken this client.
        for (const citation of data.citations) assert(typeof citation.url === "string" && citation.url !== "");
        return;
      case "usage":
      case "speed":
        for (const [name, value] of Object.entries(data)) assertEquals(typeof value, "number", name);
        return;
      case "stop":
        assertEquals(typeof data, "string");
        this.answer.ends.push(event);
        return;
      case "error":
        assertEquals([typeof data.type, typeof data.message], ["string", "string"]);
        this.answer.ends.push(event);
    }
  }

  /** Joins fragments by id, and ignores null names. */
  // deno-lint-ignore no-explicit-any -- as above
  readonly #takeCall = (call: any): void => {
    assertEquals([typeof call.index, call.type, typeof call.function.arguments], ["number", "function", "string"]);
    assert(typeof call.id === "string" && call.id !== "");
    const known = this.answer.calls.get(call.id) ?? { name: "", arguments: "" };
    this.answer.calls.set(call.id, {
      name: known.name || (call.function.name ?? ""),
      arguments: known.arguments + call.function.arguments,
    });
  };
}

/** Our wire text as that client reads it, cut in several ways. */
function readAsLobeChat(wire: string): ReadAnswer {
  let answer: ReadAnswer | undefined;
  for (const { name, chunks } of fewChunkings(new TextEncoder().encode(wire))) {
    const reader = new LobeChatReader();
    for (const chunk of chunks) reader.push(chunk);
    reader.close();
    answer ??= reader.answer;
    assertEquals(reader.answer, answer, name);
  }
  return answer!;
}

Deno.test("LobeChat's client reads each fixture's whole answer and one ending", async () => {
  for await (const { name } of Deno.readDir(FIXTURES)) {
    const { wire, events } = await answerOf([await Deno.readFile(new URL(name, FIXTURES))]);
    const answer = readAsLobeChat(wire);
    assertEquals(answer.ends, [events.at(-1)?.type as string], name);
    assertEquals(answer.text, events.flatMap((event) => event.type === "text" ? [event.data] : []).join(""), name);
  }
});

Deno.test("LobeChat's client reads all content of hostile streams", async () => {
  for (let seed = 1; seed <= 300; seed++) {
    const { chunks, text, reasoning, toolArguments } = createHostileStream(seed);
    const answer = readAsLobeChat((await answerOf(chunks)).wire);
    assertEquals([answer.text, answer.reasoning, answer.ends.length], [text, reasoning, 1], `seed ${seed}`);
    const characters = [...answer.calls.values()].map((call) => call.arguments).join("");
    assertEquals(characters.length, toolArguments.length, `seed ${seed}`);
  }
});

Deno.test("LobeChat's client reads the same answer when heartbeats come before, between and after events", async () => {
  let now = 0;
  const clock = new StreamClock(1e9, () => now);
  const provider = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>();
  const writer = provider.writable.getWriter();
  const stream = new OpenAIToChatEventStream({ timeouts: { ...NO_TIMEOUTS, heartbeatMs: 15 }, clock, startedAt: 0 });
  void stream.feed(providerBytesFrom(provider.readable));
  const reader = stream.readable.getReader();
  const client = new LobeChatReader();
  let heartbeats = 0;
  const next = async () => {
    const { value } = await reader.read();
    if (new TextDecoder().decode(value) === ": ping\n") heartbeats++;
    if (value !== undefined) client.push(value);
    return value !== undefined;
  };
  for (const content of ["a", "b", "c"]) {
    for (let beat = 0; beat < 2; beat++) {
      now += 15;
      clock.tick();
      await next();
    }
    const chunk = { choices: [{ index: 0, delta: { content }, finish_reason: content === "c" ? "stop" : null }] };
    writer.write(new TextEncoder().encode(`data: ${JSON.stringify(chunk)}\n\n`));
    await next();
  }
  now += 15;
  clock.tick();
  await next();
  writer.close();
  while (await next());
  client.close();
  assertEquals([client.answer.text, client.answer.ends, heartbeats], ["abc", ["stop"], 7]);
});
