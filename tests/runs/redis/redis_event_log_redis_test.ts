/** The log that is copied to Redis: what every log does, and that Redis gets the same bytes. */
import { assert, assertEquals } from "@std/assert";
import { formatChatEvent } from "../../../protocol/chat_event.ts";
import type { EventLog } from "../../../runs/event_log.ts";
import { type EntryKind, parseEntries } from "../../../runs/redis/log_entry.ts";
import type { RedisConnection } from "../../../runs/redis/redis_connection.ts";
import { RedisUnavailableError } from "../../../runs/redis/redis_error.ts";
import { RedisEventLog } from "../../../runs/redis/redis_event_log.ts";
import { eventsKey, TERMINAL_ID } from "../../../runs/redis/redis_keys.ts";
import { RemoteLog } from "../../../runs/redis/remote_log.ts";
import { endRun } from "../../../runs/redis/run_ending.ts";
import { StreamClock } from "../../../upstream/chat_events/stream_clock.ts";
import { comesUp, HAS_REDIS, RedisServer, redisTest } from "../../redis_server.ts";
import { event, eventLogTests, readAll } from "../event_log_suite.ts";

const encoder = new TextEncoder();
const KEEP_MS = 60_000;
const STOP = { type: "stop", data: "stop" } as const;

/** A log of a process of its own, and whether another one has ended it. */
function createLog(redis: RedisConnection, runId: string = crypto.randomUUID()) {
  const fences: EntryKind[] = [];
  const flushClock = new StreamClock(100);
  const host = { redis, flushClock, processId: "me", maxLifeMs: 60_000, keepMs: KEEP_MS, hasLease: true };
  const log = new RedisEventLog(host, { runId, owner: "", onFenced: (kind) => fences.push(kind) });
  return { log, fences, runId, host };
}

/** The entries in Redis. */
async function entriesOf(redis: RedisConnection, runId: string) {
  return parseEntries(await redis.sendForBytes(["XRANGE", eventsKey(redis.prefix, runId), "-", "+"]));
}

/** What another process reads from Redis. */
async function readRemote(redis: RedisConnection, runId: string): Promise<string> {
  const remote = new RemoteLog();
  for (const entry of await entriesOf(redis, runId)) assert(remote.add(entry));
  return readAll(remote.events.seek(0));
}

/** Resolves when Redis has the whole log, also where the machine was so busy that the connection was lost meanwhile. */
async function isCopied(redis: RedisConnection, { log, runId }: ReturnType<typeof createLog>): Promise<void> {
  const wire = readAll(log.seek(0));
  for (;;) {
    if (!redis.isUp) {
      await comesUp(redis);
      log.resume();
    }
    await log.flush();
    const copy = await readRemote(redis, runId).catch((error) => {
      if (!(error instanceof RedisUnavailableError)) throw error;
    });
    if (copy === undefined || copy.length < wire.length) continue;
    return assertEquals(copy, wire);
  }
}

eventLogTests(
  "RedisEventLog",
  async (parts) => {
    await using server = await RedisServer.start();
    await using redis = await server.connect();
    for (const part of parts) {
      const logs: ReturnType<typeof createLog>[] = [];
      part((): EventLog => {
        const created = createLog(redis);
        logs.push(created);
        return created.log;
      });
      for (const created of logs) {
        await isCopied(redis, created);
        created.log.detach();
      }
    }
  },
  !HAS_REDIS,
);

redisTest(
  "RedisEventLog writes an entry for all events of a moment, and the terminal one under the highest id",
  async () => {
    await using server = await RedisServer.start();
    await using redis = await server.connect();
    const { log, runId } = createLog(redis);
    for (let id = 1; id <= 20; id++) log.append(encoder.encode(event(id)));
    log.append(encoder.encode(formatChatEvent(21, STOP)));
    log.end();
    await log.flush();
    const entries = await entriesOf(redis, runId);
    assertEquals(entries.map(({ id, kind }) => [id, kind]), [["1-0", "events"], [TERMINAL_ID, "end"]]);
    const ttl = Number(await redis.send(["PTTL", eventsKey(redis.prefix, runId)]));
    assert(ttl > 0 && ttl <= KEEP_MS, `${ttl}`);
  },
);

redisTest("R36 RedisEventLog counts a flush as done that was applied before the connection was lost", async () => {
  await using server = await RedisServer.start();
  await using redis = await server.connect();
  const { log, runId, fences } = createLog(redis);
  log.append(encoder.encode(event(1)));
  await log.flush();
  // Redis carries these out, and their replies never arrive.
  server.freeze();
  log.append(encoder.encode(event(2) + formatChatEvent(3, STOP)));
  log.end();
  await log.flush();
  assert(!redis.isUp);
  server.thaw();
  await comesUp(redis);
  log.resume();
  await log.flush();
  assertEquals([await readRemote(redis, runId), fences], [event(1) + event(2) + formatChatEvent(3, STOP), []]);
  assertEquals((await entriesOf(redis, runId)).length, 2);
});

redisTest(
  "R34 RedisEventLog writes again what Redis has lost: everything, or the newest events",
  async () => {
    await using server = await RedisServer.start();
    await using redis = await server.connect();
    const { log, runId } = createLog(redis);
    log.append(encoder.encode(event(1)));
    await log.flush();
    log.append(encoder.encode(event(2)));
    await redis.send(["FLUSHALL"]);
    await log.flush();
    assertEquals(await readRemote(redis, runId), event(1) + event(2));
    log.append(encoder.encode(event(3)));
    await log.flush();
    await redis.send(["XDEL", eventsKey(redis.prefix, runId), "3-0"]);
    await redis.send(["XSETID", eventsKey(redis.prefix, runId), "2-0"]);
    log.resume();
    await log.flush();
    log.append(encoder.encode(formatChatEvent(4, STOP)));
    log.end();
    await log.flush();
    assertEquals(await readRemote(redis, runId), event(1) + event(2) + event(3) + formatChatEvent(4, STOP));
  },
);

redisTest("R22 RedisEventLog is fenced once another process has ended the run", async () => {
  await using server = await RedisServer.start();
  await using redis = await server.connect();
  const { log, runId, fences } = createLog(redis);
  log.append(encoder.encode(event(1) + event(2)));
  await log.flush();
  assert(await endRun(redis, runId, "lost", KEEP_MS));
  assert(await endRun(redis, runId, "stopped", KEEP_MS), "it has ended, and stays as it is");
  for (let id = 3; id <= 1000; id++) log.append(encoder.encode(event(id)));
  log.append(encoder.encode(formatChatEvent(1001, STOP)));
  log.end();
  await log.flush();
  assertEquals(fences, ["lost"]);
  const entries = await entriesOf(redis, runId);
  assertEquals(entries.map(({ kind }) => kind), ["events", "lost"]);
  assert((await readRemote(redis, runId)).startsWith(event(1) + event(2) + "id: 3\nevent: error\n"));
  assertEquals(await endRun(redis, crypto.randomUUID(), "lost", KEEP_MS), false);
});

redisTest("R22 RedisEventLog asks Redis at its end, and where others may have ended the run", async () => {
  await using server = await RedisServer.start();
  await using redis = await server.connect();
  for (const ends of [true, false]) {
    const { log, runId, fences, host } = createLog(redis);
    log.append(encoder.encode(event(1)));
    await log.flush();
    assert(await endRun(redis, runId, "lost", KEEP_MS));
    await log.confirm();
    assertEquals(fences, [], "others leave a run alone that goes on and whose process has a lease");
    host.hasLease = ends;
    if (ends) {
      log.append(encoder.encode(formatChatEvent(2, STOP)));
      log.end();
    }
    await log.confirm();
    assertEquals(fences, ["lost"]);
  }
});

redisTest("RedisEventLog publishes nothing while nobody follows", async () => {
  await using server = await RedisServer.start();
  await using redis = await server.connect();
  await using other = await server.connect();
  const { log, runId } = createLog(redis);
  const heard: string[] = [];
  const waiting = Promise.withResolvers<void>();
  await other.subscribe(`${redis.prefix}{${runId}}:live`, (message) => {
    heard.push(new TextDecoder().decode(message));
    if (heard.length === 2) waiting.resolve();
  });
  log.append(encoder.encode(event(1)));
  await log.flush();
  log.follow(performance.now() + 60_000);
  log.append(encoder.encode(event(2)));
  await log.flush();
  await waiting.promise;
  assertEquals(heard, ["events\n", `events\n${event(2)}`]);
});
