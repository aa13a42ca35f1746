/**
 * A provider that speaks every API's wire format at very low cost, in its own process. The model's name selects the
 * answer: `bench-<tokens>-<ms>` sends one chunk each `<ms>` milliseconds, `bench-<tokens>-0` sends without a pace. An
 * additional `-<tag>` names the answer in the reports of `GET /closed`.
 *
 * All chunks are encoded in advance. Without a pace, one write has 64 chunks (16,000 bytes), as from a provider behind
 * TLS that has them ready. With a pace, one write has one chunk, each stream has its own phase, and chunks that a slow
 * reader delayed are sent at once. Each write is awaited, so the provider is ahead of a reader by at most the system's
 * socket buffers.
 *
 * As a program it prints `{"port": …}` on standard output.
 * @module
 */
import { answerTokens, TOKENS_PER_BLOCK } from "./inputs.ts";
import { PaceClock } from "./pace_clock.ts";
import { PROVIDER_ANSWERS, type ProviderAnswer } from "./provider_answers.ts";
import { RequestReader, type WireRequest } from "./request_reader.ts";

/** The answer that a model's name selects. */
export interface AnswerPlan {
  /** The number of chunks with text. */
  readonly tokens: number;
  /** Milliseconds between two chunks; 0 for no pace. */
  readonly paceMs: number;
  readonly tag: string;
}

/** The plan in a model's name; undefined for an unknown model. */
export function parseModel(model: unknown): AnswerPlan | undefined {
  const [, tokens, paceMs, tag] = /^bench-(\d+)-(\d+)(?:-(\w+))?$/.exec(String(model)) ?? [];
  return tokens === undefined ? undefined : { tokens: Number(tokens), paceMs: Number(paceMs), tag: tag ?? "" };
}

/** A running provider. */
export interface Provider extends AsyncDisposable {
  readonly port: number;
}

/** Starts a provider on a free port of the loopback interface. */
export function startProvider(): Provider {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connections = new Set<Deno.Conn>();
  const served = new Set<Promise<void>>();
  const service = new Service();
  const accepting = (async () => {
    for await (const connection of listener) {
      connection.setNoDelay();
      connections.add(connection);
      const done = service.serve(connection).catch(() => {/* the client left */}).finally(() => {
        connections.delete(connection);
        served.delete(done);
        closeQuietly(connection);
      });
      served.add(done);
    }
  })();
  return {
    port: listener.addr.port,
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const connection of connections) closeQuietly(connection);
      await accepting;
      // Answers end at the next tick of their clock.
      await Promise.all(served);
    },
  };
}

const ENCODER = new TextEncoder();
const STREAM_HEAD = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n" +
  "cache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n";

/** An answer whose chunks are encoded. */
interface EncodedAnswer extends ProviderAnswer {
  readonly chunks: readonly Uint8Array[];
  readonly block: Uint8Array;
}

const ANSWERS: readonly EncodedAnswer[] = Object.values(PROVIDER_ANSWERS).map((answer) => {
  const chunks = answerTokens().map(answer.chunk);
  return { ...answer, chunks: chunks.map(framed), block: framed(chunks.join("")) };
});

class Service {
  readonly #clock = new PaceClock();
  readonly #watchers = new Set<Deno.Conn>();

  async serve(connection: Deno.Conn): Promise<void> {
    const reader = new RequestReader(connection);
    for (let request = await reader.next(); request !== undefined;) {
      // Read during the response: this shows when the client leaves.
      const next = reader.next();
      if (request.path === "/closed") return await this.#report(connection, next);
      await this.#respond(connection, request, next);
      request = await next;
    }
  }

  /** Keeps the connection for reports: a line `<tag> <tokens written>` when a client leaves a tagged answer. */
  async #report(connection: Deno.Conn, left: Promise<unknown>): Promise<void> {
    this.#watchers.add(connection);
    await writeAll(connection, ENCODER.encode("ready\n"));
    await left;
    this.#watchers.delete(connection);
  }

  async #respond(connection: Deno.Conn, request: WireRequest, next: Promise<WireRequest | undefined>): Promise<void> {
    const plan = planOf(request);
    const answer = ANSWERS.find(({ path }) => path.test(request.path));
    if (plan === undefined || answer === undefined) return await writeAll(connection, refusal(request));
    const stream = { written: 0, left: false, ended: false };
    void next.then((following) => {
      if (following !== undefined || stream.ended) return;
      stream.left = true;
      if (plan.tag !== "") this.#notify(`${plan.tag} ${stream.written}\n`);
    });
    await writeAll(connection, ENCODER.encode(STREAM_HEAD + frame(answer.opening)));
    await this.#writeChunks(connection, plan, answer, stream);
    if (stream.left) return;
    await writeAll(connection, ENCODER.encode(frame(answer.closing(plan.tokens)) + "0\r\n\r\n"));
    stream.ended = true;
  }

  async #writeChunks(
    connection: Deno.Conn,
    { tokens, paceMs }: AnswerPlan,
    { chunks, block }: EncodedAnswer,
    stream: { written: number; left: boolean },
  ): Promise<void> {
    const start = performance.now();
    while (stream.written < tokens && !stream.left) {
      const dueAt = start + stream.written * paceMs;
      if (dueAt > performance.now()) await this.#clock.at(dueAt);
      const due = paceMs === 0 ? tokens : Math.min(tokens, 1 + Math.floor((performance.now() - start) / paceMs));
      const at = stream.written % TOKENS_PER_BLOCK;
      const whole = at === 0 && due - stream.written >= TOKENS_PER_BLOCK;
      await writeAll(connection, whole ? block : chunks[at]!);
      stream.written += whole ? TOKENS_PER_BLOCK : 1;
    }
  }

  #notify(line: string): void {
    for (const watcher of this.#watchers) void writeAll(watcher, ENCODER.encode(line)).catch(() => {/* it left */});
  }
}

/** The model is in the body; at Gemini it is in the path. */
function planOf(request: WireRequest): AnswerPlan | undefined {
  const inPath = /\/models\/([^:/]+):/.exec(request.path)?.[1];
  if (inPath !== undefined) return parseModel(inPath);
  try {
    const body: unknown = JSON.parse(request.body);
    return parseModel((body as { model?: unknown }).model);
  } catch {
    return undefined;
  }
}

function refusal(request: WireRequest): Uint8Array {
  const error = { message: `No such model at ${request.path}`, type: "invalid_request_error", code: "model_not_found" };
  const body = JSON.stringify({ error });
  const head = `HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
  return ENCODER.encode(head + body);
}

/** `text` as one chunk of a chunked body. An empty one would end the body. */
function frame(text: string): string {
  return text === "" ? "" : `${ENCODER.encode(text).length.toString(16)}\r\n${text}\r\n`;
}

function framed(text: string): Uint8Array {
  return ENCODER.encode(frame(text));
}

async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(at === 0 ? bytes : bytes.subarray(at));
}

function closeQuietly(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It is closed already.
  }
}

if (import.meta.main) console.log(JSON.stringify({ port: startProvider().port }));
