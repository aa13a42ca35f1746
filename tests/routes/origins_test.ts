/** Tests which host a request is for, over HTTP/1.1 and over HTTP/2, which has no `Host`. */
import { assertEquals, assertThrows } from "@std/assert";
import { ChatError } from "../../protocol/chat_error.ts";
import { mintEmbedToken, verifyEmbedToken } from "../../routes/embed_token.ts";
import { type AllowedOrigins, assertAllowedOrigin, hostOf } from "../../routes/origins.ts";

const NONE: AllowedOrigins = { exact: new Set(), any: false, loopback: false };
const SECRET = { secret: "a-secret-for-tests-0123456789abcdef" };

for (
  const [what, url, host, expected] of [
    ["HTTP/1.1 names it in Host", "http://ignored.example/", "chat.example:8443", "chat.example:8443"],
    ["HTTP/2 names it in :authority", "https://chat.example:8443/", undefined, "chat.example:8443"],
    ["the port is the scheme's own", "https://chat.example:443/", undefined, "chat.example"],
  ] as const
) {
  Deno.test(`hostOf returns the host when ${what}`, () => {
    assertEquals(hostOf(new Request(url, host === undefined ? {} : { headers: { host } })), expected);
  });
}

Deno.test("assertAllowedOrigin accepts the server's own pages over HTTP/2, and no other", () => {
  const from = (origin: string) => new Request("https://chat.example/api/chat", { headers: { origin } });
  assertAllowedOrigin(from("https://chat.example"), NONE);
  assertThrows(() => assertAllowedOrigin(from("https://shop.example"), NONE), ChatError);
  assertThrows(() => assertAllowedOrigin(from("https://chat.example:8443"), NONE), ChatError);
});

Deno.test("verifyEmbedToken accepts a same-origin GET over HTTP/2, which has neither Origin nor Host", async () => {
  const origin = "https://chat.example";
  const authorization = `Bearer ${await mintEmbedToken(SECRET, { subject: "u", origin }, 60)}`;
  const headers = { authorization, "sec-fetch-site": "same-origin" };
  const request = new Request(`${origin}/api/chat/1`, { headers });
  assertEquals(await verifyEmbedToken(request, [SECRET]), { subject: "u", origin });
});
