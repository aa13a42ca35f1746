/**
 * What a conformance check is, and how checks run: one after the other, each with a deadline, against a server in front of
 * a fake provider.
 * @module
 */
import { stripVTControlCharacters } from "node:util";
import { assert, assertEquals } from "@std/assert";
import { type ChatEvent, parseChatEvent } from "../../protocol/chat_event.ts";
import type { Answer, FakeOpenAI } from "../fake_openai.ts";

/** What a server promises. Each level contains the ones before it. */
export const LEVELS = ["core", "resumable", "guarded"] as const;
export type Level = (typeof LEVELS)[number];

/** One promise of the contract. */
export interface Check {
  /** A sentence about the server. */
  readonly name: string;
  /** Throws where the server breaks the promise. */
  readonly run: (server: ServerUnderTest) => Promise<void>;
}

/** The outcome of a check. `error` is absent where the server passed. */
export interface Outcome {
  readonly level: Level;
  readonly name: string;
  readonly error?: string;
}

/** The longest time for one check, in milliseconds. A server that hangs must not hang the program. */
const CHECK_DEADLINE_MS = 20_000;

/** The most lines of a failed check's message. */
const MAX_ERROR_LINES = 12;

/** The conversation of checks that need no other. */
export const MESSAGES = [{ role: "user", content: "Hi" }];

/** The server, as its clients and its provider see it. */
export class ServerUnderTest {
  /** The server's own address, without a path. */
  readonly origin: string;
  readonly provider: FakeOpenAI;

  constructor(origin: string, provider: FakeOpenAI) {
    this.origin = origin;
    this.provider = provider;
  }

  /** Sends `POST /api/chat`. @param body the fields besides `messages`, or the whole body as text */
  chat(body: object | string | Uint8Array<ArrayBuffer> = {}, init: RequestInit = {}): Promise<Response> {
    return fetch(`${this.origin}/api/chat`, {
      method: "POST",
      body: typeof body === "string" || body instanceof Uint8Array
        ? body
        : JSON.stringify({ messages: MESSAGES, ...body }),
      ...init,
      headers: { "content-type": "application/json", ...init.headers as Record<string, string> },
    });
  }

  /** Sends the same, while the provider answers in this way. */
  answered(answer: Answer, body: object = {}): Promise<Response> {
    this.provider.script = () => answer;
    return this.chat(body);
  }

  /** The events of a stream that the provider answers in this way. */
  async events(answer: Answer, body: object = {}): Promise<ChatEvent[]> {
    const response = await this.answered(answer, body);
    assertEquals(response.status, 200, "the status");
    return readWire(await response.text());
  }
}

/** Reads a whole stream, and checks that it is exactly what the protocol says. */
export function readWire(wire: string): ChatEvent[] {
  assert(wire.endsWith("\n\n"), "the stream must end after a whole event");
  const blocks = wire.replaceAll(": ping\n", "").slice(0, -2).split("\n\n");
  const events = blocks.map((block, index) => {
    const [, id, event, data] = /^id: (\d+)\nevent: (\w+)\ndata: ([^\n\r]*)$/.exec(block) ?? [];
    assertEquals(id, String(index + 1), `the id of ${JSON.stringify(block)}`);
    const parsed = parseChatEvent({ event: event!, data: data!, id: id! } as Parameters<typeof parseChatEvent>[0]);
    assert(parsed !== undefined, `${event} is no event of the protocol`);
    return parsed;
  });
  const order = events.map(({ type }) => ["usage", "speed", "stop", "error"].indexOf(type)).map((at) =>
    Math.min(at, 2)
  );
  assertEquals(order, order.toSorted((a, b) => a - b), "usage, speed and the terminal event come last, in this order");
  assertEquals(order.filter((at) => at === 2).length, 1, "the number of terminal events");
  for (const at of [0, 1]) assert(order.filter((each) => each === at).length <= 1, "usage and speed come at most once");
  return events;
}

/** The text of events. */
export function textOf(events: readonly ChatEvent[]): string {
  return events.map((event) => event.type === "text" ? event.data : "").join("");
}

/** Checks that a response is an error before the first byte. @returns its body */
export async function assertError(
  response: Response,
  status: number,
  type: string,
): Promise<Readonly<Record<string, unknown>>> {
  const text = await response.text();
  let json: { errorType?: unknown; body?: Record<string, unknown> } = {};
  try {
    json = JSON.parse(text);
  } catch {
    // Reported with the status.
  }
  const found = `${response.status} ${json.errorType ?? text.slice(0, 60)}`;
  assert(found === `${status} ${type}`, `wanted ${status} ${type}, found ${found}`);
  assert(typeof json.body?.message === "string" && json.body.message !== "", "body.message must be a sentence");
  return json.body;
}

/** Runs checks, and reports each outcome as it is known. */
export async function runChecks(
  origin: string,
  provider: FakeOpenAI,
  checks: ReadonlyMap<Level, readonly Check[]>,
  report: (outcome: Outcome) => void = () => {},
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (
    const [level, { name, run }] of [...checks].flatMap(([level, all]) => all.map((check) => [level, check] as const))
  ) {
    provider.requests.length = provider.aborts = 0;
    const error = await messageOf(run(new ServerUnderTest(origin, provider)));
    const outcome = { level, name, ...(error !== undefined && { error }) };
    outcomes.push(outcome);
    report(outcome);
  }
  return outcomes;
}

/** Why a check failed; undefined where it passed. */
async function messageOf(running: Promise<void>): Promise<string | undefined> {
  const deadline = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => deadline.reject(new Error(`nothing within ${CHECK_DEADLINE_MS / 1000} s`)),
    CHECK_DEADLINE_MS,
  );
  try {
    await Promise.race([running, deadline.promise]);
    return undefined;
  } catch (error) {
    const lines = stripVTControlCharacters(error instanceof Error ? error.message : String(error)).split("\n");
    return lines.filter((line) => line.trim() !== "").slice(0, MAX_ERROR_LINES).join("\n");
  } finally {
    clearTimeout(timer);
  }
}

/** A provider's answer whose chunks come when the check sends them. */
export class LiveAnswer {
  readonly body: ReadableStream<string>;
  #controller!: ReadableStreamDefaultController<string>;

  constructor() {
    this.body = new ReadableStream({ start: (controller) => void (this.#controller = controller) });
  }

  /** Sends chunks, as `sse` makes them. */
  send(chunks: readonly string[]): void {
    for (const chunk of chunks) this.#controller.enqueue(chunk);
  }

  /** Ends the body. */
  close(): void {
    this.#controller.close();
  }
}

/** Reads a response until it has so many whole events. @returns the reader, and what was read */
export async function readEvents(
  response: Response,
  count: number,
): Promise<{ readonly reader: ReadableStreamDefaultReader<string>; readonly wire: string }> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let wire = "";
  while (wire.split("\n\n").length <= count) {
    const { value, done } = await reader.read();
    assert(!done, `the stream ended after ${JSON.stringify(wire)}`);
    wire += value;
  }
  return { reader, wire };
}

/** Reads to the end. */
export async function readRest(reader: ReadableStreamDefaultReader<string>): Promise<string> {
  let rest = "";
  for (let read = await reader.read(); !read.done; read = await reader.read()) rest += read.value;
  return rest;
}
