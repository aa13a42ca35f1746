/** Tests what all routes share: addresses, methods, CORS, health and unexpected errors. The app is called without a socket. */
import { assertEquals, assertNotMatch, assertStringIncludes } from "@std/assert";
import type { RequestLogEntry } from "../../routes/request_log.ts";
import { createOpenChat } from "../../upstream/open_chat.ts";
import { createDemoFetch } from "../../upstream/demo.ts";
import { sendByFetch } from "../../upstream/http/provider_fetch.ts";
import { createTestApp, type TestAppOptions } from "../test_server.ts";

const log: RequestLogEntry[] = [];

const openChat = createOpenChat({
  baseURL: "http://demo.invalid/v1",
  send: sendByFetch(createDemoFetch({ paceMs: 0 })),
  firstByteTimeoutMs: 60_000,
});

function appWith(options: TestAppOptions = {}) {
  const allowedOrigins = { exact: new Set(["https://app.example.com"]), any: false, loopback: false };
  return createTestApp(openChat, { access: { allowedOrigins }, log: (entry) => log.push(entry), ...options }).app;
}

function post(origin?: string): Request {
  return new Request("http://chat.example/api/chat", {
    method: "POST",
    headers: { "content-type": "application/json", host: "chat.example", ...(origin !== undefined && { origin }) },
    body: '{"messages":[{"role":"user","content":"Hi"}],"stream":false}',
  });
}

const ADDRESSES: [method: string, path: string, status: number, allow: string | null][] = [
  ["GET", "/healthz", 200, null],
  ["HEAD", "/healthz", 200, null],
  ["GET", "/readyz", 200, null],
  ["GET", "/api/chat", 405, "POST, DELETE, OPTIONS"],
  ["DELETE", "/api/chat", 204, null],
  ["POST", "/api/chat/x", 405, "GET, DELETE, OPTIONS"],
  ["HEAD", "/api/chat/x", 405, "GET, DELETE, OPTIONS"],
  ["POST", "/healthz", 405, "GET"],
  ["GET", "/nowhere", 404, null],
  ["POST", "/api/chat/", 404, null],
  ["GET", "/constructor", 404, null],
  ["GET", "/__proto__", 404, null],
  ["GET", "//evil.example/healthz", 404, null],
];
for (const [method, path, status, allow] of ADDRESSES) {
  Deno.test(`app responds ${status} to ${method} ${path}`, async () => {
    const response = await appWith()(new Request(`http://chat.example${path}`, { method }));
    assertEquals(response.status, status);
    assertEquals(response.headers.get("allow"), allow);
    await response.body?.cancel();
  });
}

Deno.test("app refuses new chats and reports it in readyz when it is draining", async () => {
  const { app, runs } = createTestApp(openChat);
  await runs.drain(0);
  const ready = await app(new Request("http://chat.example/readyz"));
  assertEquals([ready.status, await ready.json()], [503, { status: "draining" }]);
  const refused = await app(post());
  assertEquals([refused.status, refused.headers.get("retry-after")], [503, "2"]);
  assertEquals((await refused.json()).errorType, "ServerBusy");
  const alive = await app(new Request("http://chat.example/healthz"));
  assertEquals(alive.status, 200);
  await alive.body!.cancel();
});

Deno.test("app reports in readyz that no connections are accepted when the listener pauses", async () => {
  const { app } = createTestApp(openChat, { listener: { isPaused: true } });
  const ready = await app(new Request("http://chat.example/readyz"));
  assertEquals([ready.status, await ready.json()], [503, { status: "out_of_file_descriptors" }]);
});

const ORIGINS: [name: string, origin: string | undefined, status: number, allowOrigin: string | null][] = [
  ["none", undefined, 200, null],
  ["the page's own", "http://chat.example", 200, "http://chat.example"],
  ["the page's own behind TLS", "https://chat.example", 200, "https://chat.example"],
  ["an allowed one", "https://app.example.com", 200, "https://app.example.com"],
  ["another scheme of an allowed one", "http://app.example.com", 403, null],
  ["an allowed one with a port", "https://app.example.com:8443", 403, null],
  ["a longer one", "https://app.example.com.evil.example", 403, null],
  ["a subdomain", "https://x.app.example.com", 403, null],
  ["one with a path", "https://app.example.com/", 403, null],
  ["null", "null", 403, null],
  ["loopback", "http://localhost:8080", 403, null],
];
for (const [name, origin, status, allowOrigin] of ORIGINS) {
  Deno.test(`app responds ${status} to a chat when the origin is ${name}`, async () => {
    const response = await appWith()(post(origin));
    assertEquals(response.status, status);
    assertEquals(response.headers.get("access-control-allow-origin"), allowOrigin);
    assertEquals(response.headers.get("access-control-allow-credentials"), null);
    assertEquals(response.headers.get("vary"), "Origin");
    await response.body?.cancel();
  });
}

Deno.test("app accepts a preflight of allowed origins only", async () => {
  const preflight = (origin: string) =>
    appWith()(new Request("http://chat.example/api/chat", { method: "OPTIONS", headers: { origin } }));
  const allowed = await preflight("https://app.example.com");
  assertEquals(allowed.status, 204);
  assertEquals(allowed.headers.get("access-control-allow-origin"), "https://app.example.com");
  assertStringIncludes(allowed.headers.get("access-control-allow-headers")!, "content-type");
  const refused = await preflight("https://evil.example");
  assertEquals([refused.status, refused.headers.get("access-control-allow-origin")], [403, null]);
  await refused.body!.cancel();
});

Deno.test("app allows every origin with * when the rules allow any", async () => {
  const app = appWith({ access: { allowedOrigins: { exact: new Set(), any: true, loopback: false } } });
  const response = await app(post("https://anyone.example"));
  assertEquals([response.status, response.headers.get("access-control-allow-origin")], [200, "*"]);
  await response.body!.cancel();
});

for (const origin of ["http://localhost:5173", "http://127.0.0.1:80", "http://[::1]:3000"]) {
  Deno.test(`app allows ${new URL(origin).hostname} on any port when loopback origins are allowed`, async () => {
    const app = appWith({ access: { allowedOrigins: { exact: new Set(), any: false, loopback: true } } });
    const response = await app(post(new URL(origin).origin));
    assertEquals(response.status, 200);
    await response.body!.cancel();
    const other = await app(post("http://localhost.evil.example"));
    assertEquals(other.status, 403);
    await other.body!.cancel();
  });
}

Deno.test("app logs an unexpected error and hides it from the client", async () => {
  const error = console.error;
  const shown: unknown[] = [];
  console.error = (...args: unknown[]) => shown.push(...args);
  try {
    const models = {
      defaultName: "m",
      offered: [{ id: "m" }],
      resolve: () => {
        throw new Error("secret detail");
      },
    };
    const response = await appWith({ models })(post());
    assertEquals(response.status, 500);
    const text = await response.text();
    assertEquals(JSON.parse(text).errorType, "InternalServerError");
    assertNotMatch(text, /secret|\.ts/);
    assertStringIncludes(String(shown[0]), "secret detail");
  } finally {
    console.error = error;
  }
});

Deno.test("app logs one entry for a request, without its query", async () => {
  log.length = 0;
  await (await appWith()(new Request("http://chat.example/nowhere?key=sk-secret"))).body!.cancel();
  assertEquals(log.map(({ path, status, outcome }) => [path, status, outcome]), [["/nowhere", 404, "NotFound"]]);
});

for (const host of ["a b", "[::", "a:99999"]) {
  Deno.test(`app responds 400 to a request whose host is ${host}`, async () => {
    await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, appWith());
    using socket = await Deno.connect({ hostname: "127.0.0.1", port: server.addr.port });
    await socket.write(new TextEncoder().encode(`GET /healthz HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`));
    const buffer = new Uint8Array(1000);
    const read = await socket.read(buffer);
    assertStringIncludes(new TextDecoder().decode(buffer.subarray(0, read ?? 0)), "HTTP/1.1 400 Bad Request");
  });
}
