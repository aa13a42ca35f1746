/**
 * The level `guarded`: what a server on the open internet refuses, in the configuration that it starts with.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { answerOf } from "../fake_openai.ts";
import { assertError, type Check, MESSAGES } from "./check.ts";

const STRANGER = { origin: "https://stranger.example", "sec-fetch-site": "cross-site" };

export const GUARDED_CHECKS: readonly Check[] = [
  {
    name: "a page of another origin is refused, and no preflight lets it in",
    async run(server) {
      await assertError(await server.chat({}, { headers: STRANGER }), 403, "OriginNotAllowed");
      const preflight = await fetch(`${server.origin}/api/chat`, {
        method: "OPTIONS",
        headers: {
          ...STRANGER,
          "access-control-request-method": "POST",
          "access-control-request-headers": "content-type",
        },
      });
      await preflight.body?.cancel();
      assertEquals(preflight.headers.get("access-control-allow-origin"), null);
      assertEquals(server.provider.requests.length, 0);
    },
  },
  {
    name: "a body of two megabytes is a 413, and one of another type a 415",
    async run(server) {
      const long = [{ role: "user", content: "x".repeat(2 * 1024 * 1024) }];
      await assertError(await server.chat({ messages: long }), 413, "PayloadTooLarge");
      const text = await server.chat({}, { headers: { "content-type": "text/plain" } });
      await assertError(text, 415, "UnsupportedMediaType");
      assertEquals(server.provider.requests.length, 0);
    },
  },
  {
    name: "a conversation without end, a nesting without bottom and broken UTF-8 are refused",
    async run(server) {
      const many = await server.chat({ messages: Array(201).fill(MESSAGES[0]) });
      assertEquals([400, 413].includes(many.status), true, `status ${many.status}`);
      await many.body?.cancel();
      const parameters = JSON.parse(`${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`);
      const tools = [{ type: "function", function: { name: "deep", parameters } }];
      await assertError(await server.chat({ tools }), 400, "InvalidRequestFormat");
      const bytes = new TextEncoder().encode(JSON.stringify({ messages: [{ role: "user", content: "?" }] }));
      bytes[bytes.indexOf(63)] = 0xff;
      await assertError(await server.chat(bytes), 400, "InvalidRequestFormat");
    },
  },
  {
    name: "a model that the server does not offer is a 404, and is not asked",
    async run(server) {
      await assertError(await server.chat({ model: "a-model-of-the-client" }), 404, "ModelNotFound");
      assertEquals(server.provider.requests.length, 0);
    },
  },
  {
    name: "keys of an object's prototype are data",
    async run(server) {
      server.provider.script = () => ({ body: answerOf("a") });
      const body = `{"__proto__":{"model":"other"},"messages":${JSON.stringify(MESSAGES)}}`;
      await (await server.chat(body)).text();
      assert(server.provider.requests.every((request) => request.body.model !== "other"));
    },
  },
  {
    name: "a wrong method is a 405 and an unknown path a 404, each as a typed error",
    async run(server) {
      const wrong = await fetch(`${server.origin}/api/chat`);
      assert(wrong.headers.get("allow")?.includes("POST"), "the header Allow");
      await assertError(wrong, 405, "MethodNotAllowed");
      await assertError(await fetch(`${server.origin}/api/nothing`), 404, "NotFound");
    },
  },
  {
    name: "the provider's API is not open to clients",
    async run(server) {
      const response = await fetch(`${server.origin}/v1/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ model: "any", messages: MESSAGES }),
      });
      await response.body?.cancel();
      assert(response.status >= 400, `status ${response.status}`);
      assertEquals(server.provider.requests.length, 0);
    },
  },
];
