/**
 * A provider that speaks OpenAI's wire format and costs next to nothing, in a process of its own. The model's name says
 * what to answer: `bench-<pieces>-<ms>` sends one chunk every so many milliseconds, `bench-<pieces>-0` as fast as they
 * are taken; a further `-<tag>` names the answer in the reports of `GET /closed`.
 *
 * All chunks are encoded beforehand. As fast as they are taken means 64 chunks (16,000 bytes) a write, as a provider
 * behind TLS sends them when it has that many; paced means one chunk a write, each stream at its own phase, and what a
 * slow reader held up goes out at once when it reads again. It waits for each write: it never runs ahead of a reader
 * by more than the system's socket buffers.
 *
 * Run by itself it prints `{"port": …}` on standard output.
 * @module
 */
import { answerPieces, closingChunks, contentChunk, openingChunk, PIECES_PER_BLOCK } from "./inputs.ts";
import { PaceClock } from "./pace_clock.ts";
import { RequestReader, type WireRequest } from "./request_reader.ts";

/** What a model's name asks for. */
export interface AnswerPlan {
  /** How many chunks with text. */
  readonly pieces: number;
  /** Milliseconds from one to the next; 0 is without waiting. */
  readonly paceMs: number;
  readonly tag: string;
}

/** The plan in a model's name, or undefined for a model we do not have. */
export function parseModel(model: unknown): AnswerPlan | undefined {
  const [, pieces, paceMs, tag] = /^bench-(\d+)-(\d+)(?:-(\w+))?$/.exec(String(model)) ?? [];
  return pieces === undefined ? undefined : { pieces: Number(pieces), paceMs: Number(paceMs), tag: tag ?? "" };
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
      // Answers notice within a tick of their clock that nobody is there.
      await Promise.all(served);
    },
  };
}

const ENCODER = new TextEncoder();
const STREAM_HEAD = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n" +
  "cache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n";
const PIECES = answerPieces().map((piece) => framed(contentChunk(piece)));
const BLOCK = framed(answerPieces().map(contentChunk).join(""));

class Service {
  readonly #clock = new PaceClock();
  readonly #watchers = new Set<Deno.Conn>();

  async serve(connection: Deno.Conn): Promise<void> {
    const reader = new RequestReader(connection);
    for (let request = await reader.next(); request !== undefined;) {
      // Reading goes on while we answer: it is how the client's leaving is noticed.
      const next = reader.next();
      if (request.path === "/closed") return await this.#report(connection, next);
      await this.#answer(connection, request, next);
      request = await next;
    }
  }

  /** Keeps the connection for reports: a line `<tag> <pieces written>` as soon as a client leaves a tagged answer. */
  async #report(connection: Deno.Conn, left: Promise<unknown>): Promise<void> {
    this.#watchers.add(connection);
    await writeAll(connection, ENCODER.encode("ready\n"));
    await left;
    this.#watchers.delete(connection);
  }

  async #answer(connection: Deno.Conn, request: WireRequest, next: Promise<WireRequest | undefined>): Promise<void> {
    const plan = planOf(request);
    if (plan === undefined) return await writeAll(connection, refusal(request));
    const stream = { written: 0, left: false, ended: false };
    void next.then((following) => {
      if (following !== undefined || stream.ended) return;
      stream.left = true;
      if (plan.tag !== "") this.#tell(`${plan.tag} ${stream.written}\n`);
    });
    await writeAll(connection, ENCODER.encode(STREAM_HEAD + frame(openingChunk())));
    await this.#writePieces(connection, plan, stream);
    if (stream.left) return;
    await writeAll(connection, ENCODER.encode(frame(closingChunks(plan.pieces)) + "0\r\n\r\n"));
    stream.ended = true;
  }

  async #writePieces(connection: Deno.Conn, plan: AnswerPlan, stream: { written: number; left: boolean }) {
    const { pieces, paceMs } = plan;
    const start = performance.now();
    while (stream.written < pieces && !stream.left) {
      const dueAt = start + stream.written * paceMs;
      if (dueAt > performance.now()) await this.#clock.at(dueAt);
      const due = paceMs === 0 ? pieces : Math.min(pieces, 1 + Math.floor((performance.now() - start) / paceMs));
      const at = stream.written % PIECES_PER_BLOCK;
      const whole = at === 0 && due - stream.written >= PIECES_PER_BLOCK;
      await writeAll(connection, whole ? BLOCK : PIECES[at]!);
      stream.written += whole ? PIECES_PER_BLOCK : 1;
    }
  }

  #tell(line: string): void {
    for (const watcher of this.#watchers) void writeAll(watcher, ENCODER.encode(line)).catch(() => {/* it left */});
  }
}

function planOf(request: WireRequest): AnswerPlan | undefined {
  if (!request.path.endsWith("/chat/completions")) return undefined;
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

/** `text` as one chunk of a chunked body. */
function frame(text: string): string {
  return `${ENCODER.encode(text).length.toString(16)}\r\n${text}\r\n`;
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
