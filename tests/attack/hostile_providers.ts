/**
 * Attacks by a provider: small responses that become large, many headers, an answer without an end, and connections that
 * close after the request was read.
 * @module
 */
import { brotliCompressSync, constants } from "node:zlib";
import { answerOf, contentChunk, finishChunk, sse } from "../fake_openai.ts";
import { Program } from "../program.ts";
import { eventsOf } from "../test_server.ts";
import { type Attack, type Outcome, peakMemoryMB, Pulse, type Size } from "./attack.ts";
import { RawProvider, type RawRequest, response } from "./raw_provider.ts";

/** How much memory one response of a provider may cost, in megabytes. */
const MAX_GROWTH_MB = 256;
/** How long one response of a provider may stop the server, in milliseconds. */
const MAX_STALL_MS = 1000;

/** Asks once, and measures what the response costs. */
async function measure(baseURL: string): Promise<Outcome & { readonly status: number }> {
  await using program = await Program.start({ OPENAI_BASE_URL: baseURL });
  const before = peakMemoryMB(program);
  const pulse = new Pulse(program);
  const chat = await program.chat();
  await chat.body?.cancel();
  const stallMs = await pulse.stop();
  const grownMB = peakMemoryMB(program) - before;
  return {
    holds: grownMB < MAX_GROWTH_MB && stallMs < MAX_STALL_MS,
    status: chat.status,
    figure: `status ${chat.status}, ${grownMB} MB more, ${stallMs} ms of standstill`,
  };
}

/** A compressed response that was not asked for. @param status of the response */
async function bomb(size: Size, status: string): Promise<Outcome> {
  const megabytes = size === "full" ? 1024 : 256;
  const body = brotliCompressSync(new Uint8Array(megabytes * 2 ** 20), {
    params: { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_LGWIN]: 24 },
  });
  const head = `${status}\r\ncontent-type: application/json\r\ncontent-encoding: br`;
  await using provider = new RawProvider(async ({ write }) => {
    await write(response(head, new Uint8Array(body)));
    return false;
  });
  const { holds, status: found, figure } = await measure(provider.baseURL);
  return { holds: holds && found === 502, figure: `${body.length} bytes for ${megabytes} MB: ${figure}` };
}

/** As many distinct headers as fit in a head of 32 KiB. */
async function manyHeaders(): Promise<Outcome> {
  const lines = Array.from({ length: 4000 }, (_, index) => `${(index + 46_656).toString(36)}:1\r\n`).join("");
  await using provider = new RawProvider(async ({ write }) => {
    await write(`HTTP/1.1 200 OK\r\n${lines}content-type: text/event-stream\r\n\r\n${answerOf("hi").join("")}`);
    return false;
  });
  const { holds, status, figure } = await measure(provider.baseURL);
  return { holds: holds && status === 502, figure: `4000 headers: ${figure}` };
}

/** An answer of 10 GB, to a client that reads all of it. */
async function hugeAnswer(size: Size): Promise<Outcome> {
  const megabytes = size === "full" ? 10_240 : 256;
  const event = new TextEncoder().encode(sse(contentChunk("x".repeat(65_000))).join("").repeat(16));
  await using provider = new RawProvider(async ({ write }) => {
    await write("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n");
    for (let sent = 0; sent < megabytes * 2 ** 20; sent += event.length) await write(event);
    await write(sse(finishChunk(), "[DONE]").join(""));
    return false;
  });
  await using program = await Program.start({ OPENAI_BASE_URL: provider.baseURL });
  const before = peakMemoryMB(program);
  const pulse = new Pulse(program);
  const chat = await program.chat();
  let bytes = 0;
  let end = "";
  for await (const chunk of chat.body!) {
    bytes += chunk.length;
    end = new TextDecoder().decode(chunk.subarray(-100));
  }
  const stallMs = await pulse.stop();
  const grownMB = peakMemoryMB(program) - before;
  return {
    holds: /event: stop\ndata: "stop"\n\n$/.test(end) && grownMB < MAX_GROWTH_MB && stallMs < MAX_STALL_MS,
    figure: `${(bytes / 2 ** 30).toFixed(2)} GB: ${grownMB} MB more, ${stallMs} ms of standstill`,
  };
}

/** Ways to make a client send a request again, though the provider may have read and charged it. */
const REPEATS: readonly [name: string, answerAgain: (request: RawRequest) => Promise<boolean>][] = [
  ["closed when reused", () => Promise.resolve(false)],
  [
    "head over 32 KiB",
    ({ write }) => write(`HTTP/1.1 200 OK\r\nx-long: ${"x".repeat(40_000)}\r\n\r\n`).then(() => false),
  ],
  ["304", ({ write }) => write("HTTP/1.1 304 Not Modified\r\n\r\n").then(() => true)],
  ["307", ({ write }) => write(response("307 Moved\r\nlocation: /v1/chat/completions")).then(() => true)],
];

/** One question, after another one that was answered on a connection that stays open. */
async function duplicate(): Promise<Outcome> {
  const counts: string[] = [];
  for (const [name, answerAgain] of REPEATS) {
    await using provider = new RawProvider(async (request) => {
      if (request.index > 0) return await answerAgain(request);
      await request.write(response("200 OK\r\ncontent-type: text/event-stream", answerOf("first").join("")));
      return true;
    });
    await using program = await Program.start({ OPENAI_BASE_URL: provider.baseURL });
    await eventsOf(await program.chat());
    const second = await program.chat();
    await second.body?.cancel();
    counts.push(`${name}: ${provider.requests - 1}`);
  }
  return { holds: counts.every((count) => count.endsWith(": 1")), figure: `requests sent, ${counts.join(", ")}` };
}

/** The attacks of this file. */
export const PROVIDER_ATTACKS: readonly Attack[] = [
  { name: "unasked compression", wanted: "502, bounded memory", run: (size) => bomb(size, "200 OK") },
  {
    name: "unasked compression of an error",
    wanted: "502, bounded memory",
    run: (size) => bomb(size, "400 Bad Request"),
  },
  { name: "many headers", wanted: "502, no standstill", run: manyHeaders },
  { name: "an answer of 10 GB", wanted: "it passes in bounded memory", run: hugeAnswer },
  { name: "requests that may be paid twice", wanted: "each is sent once", run: duplicate },
];
