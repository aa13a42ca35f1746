/**
 * Sends the same responses to this project's HTTP client and to Node's, and compares the results.
 * @module
 */
import { assertEquals } from "@std/assert";
import { HttpClient } from "../../../upstream/http/http_client.ts";
import { afterBlankLine } from "../../../upstream/http/blank_line.ts";
import { BadResponseError, type BodyDecoder, parseHead } from "../../../upstream/http/response_head.ts";
import { createHostileResponse, type HostileResponse } from "./hostile_response.ts";
import { chunksOf as chunksOfBody } from "../../../upstream/http/provider_bytes.ts";
import type { HttpResponse } from "../../../upstream/http/send_request.ts";
import { type HostConnection, post, RawHost } from "./raw_host.ts";

/** The result of a client for a response. */
interface Verdict {
  readonly isComplete: boolean;
  /** Undefined where the head was refused. */
  readonly status?: number;
  /** The body in Latin-1. */
  readonly body?: string;
}

/** The result of our client for a response. */
interface OurResult {
  readonly first: Omit<Verdict, "isComplete">;
  readonly state: BodyDecoder["state"] | "refused";
  /** The body of the next response. */
  readonly second: string;
}

/** The body of the response to the request after a hostile response. */
const SECOND = "second";

/** A line of `node_client.mjs`. */
interface NodeResult {
  readonly seed: number;
  readonly first: Verdict;
}

/** True where the program `node` can be started. */
export const HAS_NODE: boolean = hasNode();

function hasNode(): boolean {
  try {
    return new Deno.Command("node", { args: ["--version"], stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

/** Compares the responses of `count` seeds. @throws {AssertionError} with the seeds of the responses that the clients disagree about */
export async function compareWithNode(firstSeed: number, count: number): Promise<void> {
  await using host = new RawHost(serve);
  const base = host.url.slice(0, host.url.lastIndexOf("/"));
  const differences: string[] = [];
  for (const node of await runNode(base, firstSeed, count)) {
    const ours = await runOurs(base, node.seed);
    const difference = differenceOf(createHostileResponse(node.seed), ours, node);
    if (difference !== undefined) differences.push(`seed ${node.seed}: ${difference}`);
  }
  assertEquals(differences, []);
}

/** Responds to `/<seed>` with the bytes of the seed, and to `/second` with a valid response. */
async function serve(connection: HostConnection): Promise<void> {
  for (;;) {
    const path = (await connection.request()).split(" ")[1]!.split("/").at(-1)!;
    if (path === "second") {
      await connection.write(`HTTP/1.1 200 OK\r\ncontent-length: ${SECOND.length}\r\n\r\n${SECOND}`);
      continue;
    }
    const { bytes, cuts, closes } = createHostileResponse(Number(path));
    await connection.write(...chunksOf({ bytes, cuts }));
    if (closes) return;
  }
}

function chunksOf({ bytes, cuts }: Pick<HostileResponse, "bytes" | "cuts">): Uint8Array<ArrayBuffer>[] {
  return [0, ...cuts].map((start, index) => bytes.slice(start, cuts[index])).filter(({ length }) => length > 0);
}

async function runNode(base: string, firstSeed: number, count: number): Promise<NodeResult[]> {
  const program = new URL("node_client.mjs", import.meta.url).pathname;
  const args = [program, base, String(firstSeed), String(count)];
  const { stdout } = await new Deno.Command("node", { args, stderr: "inherit" }).output();
  const results = new TextDecoder().decode(stdout).trim().split("\n").map((line) => JSON.parse(line) as NodeResult);
  assertEquals(results.length, count, "Node has a result for each response");
  return results;
}

/** The result of our client for the response of a seed, and the body of the next response. */
async function runOurs(base: string, seed: number): Promise<OurResult> {
  const hostile = createHostileResponse(seed);
  const client = new HttpClient(base);
  const first = await post(client, { url: `${base}/${seed}` })
    .then(async (response) => ({ status: response.status, body: await latin1Of(response) }), () => ({}));
  // A connection that the host is closing may lose the next request, with any parser.
  const second = hostile.closes ? SECOND : await latin1Of(await post(client, { url: `${base}/second` }));
  return { first, state: stateOf(hostile.bytes), second };
}

/** The state of the decoder after a response whose connection then ends. */
function stateOf(bytes: Uint8Array<ArrayBuffer>): OurResult["state"] {
  try {
    for (let start = 0, end = 0; (end = afterBlankLine(bytes, start)) !== -1; start = end) {
      const { status, headers, body } = parseHead(bytes.subarray(start, end));
      if (status < 200) continue;
      if (end < bytes.length) body.decode(bytes.slice(end));
      const isFramed = headers.some(([name]) => /^(?:content-length|transfer-encoding)$/i.test(name));
      return body.state === "open" && !isFramed ? "complete" : body.state;
    }
    return "open";
  } catch (error) {
    if (error instanceof BadResponseError) return "refused";
    throw error;
  }
}

async function latin1Of({ body }: HttpResponse): Promise<string> {
  let text = "";
  for await (const chunk of chunksOfBody(body)) text += String.fromCharCode(...chunk);
  return text;
}

/** The first difference between the clients that is not a known one. */
function differenceOf({ bytes }: HostileResponse, ours: OurResult, node: NodeResult): string | undefined {
  const wire = String.fromCharCode(...bytes);
  const { status, body } = node.first;
  const isComplete = ours.state === "complete" || ours.state === "overrun";
  if (isComplete !== node.first.isComplete) {
    const isKnown = isComplete ? ours.state === "overrun" || hasSkippedParts(wire) : isStricter(wire);
    return isKnown
      ? undefined
      : `${ours.state} for us, ${isComplete ? "not " : ""}complete for Node: ${JSON.stringify(wire)}`;
  }
  if (isComplete && (ours.first.status !== status || ours.first.body !== body)) {
    return `${JSON.stringify(ours.first)} for us, ${JSON.stringify({ status, body })} for Node: ${
      JSON.stringify(wire)
    }`;
  }
  if (ours.second !== SECOND) return `the next response was ${JSON.stringify(ours.second)}: ${JSON.stringify(wire)}`;
}

/**
 * A known difference: Node checks chunk extensions and trailers, our client skips them. (The other one is `overrun`: where
 * bytes follow a complete response at once, Node reports an error. Our client returns the response, and does not use the
 * connection again.)
 */
function hasSkippedParts(wire: string): boolean {
  return /^[\da-f]+;/im.test(wire) || /^0+\r\n[^\r]/m.test(wire);
}

/**
 * Known differences where our client refuses a head: versions other than HTTP/1.0 and 1.1, statuses other than 100 to 599,
 * control characters in the reason, an empty line before the head, and transfer encodings other than `chunked` alone, where
 * Node takes the raw bytes as the body.
 */
function isStricter(wire: string): boolean {
  const head = wire.replace(/^(?:HTTP\/1\.1 10[03] [\w ]+\r\n(?:link.*\r\n)?\r\n)*/, "");
  const codings = [...wire.matchAll(/^transfer-encoding:(.*)\r$/gim)].map(([, value]) => value);
  return !/^HTTP\/1\.[01] [1-5]\d\d(?: [\t\x20-\x7e\x80-\xff]*)?\r\n/.test(head) ||
    codings.length > 1 || (codings.length === 1 && !/^[ \t]*chunked[ \t]*$/i.test(codings[0]!));
}
