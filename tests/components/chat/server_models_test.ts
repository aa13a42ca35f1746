import { assertEquals } from "@std/assert";
import { fetchModels, modelsUrl, ServerModels } from "../../../components/chat/server_models.ts";

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

Deno.test("fetchModels returns names, the default and the limits, and sends the token", async () => {
  let authorization: string | null = null;
  await using server = serve((request) => {
    authorization = request.headers.get("authorization");
    const models = [{ id: "a", input: ["text"] }, { id: 7 }, null, { id: "b" }];
    return Response.json({ defaultModel: "a", models, maxBodyBytes: 5 });
  });
  const models = await fetchModels(server.url, { getToken: () => "t" });
  assertEquals([models?.defaultModel, models?.names, models?.maxBodyBytes], ["a", ["a", "b"], 5]);
  assertEquals([models?.inputOf(), models?.inputOf("a"), models?.inputOf("b")], [["text"], ["text"], undefined]);
  assertEquals(authorization, "Bearer t");
});

const TELL_NOTHING: readonly [string, () => Response][] = [
  ["an error status", () => new Response("no", { status: 500 })],
  ["something else than a list", () => Response.json({ models: "a", maxBodyBytes: -1, defaultModel: 7 })],
  ["null", () => Response.json(null)],
];
for (const [what, respond] of TELL_NOTHING) {
  Deno.test(`fetchModels knows nothing after ${what}`, async () => {
    await using server = serve(respond);
    const { names, defaultModel, maxBodyBytes } = await fetchModels(server.url, {}) as ServerModels;
    assertEquals([names, defaultModel, maxBodyBytes], [[], "", undefined]);
  });
}

Deno.test("fetchModels returns undefined when the server cannot be reached or sends no JSON", async () => {
  const server = serve(() => new Response("hello"));
  assertEquals(await fetchModels(server.url, {}), undefined);
  await server[Symbol.asyncDispose]();
  assertEquals(await fetchModels(server.url, {}), undefined);
});
