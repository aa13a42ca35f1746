/** The counts that processes share, in a real Redis. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Caller } from "../../routes/access.ts";
import { MemoryLimitStore } from "../../routes/memory_limit_store.ts";
import { NO_RATE_LIMITS, RateLimits } from "../../routes/rate_limits.ts";
import { RedisLimitStore } from "../../routes/redis_limit_store.ts";
import type { RedisConnection } from "../../runs/redis/redis_connection.ts";
import { comesUp, RedisServer, redisTest } from "../redis_server.ts";
import { SeededRandom } from "../seeded_random.ts";

const MINUTE = 60;
const DAY = 24 * 60 * 60;
const caller: Caller = { address: { isLocal: false, networks: [{ name: "192.0.2.1", multiple: 1 }] } };

/** The stores of several processes with one Redis. */
async function withStores(
  count: number,
  test: (stores: RedisLimitStore[], server: RedisServer, connections: RedisConnection[]) => Promise<void>,
) {
  await using server = await RedisServer.start();
  await using things = new AsyncDisposableStack();
  const connections: RedisConnection[] = [];
  for (let index = 0; index < count; index++) connections.push(things.use(await server.connect()));
  await test(connections.map((connection) => things.use(new RedisLimitStore(connection))), server, connections);
}

redisTest(
  "RedisLimitStore counts as the memory's store does, for all processes together",
  () =>
    withStores(3, async (stores) => {
      using model = new MemoryLimitStore();
      const random = new SeededRandom(1);
      for (let step = 0; step < 500; step++) {
        const [key, amount] = [`${random.below(5)}`, random.below(20) - 7];
        const window = random.chance(0.5) ? MINUTE : DAY;
        const { total, msBeforeNext } = await stores[random.below(3)]!.add(key, amount, window);
        const expected = await model.add(key, amount, window);
        assertEquals(total, expected.total, `step ${step}`);
        assert(msBeforeNext > 0 && msBeforeNext <= window * 1000);
      }
    }),
);

redisTest(
  "RedisLimitStore begins a count again when its window has ended",
  () =>
    withStores(1, async ([store], server) => {
      await store!.add("a", 3, MINUTE);
      await server.send("PEXPIRE", `test:1:limit:${MINUTE}:a`, "0");
      assertEquals(await store!.add("a", 1, MINUTE), { total: 1, msBeforeNext: MINUTE * 1000 });
    }),
);

redisTest(
  "RedisLimitStore gives places to all processes together, and gets those of a dead one back",
  () =>
    withStores(2, async ([a, b], server) => {
      const places = [await a!.takePlace("x", 3), await b!.takePlace("x", 3), await a!.takePlace("x", 3)];
      assertEquals(await b!.takePlace("x", 3), undefined);
      places[0]!();
      const again = await takesPlace(b!, "x", 3);
      assertEquals(await a!.takePlace("x", 3), undefined);
      // A process that does not renew its leases: here their time is over.
      const key = "test:1:limit:x";
      for (const member of await server.send("ZRANGE", key, "0", "-1") as string[]) {
        await server.send("ZADD", key, "1", member);
      }
      assert(await a!.takePlace("x", 3) !== undefined);
      again();
    }),
);

redisTest(
  "RedisLimitStore counts in this process while Redis is frozen, full or down",
  () =>
    withStores(1, async ([store], server, [connection]) => {
      await store!.add("a", 5, MINUTE);
      server.freeze();
      for (let count = 1; count <= 20; count++) assertEquals((await store!.add("a", 1, MINUTE)).total, count);
      assert(!connection!.isUp, "the first missed deadline ended the connection: no further command waits");
      const release = await store!.takePlace("x", 1);
      assertEquals(await store!.takePlace("x", 1), undefined);
      release!();
      server.thaw();
      // Redis counts on where it was; what was counted in between is this process's own.
      await comesUp(connection!);
      // The command that Redis had not replied to may count as well.
      assert([6, 7].includes((await store!.add("a", 1, MINUTE)).total));
      await server.send("CONFIG", "SET", "maxmemory", "1");
      assertEquals((await store!.add("b", 1, MINUTE)).total, 1);
      await server.send("CONFIG", "SET", "maxmemory", "0");
      await server.kill();
      assertEquals((await store!.add("c", 1, MINUTE)).total, 1);
    }),
);

redisTest(
  "RateLimits count requests, streams and budgets for all processes together",
  () =>
    withStores(2, async (stores) => {
      const options = { ...NO_RATE_LIMITS, requestsPerMinute: 4, streamsAtOnce: 2, tokensPerDay: 100 };
      const [a, b] = stores.map((store) => new RateLimits(options, { store }));
      const releases = [await a!.admit(caller), await b!.admit(caller)];
      const full = await assertRejects(() => a!.admit(caller));
      assertEquals(limitOf(full), "streams");
      releases.forEach((release) => release());
      await admits(b!);
      assertEquals(limitOf(await assertRejects(() => a!.admit(caller))), "requests");
      const reservation = await a!.reserve(caller, 80);
      assertEquals(limitOf(await assertRejects(() => b!.reserve(caller, 30))), "tokens-per-day");
      await reservation.settle(10);
      await (await b!.reserve(caller, 90)).settle(90);
      assertEquals(limitOf(await assertRejects(() => a!.reserve(caller, 1))), "tokens-per-day");
    }),
);

/** Takes a place as soon as Redis has got one back. */
async function takesPlace(store: RedisLimitStore, key: string, places: number): Promise<() => void> {
  for (;;) {
    const release = await store.takePlace(key, places);
    if (release !== undefined) return release;
  }
}

/** Admits a caller as soon as Redis has got the places back: a refusal before that counts nothing more. */
async function admits(limits: RateLimits): Promise<void> {
  (await limits.admit(caller))();
}

function limitOf(error: unknown): unknown {
  return (error as { body: { limit: { name: string } } }).body.limit.name;
}
