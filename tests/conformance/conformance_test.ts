/** The contract as a program, against this server and the example in Python. `deno task test:packages` checks the one in Node. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { FakeOpenAI } from "../fake_openai.ts";
import { runChecks } from "./check.ts";
import { findPythonServer, outcomesOf, THIS_SERVER } from "./example_servers.ts";
import { checksUpTo } from "./levels.ts";

Deno.test("this server holds every promise of the contract", async () => {
  assertEquals((await outcomesOf(THIS_SERVER, "guarded")).filter(({ error }) => error !== undefined), []);
});

const python = await findPythonServer();
Deno.test({
  name: `the example server in Python holds the level core${
    python === undefined ? " (ignored: FastAPI, uvicorn and httpx are not installed here)" : ""
  }`,
  ignore: python === undefined,
  async fn() {
    assertEquals((await outcomesOf(python!, "core")).filter(({ error }) => error !== undefined), []);
  },
});

Deno.test("runChecks names the promises that a server breaks", async () => {
  await using provider = new FakeOpenAI(() => ({ status: 500 }));
  const wire = 'id: 1\nevent: text\ndata: "Hi"\n\n';
  const headers = { "content-type": "text/event-stream; charset=utf-8" };
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    () => new Response(wire, { headers }),
  );
  const names = ["reasoning is an event", "an invalid request is a 400", "the server serves the chat page"];
  const checks = names.map((start) => checksUpTo("core").get("core")!.find(({ name }) => name.startsWith(start))!);
  const outcomes = await runChecks(`http://127.0.0.1:${server.addr.port}`, provider, new Map([["core", checks]]));
  const errors = outcomes.map(({ error = "" }) => error);
  assertStringIncludes(errors[0]!, "the number of terminal events");
  assertStringIncludes(errors[1]!, "wanted 400 InvalidRequestFormat, found 200");
  assertStringIncludes(errors[2]!, "<chat-stream");
  await server.shutdown();
});
