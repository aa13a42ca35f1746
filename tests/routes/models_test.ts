/**
 * GET /api/models over a real socket.
 * @module
 */
import { assertEquals } from "@std/assert";
import { TestServer } from "../test_server.ts";

Deno.test("/api/models lists what is offered, readable for pages of allowed origins only", async () => {
  const allowedOrigins = { exact: new Set(["https://shop.example"]), any: false, loopback: false };
  await using server = new TestServer({ access: { allowedOrigins } });
  const ask = (origin: string) => fetch(`${server.origin}/api/models`, { headers: { origin } });
  const answer = await ask("https://shop.example");
  assertEquals(answer.headers.get("access-control-allow-origin"), "https://shop.example");
  assertEquals(await answer.json(), { defaultModel: "test-model", models: [{ id: "test-model" }] });
  const refused = await ask("https://evil.example");
  assertEquals([refused.status, (await refused.json()).errorType], [403, "OriginNotAllowed"]);
});
