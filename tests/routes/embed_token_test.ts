/** Tests which embed tokens are accepted, and the error code of each refusal. @module */
import { assertEquals, assertRejects } from "@std/assert";
import { SignJWT, UnsecuredJWT } from "jose";
import { ChatError } from "../../protocol/chat_error.ts";
import { type EmbedSecret, mintEmbedToken, verifyEmbedToken } from "../../routes/embed_token.ts";

const ORIGIN = "https://shop.example";
const SECRET: EmbedSecret = { secret: "a-secret-for-tests-0123456789abcdef" };
const encoder = new TextEncoder();
const now = () => Math.floor(Date.now() / 1000);

function requestWith(authorization: string | undefined, origin: string | undefined = ORIGIN): Request {
  const headers = { ...(authorization !== undefined && { authorization }), ...(origin !== undefined && { origin }) };
  return new Request("http://localhost/api/chat", { method: "POST", headers });
}

/** A token with these claims, signed with the right secret. */
function sign(claims: Record<string, unknown>, header: Record<string, unknown> = {}): Promise<string> {
  return new SignJWT({ sub: "user-7", origin: ORIGIN, exp: now() + 600, ...claims })
    .setProtectedHeader({ alg: "HS256", ...header }).sign(encoder.encode(SECRET.secret));
}

async function refusal(authorization: string | undefined, origin?: string): Promise<ChatError> {
  const request = requestWith(authorization, origin);
  return await assertRejects(() => verifyEmbedToken(request, [SECRET]), ChatError) as ChatError;
}

Deno.test("verifyEmbedToken returns all claims of a token", async () => {
  const token = { subject: "user-7", origin: ORIGIN, models: ["a", "b"], maxOutputTokens: 500, requestsPerMinute: 3 };
  const request = requestWith(`Bearer ${await mintEmbedToken(SECRET, token, 600)}`);
  assertEquals(await verifyEmbedToken(request, [SECRET]), token);
});

Deno.test("verifyEmbedToken accepts tokens of two secrets at once, and selects the secret by kid", async () => {
  const old = { id: "2025", secret: "the-old-secret-0123456789abcdef" };
  const fresh = { id: "2026", secret: "the-new-secret-0123456789abcdef" };
  for (const secret of [old, fresh]) {
    const jwt = await mintEmbedToken(secret, { subject: "user-7", origin: ORIGIN }, 600);
    assertEquals((await verifyEmbedToken(requestWith(`Bearer ${jwt}`), [old, fresh])).subject, "user-7");
  }
  const swapped = await mintEmbedToken({ ...old, id: "2026" }, { subject: "user-7", origin: ORIGIN }, 600);
  await assertRejects(() => verifyEmbedToken(requestWith(`Bearer ${swapped}`), [old, fresh]), ChatError);
});

Deno.test("verifyEmbedToken accepts a token for an hour, and one that expired within the clock tolerance", async () => {
  for (const exp of [now() + 3600, now() - 20]) {
    await verifyEmbedToken(requestWith(`Bearer ${await sign({ exp })}`), [SECRET]);
  }
});

const FORGED: readonly [name: string, authorization: () => string | undefined | Promise<string>, code: string][] = [
  ["none", () => undefined, "token_missing"],
  ["another scheme", async () => `Basic ${await sign({})}`, "token_missing"],
  ["two tokens", async () => `Bearer ${await sign({})} ${await sign({})}`, "token_missing"],
  ["one of 5000 characters", () => `Bearer ${"a".repeat(5000)}`, "token_missing"],
  ["one that is no JSON Web Token", () => "Bearer 1234", "token_invalid"],
  ["one with another signature", async () => `Bearer ${(await sign({})).slice(0, -4)}AAAA`, "token_invalid"],
  ["one without a signature", async () => `Bearer ${(await sign({})).split(".", 2).join(".")}.`, "token_invalid"],
  [
    "one with the algorithm none",
    () => `Bearer ${new UnsecuredJWT({ sub: "u", origin: ORIGIN, exp: now() + 60 }).encode()}`,
    "token_invalid",
  ],
  [
    "one with another algorithm",
    async () =>
      `Bearer ${await new SignJWT({ sub: "u", origin: ORIGIN, exp: now() + 60 })
        .setProtectedHeader({ alg: "HS512" }).sign(encoder.encode(SECRET.secret.repeat(2)))}`,
    "token_invalid",
  ],
  ["one with an unknown kid", async () => `Bearer ${await sign({}, { kid: "2020" })}`, "token_invalid"],
  ["one that has expired", async () => `Bearer ${await sign({ exp: now() - 60 })}`, "token_expired"],
  ["one that is not valid yet", async () => `Bearer ${await sign({ nbf: now() + 300 })}`, "token_invalid"],
  ["one that never expires", async () => `Bearer ${await sign({ exp: undefined })}`, "token_invalid"],
  ["one for two hours", async () => `Bearer ${await sign({ exp: now() + 7200 })}`, "token_too_long"],
  ["one without a subject", async () => `Bearer ${await sign({ sub: undefined })}`, "token_invalid"],
  ["one with too long a subject", async () => `Bearer ${await sign({ sub: "x".repeat(257) })}`, "token_invalid"],
  ["one without an origin", async () => `Bearer ${await sign({ origin: undefined })}`, "token_invalid"],
  ["one whose origin is an array", async () => `Bearer ${await sign({ origin: [ORIGIN] })}`, "token_invalid"],
  ["one whose models are a string", async () => `Bearer ${await sign({ models: "*" })}`, "token_invalid"],
  ["one with a limit below 1", async () => `Bearer ${await sign({ maxOutputTokens: 0 })}`, "token_invalid"],
  [
    "one with a limit that is a string",
    async () => `Bearer ${await sign({ requestsPerMinute: "9" })}`,
    "token_invalid",
  ],
];

for (const [name, authorization, code] of FORGED) {
  Deno.test(`verifyEmbedToken refuses ${name}`, async () => {
    const error = await refusal(await authorization());
    assertEquals([error.type, error.body.code], ["Unauthorized", code]);
  });
}

for (
  const [name, origin] of [
    ["another site", "https://evil.example"],
    ["another port", `${ORIGIN}:8443`],
    ["another scheme", "http://shop.example"],
    ["a longer name", `${ORIGIN}.evil.example`],
    ["null", "null"],
  ] as const
) {
  Deno.test(`verifyEmbedToken refuses a valid token when the origin is ${name}`, async () => {
    assertEquals((await refusal(`Bearer ${await sign({})}`, origin)).type, "OriginNotAllowed");
  });
}

Deno.test("verifyEmbedToken refuses a valid token when a POST has no origin", async () => {
  const headers = { authorization: `Bearer ${await sign({})}` };
  const request = new Request("http://localhost/api/chat", { method: "POST", headers });
  const error = await assertRejects(() => verifyEmbedToken(request, [SECRET]), ChatError) as ChatError;
  assertEquals(error.type, "OriginNotAllowed");
});
