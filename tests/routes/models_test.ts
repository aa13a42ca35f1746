/** Tests GET /api/models over a real socket. @module */
import { assertEquals } from "@std/assert";
import { TestServer } from "../test_server.ts";

Deno.test("/api/models lists the models, for pages of allowed origins only", async () => {
  const allowedOrigins = { exact: new Set(["https://shop.example"]), any: false, loopback: false };
  await using server = new TestServer({ access: { allowedOrigins } });
  const get = (origin: string) => fetch(`${server.origin}/api/models`, { headers: { origin } });
  const response = await get("https://shop.example");
  assertEquals(response.headers.get("access-control-allow-origin"), "https://shop.example");
  assertEquals(await response.json(), {
    defaultModel: "test-model",
    models: [{ id: "test-model" }],
    maxBodyBytes: 1_048_576,
  });
  const refused = await get("https://evil.example");
  assertEquals([refused.status, (await refused.json()).errorType], [403, "OriginNotAllowed"]);
});
