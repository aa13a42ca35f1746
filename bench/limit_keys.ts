/**
 * Measures the memory of the limits' counts while a million addresses are counted, and after their windows have ended.
 * Run with `deno run --v8-flags=--expose-gc bench/limit_keys.ts`.
 * @module
 */
import { MemoryLimitStore } from "../routes/memory_limit_store.ts";
import { NO_RATE_LIMITS, RateLimits } from "../routes/rate_limits.ts";
import { readClientAddress } from "../routes/client_address.ts";

const ADDRESSES = 1_000_000;
const DAY_MS = 24 * 60 * 60_000;

const { gc } = globalThis as { gc?: () => void };
if (gc === undefined) throw new Error("Cannot measure without --v8-flags=--expose-gc");

let now = 0;
const store = new MemoryLimitStore({ now: () => now });
using limits = new RateLimits({ ...NO_RATE_LIMITS, requestsPerMinute: 30, tokensPerDay: 500_000 }, {
  store,
  now: () => now,
});

report("before");
let longestMs = 0;
for (let index = 0; index < ADDRESSES; index++) {
  const hostname = `2001:${(index >> 16).toString(16)}:${(index & 0xffff).toString(16)}:1::1`;
  const address = readClientAddress(new Headers(), { transport: "tcp", hostname, port: 1 }, 0);
  const startedAt = performance.now();
  const release = await limits.admit({ address });
  const reservation = await limits.reserve({ address }, 1000);
  longestMs = Math.max(longestMs, performance.now() - startedAt);
  release();
  await reservation.settle(100);
}
report(`after ${ADDRESSES.toLocaleString("en")} addresses`);
console.log(`longest request: ${longestMs.toFixed(1)} ms`);
now += DAY_MS;
store.sweep();
report("after their windows");

function report(when: string): void {
  gc!();
  const { rss, heapUsed } = Deno.memoryUsage();
  console.log(
    `${when}: ${toMB(heapUsed)} MB in use, ${toMB(rss)} MB resident, ${store.size.toLocaleString("en")} keys`,
  );
}

function toMB(bytes: number): number {
  return Math.round(bytes / 1024 ** 2);
}
