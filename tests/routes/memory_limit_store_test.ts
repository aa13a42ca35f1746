/** Tests the windows of the counts, and that a flood of keys neither fills the memory nor resets a heavy key. @module */
import { assert, assertEquals } from "@std/assert";
import { MAX_KEYS_PER_WINDOW, MemoryLimitStore } from "../../routes/memory_limit_store.ts";
import { SeededRandom } from "../seeded_random.ts";

const MINUTE = 60;
const DAY = 24 * 60 * 60;

Deno.test("MemoryLimitStore counts each key in a window of its own", async () => {
  let now = 0;
  using store = new MemoryLimitStore({ now: () => now });
  assertEquals(await store.add("a", 2, MINUTE), { total: 2, msBeforeNext: 60_000 });
  now = 20_000;
  assertEquals(await store.add("a", 3, MINUTE), { total: 5, msBeforeNext: 40_000 });
  assertEquals(await store.add("b", 1, MINUTE), { total: 1, msBeforeNext: 60_000 });
  assertEquals(await store.add("a", 7, DAY), { total: 7, msBeforeNext: 86_400_000 });
  now = 60_000;
  assertEquals(await store.add("a", 1, MINUTE), { total: 1, msBeforeNext: 60_000 });
  assertEquals(await store.add("b", 1, MINUTE), { total: 2, msBeforeNext: 20_000 });
});

Deno.test("MemoryLimitStore keeps a count at 0 when more is subtracted than was added", async () => {
  let now = 0;
  using store = new MemoryLimitStore({ now: () => now });
  assertEquals(await store.add("a", -5, MINUTE), { total: 0, msBeforeNext: 60_000 });
  assertEquals(store.size, 0);
  await store.add("a", 3, MINUTE);
  assertEquals((await store.add("a", -5, MINUTE)).total, 0);
  assertEquals((await store.add("a", 1, MINUTE)).total, 1);
  now = 60_000;
  assertEquals((await store.add("a", -1, MINUTE)).total, 0);
});

Deno.test("MemoryLimitStore deletes a flood of keys when their windows have ended", async () => {
  let now = 0;
  using store = new MemoryLimitStore({ now: () => now });
  for (let key = 0; key < 10_000; key++) await store.add(`${key}`, 1, MINUTE);
  await store.add("a", 1, DAY);
  assertEquals(store.size, 10_001);
  now = 59_999;
  store.sweep();
  assertEquals(store.size, 10_001);
  now = 60_000;
  store.sweep();
  assertEquals(store.size, 1);
  assertEquals((await store.add("a", 1, DAY)).total, 2);
});

Deno.test("MemoryLimitStore evicts the oldest light keys when it is full, and never a heavy one", async () => {
  using store = new MemoryLimitStore({ maxKeysPerWindow: 1000, now: () => 0 });
  const heavy = Array.from({ length: 100 }, (_, index) => `heavy ${index}`);
  for (const key of heavy) await store.add(key, 20, DAY);
  for (let key = 0; key < 50_000; key++) {
    await store.add(`light ${key}`, 1, DAY);
    assert(store.size <= 1000);
  }
  for (const key of heavy) assertEquals((await store.add(key, 1, DAY)).total, 21);
  for (let key = 49_500; key < 50_000; key++) assertEquals((await store.add(`light ${key}`, 1, DAY)).total, 2);
  assertEquals((await store.add("light 0", 1, DAY)).total, 1);
});

Deno.test("MemoryLimitStore stays within its bound when all keys are equally heavy", async () => {
  using store = new MemoryLimitStore({ maxKeysPerWindow: 64, now: () => 0 });
  for (let key = 0; key < 1000; key++) {
    assertEquals((await store.add(`${key}`, 1000, DAY)).total, 1000);
    assert(store.size <= 64);
  }
});

Deno.test("MemoryLimitStore keeps the windows of budgets in a flood of requests", async () => {
  using store = new MemoryLimitStore({ maxKeysPerWindow: 100, now: () => 0 });
  await store.add("a", 1, DAY);
  for (let key = 0; key < 10_000; key++) await store.add(`${key}`, 5, MINUTE);
  assertEquals((await store.add("a", 1, DAY)).total, 2);
});

Deno.test("MemoryLimitStore holds half a million keys of one window length by default", async () => {
  using store = new MemoryLimitStore({ now: () => 0 });
  for (let key = 0; key < MAX_KEYS_PER_WINDOW + 1; key++) await store.add(`${key}`, 1, DAY);
  assert(store.size <= MAX_KEYS_PER_WINDOW && store.size > MAX_KEYS_PER_WINDOW * 0.8, `${store.size}`);
});

Deno.test("MemoryLimitStore counts like a map while windows end and the table grows and shrinks", async () => {
  const random = new SeededRandom(1);
  let now = 0;
  using store = new MemoryLimitStore({ now: () => now });
  const model = new Map<string, { total: number; endsAt: number }>();
  for (let step = 0; step < 40_000; step++) {
    now += random.below(40);
    if (random.below(500) === 0) now += 30_000;
    if (random.below(2000) === 0) store.sweep();
    const key = `${random.below(step % 10_000 < 5000 ? 4000 : 50)}`;
    const amount = random.below(20) - 5;
    const known = model.get(key);
    const entry = known !== undefined && known.endsAt > now ? known : { total: 0, endsAt: now + 60_000 };
    if (entry === known || amount > 0) model.set(key, entry);
    entry.total = Math.max(0, entry.total + amount);
    assertEquals(await store.add(key, amount, MINUTE), { total: entry.total, msBeforeNext: entry.endsAt - now });
  }
});
