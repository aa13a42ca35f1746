/**
 * Requests, streams and tokens are counted by address, by token and for the whole server, and given back.
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import { ChatError } from "../../protocol/chat_error.ts";
import { type RateLimitOptions, RateLimits } from "../../routes/rate_limits.ts";
import type { Caller } from "../../routes/access.ts";

const NO_LIMITS: RateLimitOptions = {
  requestsPerMinute: 0,
  readsPerMinute: 0,
  streamsAtOnce: 0,
  tokensPerDay: 0,
  serverTokensPerDay: 0,
  limitLocal: true,
};

function visitor(network: string, subject?: string, requestsPerMinute?: number): Caller {
  const claims = { origin: "https://a.example", ...(requestsPerMinute !== undefined && { requestsPerMinute }) };
  return { address: { network, isLocal: false }, ...(subject !== undefined && { token: { subject, ...claims } }) };
}

async function refusal(of: Promise<unknown>): Promise<ChatError> {
  const error = await assertRejects(() => of, ChatError);
  assertEquals((error as ChatError).type, "RateLimitExceeded");
  return error as ChatError;
}

/** Time by hand: the store looks at `Date.now`. */
function stoppedClock(): Disposable & { advance(ms: number): void } {
  const real = Date.now;
  let now = real();
  Date.now = () => now;
  return { advance: (ms) => now += ms, [Symbol.dispose]: () => Date.now = real };
}

Deno.test("RateLimits lets a minute's requests of one address in, and more after the minute", async () => {
  using clock = stoppedClock();
  using limits = new RateLimits({ ...NO_LIMITS, requestsPerMinute: 2 });
  await limits.admit(visitor("192.0.2.1"));
  clock.advance(20_000);
  await limits.admit(visitor("192.0.2.1"));
  const error = await refusal(limits.admit(visitor("192.0.2.1")));
  assertEquals([error.status, error.retryAfterSeconds], [429, 40]);
  assertEquals(error.body, { limit: { name: "requests", quota: 2, windowSeconds: 60 } });
  await limits.admit(visitor("192.0.2.2"));
  clock.advance(40_000);
  await limits.admit(visitor("192.0.2.1"));
});

Deno.test("RateLimits counts a token wherever it is used from, by the number it carries", async () => {
  using limits = new RateLimits({ ...NO_LIMITS, requestsPerMinute: 9 });
  await limits.admit(visitor("192.0.2.1", "user-7", 2));
  await limits.admit(visitor("192.0.2.2", "user-7", 2));
  assertEquals((await refusal(limits.admit(visitor("192.0.2.3", "user-7", 2)))).body.limit, {
    name: "requests",
    quota: 2,
    windowSeconds: 60,
  });
  await limits.admit(visitor("192.0.2.3", "user-8", 2));
});

Deno.test("RateLimits does not mix an address up with a token of the same name", async () => {
  using limits = new RateLimits({ ...NO_LIMITS, requestsPerMinute: 1 });
  await limits.admit(visitor("192.0.2.1", "192.0.2.2"));
  await limits.admit(visitor("192.0.2.2"));
});

Deno.test("RateLimits holds places for streams and gives them back", async () => {
  using limits = new RateLimits({ ...NO_LIMITS, streamsAtOnce: 2 });
  const first = await limits.admit(visitor("192.0.2.1", "user-7"));
  await limits.admit(visitor("192.0.2.1", "user-8"));
  assertEquals((await refusal(limits.admit(visitor("192.0.2.1", "user-9")))).retryAfterSeconds, 2);
  await limits.admit(visitor("192.0.2.2", "user-7"));
  await refusal(limits.admit(visitor("192.0.2.3", "user-7")));
  first();
  await limits.admit(visitor("192.0.2.1", "user-7"));
});

Deno.test("RateLimits reserves the worst case and settles with what was used", async () => {
  using limits = new RateLimits({ ...NO_LIMITS, tokensPerDay: 100 });
  const settle = await limits.reserve(visitor("192.0.2.1"), 80);
  const error = await refusal(limits.reserve(visitor("192.0.2.1"), 30));
  assertEquals([error.retryAfterSeconds, error.body.limit], [
    86_400,
    { name: "tokens-per-day", quota: 100, windowSeconds: 86_400 },
  ]);
  await limits.reserve(visitor("192.0.2.1"), 20);
  settle(10);
  await limits.reserve(visitor("192.0.2.1"), 70);
  await refusal(limits.reserve(visitor("192.0.2.1"), 1));
});

Deno.test("RateLimits charges what was used beyond the worst case", async () => {
  using limits = new RateLimits({ ...NO_LIMITS, tokensPerDay: 100 });
  (await limits.reserve(visitor("192.0.2.1"), 10))(99);
  await refusal(limits.reserve(visitor("192.0.2.1"), 2));
  await limits.reserve(visitor("192.0.2.1"), 1);
});

Deno.test("RateLimits never lets many requests at once reserve more than the server has", async () => {
  using limits = new RateLimits({ ...NO_LIMITS, serverTokensPerDay: 100 });
  const reservations = Array.from({ length: 50 }, (_, n) => limits.reserve(visitor(`192.0.2.${n}`), 10));
  const results = await Promise.allSettled(reservations);
  assertEquals(results.filter(({ status }) => status === "fulfilled").length, 10);
});

Deno.test("RateLimits takes nothing from an address where the server's budget refuses", async () => {
  using limits = new RateLimits({ ...NO_LIMITS, tokensPerDay: 100, serverTokensPerDay: 50 });
  const error = await refusal(limits.reserve(visitor("192.0.2.1"), 60));
  assertEquals(error.body.limit, { name: "server-tokens-per-day", quota: 50, windowSeconds: 86_400 });
  (await limits.reserve(visitor("192.0.2.1"), 50))(0);
  await limits.reserve(visitor("192.0.2.1"), 50);
});

Deno.test("RateLimits gives nothing back to a day for what an earlier one had reserved", async () => {
  using clock = stoppedClock();
  using limits = new RateLimits({ ...NO_LIMITS, tokensPerDay: 100 });
  const settle = await limits.reserve(visitor("192.0.2.1"), 100);
  clock.advance(24 * 60 * 60_000 + 1);
  settle(30);
  await limits.reserve(visitor("192.0.2.1"), 70);
  await refusal(limits.reserve(visitor("192.0.2.1"), 1));
});

Deno.test("RateLimits leaves visitors on this machine alone until told otherwise, but not their tokens", async () => {
  const local: Caller = { address: { network: "127.0.0.1", isLocal: true } };
  const strict = { ...NO_LIMITS, requestsPerMinute: 1, streamsAtOnce: 1 };
  using lenient = new RateLimits({ ...strict, limitLocal: false });
  for (let count = 0; count < 5; count++) await lenient.admit(local);
  const token = { subject: "user-7", origin: "https://a.example" };
  await lenient.admit({ ...local, token });
  await refusal(lenient.admit({ ...local, token }));
  using strictest = new RateLimits(strict);
  await strictest.admit(local);
  await refusal(strictest.admit(local));
});
