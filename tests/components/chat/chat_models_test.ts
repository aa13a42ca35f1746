import { assertEquals, assertRejects } from "@std/assert";
import { fetchModels, modelsUrl } from "../../../components/chat/chat_models.ts";

const URLS: readonly [string, string][] = [
  ["/api/chat", "https://shop.example/api/models"],
  ["https://chat.example/api/chat?tenant=1", "https://chat.example/api/models"],
  ["https://chat.example/proxy/api/chat", "https://chat.example/proxy/api/models"],
];
for (const [endpoint, expected] of URLS) {
  Deno.test(`modelsUrl is beside ${endpoint}`, () => {
    assertEquals(modelsUrl(endpoint, "https://shop.example/page"), expected);
  });
}

function serve(respond: (request: Request) => Response) {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, respond);
  return { url: `http://127.0.0.1:${server.addr.port}/api/models`, [Symbol.asyncDispose]: () => server.shutdown() };
}

Deno.test("fetchModels returns names and the default, and sends the token", async () => {
  let authorization: string | null = null;
  await using server = serve((request) => {
    authorization = request.headers.get("authorization");
    return Response.json({ defaultModel: "a", models: [{ id: "a" }, { id: 7 }, null, { id: "b" }] });
  });
  assertEquals(await fetchModels(server.url, { getToken: () => "t" }), { defaultModel: "a", names: ["a", "b"] });
  assertEquals(authorization, "Bearer t");
});

Deno.test("fetchModels rejects on an error status and on something else than a list", async () => {
  const responses = [new Response("no", { status: 500 }), Response.json({})];
  await using server = serve(() => responses.shift()!);
  await assertRejects(() => fetchModels(server.url, {}), TypeError, "status 500");
  await assertRejects(() => fetchModels(server.url, {}), TypeError, "no array");
});
