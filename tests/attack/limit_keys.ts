/**
 * Counts requests and tokens of as many networks as the argument says, and prints what they cost in megabytes. A program of
 * its own, so that nothing else uses its memory.
 * @module
 */
import { readClientAddress } from "../../routes/client_address.ts";
import { RateLimits } from "../../routes/rate_limits.ts";

const count = Number(Deno.args[0]);
const limits = new RateLimits({
  requestsPerMinute: 30,
  readsPerMinute: 120,
  streamsAtOnce: 10,
  tokensPerDay: 500_000,
  serverTokensPerDay: 1e12,
  limitLocal: true,
});
const NO_HEADERS = new Headers();
const before = Deno.memoryUsage().rss;
for (let index = 0; index < count; index++) {
  // Each in a /48 of its own: those in one share its limits.
  const hostname = `${(0x2400 + (index >> 16)).toString(16)}:${(index & 0xffff).toString(16)}:1::1`;
  const caller = { address: readClientAddress(NO_HEADERS, { transport: "tcp", hostname, port: 1 }, 0) };
  const release = await limits.admit(caller);
  const reservation = await limits.reserve(caller, 5000);
  await reservation.settle(100);
  release();
  // Timers and promises get their turn, as between real requests.
  if (index % 1000 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
}
console.log(Math.round((Deno.memoryUsage().rss - before) / 2 ** 20));
Deno.exit();
