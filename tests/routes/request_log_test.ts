/** Tests of what the request log leaves out in development. @module */
import { assertEquals } from "@std/assert";
import { type RequestLogEntry, withoutFiles } from "../../routes/request_log.ts";

const REQUESTS: [path: string, status: number, isLogged: boolean][] = [
  ["/", 200, false],
  ["/chat-stream.js", 304, false],
  ["/assets/none.js", 404, true],
  ["/api/chat", 200, true],
  ["/api/models", 200, true],
  ["/v1/chat/completions", 200, true],
];
for (const [path, status, isLogged] of REQUESTS) {
  Deno.test(`withoutFiles ${isLogged ? "logs" : "leaves out"} ${path} when its status is ${status}`, () => {
    const logged: RequestLogEntry[] = [];
    const entry: RequestLogEntry = { method: "GET", path, status, outcome: "ok", totalMs: 1 };
    withoutFiles((entry) => logged.push(entry))(entry);
    assertEquals(logged, isLogged ? [entry] : []);
  });
}
