/** Tests how requests, streams and tokens are counted: by address, by token and for the whole server. @module */
import { assertEquals, assertRejects } from "@std/assert";
import { ChatError } from "../../protocol/chat_error.ts";
import { NO_RATE_LIMITS, type RateLimitRules, RateLimits } from "../../routes/rate_limits.ts";
import type { Caller } from "../../routes/access.ts";
import { readClientAddress } from "../../routes/client_address.ts";

const NO_LIMITS: RateLimitRules = { ...NO_RATE_LIMITS, limitLocal: true };

function callerAt(network: string, subject?: string, requestsPerMinute?: number): Caller {
  const claims = { origin: "https://a.example", ...(requestsPerMinute !== undefined && { requestsPerMinute }) };
  const networks = [{ name: network, multiple: 1 }];
  return { address: { networks, isLocal: false }, ...(subject !== undefined && { token: { subject, ...claims } }) };
}

async function refusal(of: Promise<unknown>): Promise<ChatError> {
  const error = await assertRejects(() => of, ChatError);
  assertEquals((error as ChatError).type, "RateLimitExceeded");
  return error as ChatError;
}

/** A clock that is driven by hand. */
class Clock {
  #time = 0;
  readonly now = () => this.#time;

  advance(ms: number): void {
    this.#time += ms;
  }
}

Deno.test("RateLimits admits a minute's requests of one address, and more after the minute", async () => {
  const clock = new Clock();
  using limits = new RateLimits({ ...NO_LIMITS, requestsPerMinute: 2 }, clock);
  await limits.admit(callerAt("192.0.2.1"));
  clock.advance(20_000);
  await limits.admit(callerAt("192.0.2.1"));
  const error = await refusal(limits.admit(callerAt("192.0.2.1")));
  assertEquals([error.status, error.retryAfterSeconds], [429, 40]);
  assertEquals(error.body, { limit: { name: "requests", quota: 2, windowSeconds: 60 } });
  await limits.admit(callerAt("192.0.2.2"));
  clock.advance(40_000);
  await limits.admit(callerAt("192.0.2.1"));
});

Deno.test("RateLimits counts a token across addresses, with the limit that it carries", async () => {
  using limits = new RateLimits({ ...NO_LIMITS, requestsPerMinute: 9 });
  await limits.admit(callerAt("192.0.2.1", "user-7", 2));
  await limits.admit(callerAt("192.0.2.2", "user-7", 2));
  assertEquals((await refusal(limits.admit(callerAt("192.0.2.3", "user-7", 2)))).body.limit, {
    name: "requests",
    quota: 2,
    windowSeconds: 60,
  });
  await limits.admit(callerAt("192.0.2.3", "user-8", 2));
});

Deno.test("RateLimits counts an address and a token of the same name separately", async () => {
  using limits = new RateLimits({ ...NO_LIMITS, requestsPerMinute: 1 });
  await limits.admit(callerAt("192.0.2.1", "192.0.2.2"));
  await limits.admit(callerAt("192.0.2.2"));
});

Deno.test("RateLimits limits streams at once, and releases their places", async () => {
  using limits = new RateLimits({ ...NO_LIMITS, streamsAtOnce: 2 });
  const first = await limits.admit(callerAt("192.0.2.1", "user-7"));
  await limits.admit(callerAt("192.0.2.1", "user-8"));
  assertEquals((await refusal(limits.admit(callerAt("192.0.2.1", "user-9")))).retryAfterSeconds, 2);
  await limits.admit(callerAt("192.0.2.2", "user-7"));
  await refusal(limits.admit(callerAt("192.0.2.3", "user-7")));
  first();
  await limits.admit(callerAt("192.0.2.1", "user-7"));
});

Deno.test("RateLimits reserves the worst case, and replaces it by the tokens used", async () => {
  using limits = new RateLimits({ ...NO_LIMITS, tokensPerDay: 100 });
  const reservation = await limits.reserve(callerAt("192.0.2.1"), 80);
  const error = await refusal(limits.reserve(callerAt("192.0.2.1"), 30));
  assertEquals([error.retryAfterSeconds, error.body.limit], [
    86_400,
    { name: "tokens-per-day", quota: 100, windowSeconds: 86_400 },
  ]);
  await limits.reserve(callerAt("192.0.2.1"), 20);
  await reservation.settle(10);
  await limits.reserve(callerAt("192.0.2.1"), 70);
  await refusal(limits.reserve(callerAt("192.0.2.1"), 1));
});

Deno.test("RateLimits counts the tokens used beyond the worst case", async () => {
  using limits = new RateLimits({ ...NO_LIMITS, tokensPerDay: 100 });
  await (await limits.reserve(callerAt("192.0.2.1"), 10)).settle(99);
  await refusal(limits.reserve(callerAt("192.0.2.1"), 2));
  await limits.reserve(callerAt("192.0.2.1"), 1);
});

Deno.test("RateLimits reserves no more than the server's budget when requests come at once", async () => {
  using limits = new RateLimits({ ...NO_LIMITS, serverTokensPerDay: 100 });
  const reservations = Array.from({ length: 50 }, (_, n) => limits.reserve(callerAt(`192.0.2.${n}`), 10));
  const results = await Promise.allSettled(reservations);
  assertEquals(results.filter(({ status }) => status === "fulfilled").length, 10);
});

Deno.test("RateLimits takes nothing from an address when the server's budget refuses", async () => {
  using limits = new RateLimits({ ...NO_LIMITS, tokensPerDay: 100, serverTokensPerDay: 50 });
  const error = await refusal(limits.reserve(callerAt("192.0.2.1"), 60));
  assertEquals(error.body.limit, { name: "server-tokens-per-day", quota: 50, windowSeconds: 86_400 });
  await (await limits.reserve(callerAt("192.0.2.1"), 50)).settle(0);
  await limits.reserve(callerAt("192.0.2.1"), 50);
});

Deno.test("RateLimits does not subtract a reservation of an earlier day from the next one", async () => {
  const clock = new Clock();
  using limits = new RateLimits({ ...NO_LIMITS, tokensPerDay: 100 }, clock);
  const reservation = await limits.reserve(callerAt("192.0.2.1"), 100);
  clock.advance(24 * 60 * 60_000 + 1);
  await reservation.settle(30);
  await limits.reserve(callerAt("192.0.2.1"), 70);
  await refusal(limits.reserve(callerAt("192.0.2.1"), 1));
});

Deno.test("RateLimits extends a reservation while every budget covers it, and settles all of it at the end", async () => {
  using limits = new RateLimits({ ...NO_LIMITS, tokensPerDay: 100, serverTokensPerDay: 150 });
  const reservation = await limits.reserve(callerAt("192.0.2.1"), 60);
  await reservation.extend(40);
  assertEquals((await refusal(reservation.extend(1))).body.limit, {
    name: "tokens-per-day",
    quota: 100,
    windowSeconds: 86_400,
  });
  // The server has 50 left. What it refuses is subtracted from the address again.
  const other = await limits.reserve(callerAt("192.0.2.2"), 40);
  await refusal(other.extend(11));
  await other.extend(10);
  await reservation.settle(30);
  await limits.reserve(callerAt("192.0.2.1"), 70);
  await refusal(limits.reserve(callerAt("192.0.2.1"), 1));
});

Deno.test("RateLimits releases an extension when the request ends while it is reserved", async () => {
  using limits = new RateLimits({ ...NO_LIMITS, serverTokensPerDay: 100 });
  const reservation = await limits.reserve(undefined, 10);
  const extending = reservation.extend(50);
  await reservation.settle(10);
  await extending;
  await limits.reserve(undefined, 90);
  await refusal(limits.reserve(undefined, 1));
});

Deno.test("RateLimits keeps its windows when the system's clock jumps forward and back", async () => {
  const clock = new Clock();
  using limits = new RateLimits({ ...NO_LIMITS, requestsPerMinute: 1, tokensPerDay: 100 }, clock);
  const { now } = Date;
  try {
    await limits.admit(callerAt("192.0.2.1"));
    await limits.reserve(callerAt("192.0.2.1"), 100);
    clock.advance(1000);
    for (const jumpMs of [-3_600_000, 3_600_000, -86_400_000 * 400, 86_400_000 * 400]) {
      Date.now = () => now() + jumpMs;
      assertEquals((await refusal(limits.admit(callerAt("192.0.2.1")))).retryAfterSeconds, 59);
      assertEquals((await refusal(limits.reserve(callerAt("192.0.2.1"), 1))).retryAfterSeconds, 86_399);
    }
  } finally {
    Date.now = now;
  }
});

Deno.test("RateLimits gives an IPv6 network of /56 four times and one of /48 sixteen times the limits of a /64", async () => {
  const from = (hostname: string): Caller => ({
    address: readClientAddress(new Headers(), { transport: "tcp", hostname, port: 1 }, 0),
  });
  const admitted = async (limits: RateLimits, subnets: number, requests: number) => {
    let count = 0;
    for (let subnet = 0; subnet < subnets; subnet++) {
      for (let request = 0; request < requests; request++) {
        await limits.admit(from(`2001:db8:1:${subnet.toString(16)}::1`)).then(() => count++, () => {});
      }
    }
    return count;
  };
  for (
    const [subnets, requests, admits] of [[1, 5, 2], [256, 5, 8], [0x1000, 5, 32], [4, 2, 8]] as const
  ) {
    for (const limit of [{ requestsPerMinute: 2 }, { streamsAtOnce: 2 }]) {
      using limits = new RateLimits({ ...NO_LIMITS, ...limit });
      assertEquals(await admitted(limits, subnets, requests), admits);
      await limits.admit(from("2001:db8:2::1"));
    }
  }
  using limits = new RateLimits({ ...NO_LIMITS, tokensPerDay: 10 });
  for (let subnet = 0; subnet < 16; subnet++) await limits.reserve(from(`2001:db8:1:${subnet}00::1`), 10);
  const { body } = await refusal(limits.reserve(from("2001:db8:1:ff00::1"), 1));
  assertEquals(body.limit, { name: "tokens-per-day", quota: 160, windowSeconds: 86_400 });
});

Deno.test("RateLimits counts callers on this machine with limitLocal only, and their tokens always", async () => {
  const local: Caller = { address: { networks: [{ name: "127.0.0.1", multiple: 1 }], isLocal: true } };
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
