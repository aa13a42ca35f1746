/**
 * Generates valid and invalid HTTP/1.1 responses, the same for the same seed. Pure.
 * @module
 */
import { SeededRandom } from "../../seeded_random.ts";

/** The bytes that a host sends for one request. */
export interface HostileResponse {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where the bytes are cut into writes, in order. */
  readonly cuts: readonly number[];
  /** The host closes the connection after the bytes. Otherwise they hold a valid response, perhaps with more after it. */
  readonly closes: boolean;
}

const STATUS_LINES = [
  "HTTP/1.1 200 OK",
  "HTTP/1.1 200",
  "HTTP/1.1 201 Made é",
  "HTTP/1.1 404 Not Found",
  "HTTP/1.1 500 ",
];
const ODD_STATUS_LINES = [
  "HTTP/1.0 200 OK",
  "HTTP/1.1 204 No Content",
  "HTTP/1.1 304 Not Modified",
  "http/1.1 200 OK",
  "HTTP/1.1  200 OK",
  "HTTP/1.1\t200 OK",
  "HTTP/1.1 200OK",
  "HTTP/1.1 20 OK",
  "HTTP/1.1 2000 OK",
  "HTTP/1.1 099 OK",
  "HTTP/1.1 999 OK",
  "HTTP/1.2 200 OK",
  "HTTP/0.9 200 OK",
  "HTTP/2 200 OK",
  "HTTP/2.0 200 OK",
  "HTTP/11 200 OK",
  "HTTPS/1.1 200 OK",
  "ICY 200 OK",
  "GET / HTTP/1.1",
  " HTTP/1.1 200 OK",
  "\r\nHTTP/1.1 200 OK",
  "",
];
const HEADERS = [
  "content-type: text/event-stream",
  "Connection: keep-alive",
  "connection: close",
  "Keep-Alive: timeout=5",
  "x-empty:",
  "x-blank: \t ",
  "x-latin: caf\u00e9",
  "x-colons: a:b::c",
  "server: test",
];
const ODD_HEADERS = [
  "x-space : a",
  " x-folded: a",
  "\tfolded",
  ": no name",
  "no colon",
  "x-n\u00e4me: a",
  "x-nul: a\0b",
  "x-return: a\rb",
  "x-control: a\x01b",
  "x(y): a",
  "",
];
const LENGTHS = [
  (n: number) => `${n}`,
  (n: number) => `${n + 1}`,
  (n: number) => `${Math.max(0, n - 1)}`,
  (n: number) => `0${n}`,
  (n: number) => `+${n}`,
  (n: number) => `-${n}`,
  (n: number) => `0x${n.toString(16)}`,
  (n: number) => ` \t${n} `,
  (n: number) => `${n} ${n}`,
  (n: number) => `${n}, ${n}`,
  (n: number) => `${n}\r\ncontent-length: ${n}`,
  (n: number) => `${n}\r\ncontent-length: ${n + 2}`,
  () => "",
  () => "99999999999999999999",
  () => "18446744073709551617",
  (n: number) => `${n}.0`,
];
const CODINGS = [
  "Chunked",
  " chunked ",
  "chunked, chunked",
  "identity, chunked",
  "chunked, identity",
  "gzip, chunked",
  "chunked, gzip",
  "identity",
  "xchunked",
  "chunkedx",
  "chunked;q=1",
  "chunked\r\ntransfer-encoding: chunked",
  "",
  '"chunked"',
  "\x0bchunked",
];

/** The response of a seed. Most have at most one oddity. */
export function createHostileResponse(seed: number): HostileResponse {
  const random = new SeededRandom(seed);
  const body = random.chance(0.1) ? "" : letters(random, 1 + random.below(random.chance(0.1) ? 3000 : 60));
  const oddity = random.pick(["none", "none", "head", "length", "coding", "chunks", "cut", "byte", "more"] as const);
  const isChunked = oddity === "chunks" || oddity === "coding" || (oddity !== "length" && random.chance(0.6));
  const framing = isChunked
    ? [`Transfer-Encoding: ${oddity === "coding" ? random.pick(CODINGS) : "chunked"}`]
    : [`Content-Length: ${oddity === "length" ? random.pick(LENGTHS)(body.length) : body.length}`];
  if (oddity === "coding" && random.chance(0.3)) framing.push(`content-length: ${body.length}`);
  if (oddity === "head" && random.chance(0.2)) framing.length = 0;
  const head = createHead(random, framing, oddity === "head");
  const text = head + (isChunked ? createChunks(random, body, oddity === "chunks") : body);
  let bytes = latin1(text);
  if (oddity === "cut") bytes = bytes.slice(0, random.below(bytes.length));
  if (oddity === "byte") {
    bytes[random.below(bytes.length)] = random.pick([0, 10, 13, 32, 48, 58, 97, 200, random.below(256)]);
  }
  if (oddity === "more") {
    bytes = latin1(text + random.pick(["!", "\r\n", "\n", "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nforged"]));
  }
  // Bytes that arrive later than a complete response cannot be distinguished from the next one.
  const cuts = oddity === "more" ? [] : random.list(6, () => random.below(bytes.length + 1)).sort((a, b) => a - b);
  return { bytes, cuts, closes: (oddity !== "none" && oddity !== "more") || random.chance(0.3) };
}

function createHead(random: SeededRandom, framing: readonly string[], isOdd: boolean): string {
  const lines = [...random.list(4, () => random.pick(HEADERS)), ...framing];
  if (random.chance(0.5)) lines.reverse();
  const isOddLine = isOdd && random.chance(0.5);
  if (isOdd && !isOddLine) lines.splice(random.below(lines.length + 1), 0, random.pick(ODD_HEADERS));
  lines.unshift(isOddLine ? random.pick(ODD_STATUS_LINES) : random.pick(STATUS_LINES));
  const end = isOdd && random.chance(0.2) ? random.pick(["\n", "\r"]) : "\r\n";
  const interim = random.chance(0.05)
    ? "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\n"
    : "";
  return `${interim}${lines.join(end)}${end}${end}`;
}

function createChunks(random: SeededRandom, body: string, isOdd: boolean): string {
  const chunks: string[] = [];
  for (let at = 0; at < body.length;) {
    const data = body.slice(at, at += 1 + random.below(40));
    chunks.push(`${createSize(random, data.length)}\r\n${data}\r\n`);
  }
  chunks.push(`${random.pick(["0", "0", "000", "0;last"])}\r\n${random.pick(["", "", "x-trailer: a\r\n"])}\r\n`);
  if (!isOdd) return chunks.join("");
  const index = random.below(chunks.length);
  chunks[index] = random.pick([
    (chunk: string) => chunk.replace("\r\n", "\n"),
    (chunk: string) => chunk.replace("\r\n", "\r"),
    (chunk: string) => chunk.replace("\r\n", " \r\n"),
    (chunk: string) => chunk.replace("\r\n", "\t;a=b\r\n"),
    (chunk: string) => chunk.replace("\r\n", ';a="b;c"\r\n'),
    (chunk: string) => chunk.replace("\r\n", ";a\nb\r\n"),
    (chunk: string) => chunk.replace("\r\n", ";;\r\n"),
    (chunk: string) => chunk.replace(/\r\n$/, "\n"),
    (chunk: string) => chunk.replace(/\r\n$/, ""),
    (chunk: string) => chunk.replace(/\r\n$/, "x\r\n"),
    (chunk: string) => `0x${chunk}`,
    (chunk: string) => `+${chunk}`,
    (chunk: string) => `-${chunk}`,
    (chunk: string) => ` ${chunk}`,
    (chunk: string) => `g${chunk}`,
    (chunk: string) => `\r\n${chunk}`,
    (chunk: string) => `f${chunk}`,
    (chunk: string) => `ffffffffffffffff${chunk}`,
    (chunk: string) => `10000000000000000${chunk}`,
    (chunk: string) => `;${chunk}`,
    (chunk: string) => chunk.replace(/\r\n$/, "bad trailer\r\n\r\n"),
    (chunk: string) => chunk.replace(/\r\n$/, "x-trailer : a\r\n\r\n"),
    (chunk: string) => chunk.replace(/\r\n$/, "Content-Length: 5\r\n\r\n"),
    () => "",
  ])(chunks[index]!);
  return chunks.join("");
}

function createSize(random: SeededRandom, length: number): string {
  const size = `${random.chance(0.1) ? "00" : ""}${length.toString(16)}`;
  return `${random.chance(0.5) ? size.toUpperCase() : size}${random.chance(0.1) ? random.pick([";a", ";a=b"]) : ""}`;
}

function letters(random: SeededRandom, length: number): string {
  return Array.from({ length }, () => random.pick(["a", "b", "c", " ", "\n", "\r\n", "0", "5", ":"])).join("").slice(
    0,
    length,
  );
}

/** Each character as one byte. */
function latin1(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
