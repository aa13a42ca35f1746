/** Tests that the smoke test passes for the program, and fails for one that ends or answers wrongly. */
import { assert, assertRejects } from "@std/assert";
import { smokeExecutable, smokeServer } from "../../../tools/release/smoke.ts";
import { contentChunk, sse } from "../../fake_openai.ts";
import { TestServer } from "../../test_server.ts";

const MAIN = new URL("../../../main.ts", import.meta.url).pathname;
const PERMISSIONS = ["--allow-net", "--allow-read", "--allow-env"];

Deno.test("smokeExecutable gets a demo answer from the program", async () => {
  const answer = await smokeExecutable(Deno.execPath(), ["run", "--no-check", ...PERMISSIONS, MAIN]);
  assert(answer.text.length > 100);
});

Deno.test("smokeExecutable throws when the program ends before it listens", async () => {
  const args = ["eval", "console.log('no port')"];
  await assertRejects(() => smokeExecutable(Deno.execPath(), args), Error, "It printed: no port");
});

Deno.test("smokeServer throws when a page is missing, or the answer is cut", async () => {
  const script = () => ({ body: sse(contentChunk("cut")) });
  {
    await using server = new TestServer({ script });
    await assertRejects(() => smokeServer(server.origin), Error, "GET / has the status 404");
  }
  const file = { type: "text/html; charset=utf-8", tag: '"t"', bytes: new Uint8Array(1), copies: [] };
  const staticFiles = new Map(["/", "/chat-stream.js", "/chat-client.js"].map((path) => [path, file]));
  await using server = new TestServer({ script, staticFiles });
  await assertRejects(() => smokeServer(server.origin), Error, "unexpected_end");
});
