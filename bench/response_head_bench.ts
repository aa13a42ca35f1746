/**
 * Micro-benchmark of a response's head: what a provider sends, the most that is accepted, and a head made to be slow. Run
 * with `deno bench bench/`.
 * @module
 */
import { MAX_HEADERS, parseHead } from "../upstream/http/response_head.ts";

const encoder = new TextEncoder();

function head(count: number, line: (index: number) => string): Uint8Array {
  const lines = Array.from({ length: count }, (_, index) => `${line(index)}\r\n`);
  return encoder.encode(`HTTP/1.1 200 OK\r\n${lines.join("")}\r\n`);
}

const typical = head(20, (index) => `x-header-${index}: ${"value".repeat(6)}`);
const largest = head(MAX_HEADERS, (index) => `x-header-${index}: ${"value".repeat(50)}`);
/** Below the limit of 32 KiB for a head. */
const hostile = head(4000, (index) => `${index}:`);

/** Blanks that a careless expression goes through once for each of them. */
const blanks = head(1, () => `connection: a${" ".repeat(30_000)}b`);

/** Parses as the client does, up to the `Headers` that callers read. */
function parse(bytes: Uint8Array): number {
  return [...new Headers(parseHead(bytes).headers as [string, string][])].length;
}

Deno.bench({ name: "20 headers", group: "head", baseline: true }, () => {
  if (parse(typical) !== 20) throw new Error("Cannot measure: headers are missing");
});

Deno.bench({ name: `${MAX_HEADERS} headers`, group: "head" }, () => {
  if (parse(largest) !== MAX_HEADERS) throw new Error("Cannot measure: headers are missing");
});

Deno.bench({ name: "30,000 blanks in a header", group: "head" }, () => {
  if (parse(blanks) !== 1) throw new Error("Cannot measure: the header is missing");
});

Deno.bench({ name: "4,000 headers, refused", group: "head" }, () => {
  try {
    parse(hostile);
  } catch {
    return;
  }
  throw new Error("Cannot measure: the head was accepted");
});
