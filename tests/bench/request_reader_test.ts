/** Tests of the HTTP request parser of the benchmark's provider. @module */
import { assertEquals, assertThrows } from "@std/assert";
import { parseRequest } from "../../bench/request_reader.ts";

const encoder = new TextEncoder();

const cases: readonly (readonly [string, string, string])[] = [
  ["a body with a length", "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\n{é}\r\n!", "{é}\r\n!"],
  ["a body in chunks", "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{é\r\n1\r\n}\r\n0\r\n\r\n", "{é}"],
  ["no body", "POST /a HTTP/1.1\r\nHost: x\r\n\r\n", ""],
];

for (const [name, wire, body] of cases) {
  Deno.test(`parseRequest returns ${name} when it is complete, and not before`, () => {
    const bytes = encoder.encode(wire);
    for (let size = 0; size < bytes.length; size++) {
      assertEquals(parseRequest(bytes.subarray(0, size)), undefined, `after ${size} bytes`);
    }
    const following = encoder.encode(wire + "GET /next");
    assertEquals(parseRequest(following), { request: { method: "POST", path: "/a", body }, end: bytes.length });
  });
}

Deno.test("parseRequest throws when the bytes are not HTTP", () => {
  assertThrows(() => parseRequest(encoder.encode("hello\r\n\r\n")), SyntaxError);
});
