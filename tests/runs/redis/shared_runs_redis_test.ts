/**
 * Runs that two servers share through a real Redis, over real sockets. Each test carries the id of its scenario in
 * docs/reliability.md.
 */
import { assert, assertEquals } from "@std/assert";
import { DEFAULT_RESUME_LIMITS, type ResumeLimits } from "../../../runs/resumable_runs.ts";
import { answerOf, contentChunk, type Script, sse } from "../../fake_openai.ts";
import { RedisServer, redisTest } from "../../redis_server.ts";
import { StepProvider } from "../../step_provider.ts";
import { TestServer, type TestServerOptions } from "../../test_server.ts";
import { readWire } from "../../upstream/answer_of.ts";

const QUESTION = { messages: [{ role: "user", content: "Hi" }], resumable: true };
const WORDS = ["Grüße ", "👩‍👩‍👧 ", "€ ", "日本語"];

/** Two servers with one Redis. */
class Pair implements AsyncDisposable {
  readonly redis: RedisServer;
  readonly a: TestServer;
  readonly b: TestServer;
  readonly #things: AsyncDisposableStack;

  private constructor(redis: RedisServer, a: TestServer, b: TestServer, things: AsyncDisposableStack) {
    this.redis = redis;
    this.a = a;
    this.b = b;
    this.#things = things;
  }

  static async start(script: Script, resume: Partial<ResumeLimits> = {}, options: TestServerOptions = {}) {
    const things = new AsyncDisposableStack();
    const redis = things.use(await RedisServer.start());
    const servers = [];
    for (let count = 0; count < 2; count++) {
      const connection = things.use(await redis.connect());
      const limits = { ...DEFAULT_RESUME_LIMITS, ...resume };
      servers.push(things.use(new TestServer({ script, redis: connection, resume: limits, ...options })));
    }
    return new Pair(redis, servers[0]!, servers[1]!, things);
  }

  /** Starts a run on the first server. */
  async start(init: RequestInit = {}) {
    const response = await this.a.chat(QUESTION, init);
    const path = response.headers.get("content-location")!;
    return { response, path, onA: this.a.origin + path, onB: this.b.origin + path };
  }

  /** Resolves when Redis has all that the first server has. */
  async flush(): Promise<void> {
    await this.a.runs.resumable.flush();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#things.disposeAsync();
  }
}

function follow(url: string, after?: number): Promise<Response> {
  return fetch(url, { headers: after === undefined ? {} : { "last-event-id": String(after) } });
}

async function errorOf(response: Response): Promise<[number, string]> {
  return [response.status, (await response.json()).errorType];
}

/** The part of a wire behind an event. */
function behind(wire: string, event: number): string {
  return wire.split(/(?<=\n\n)/).slice(event).join("");
}

redisTest("R03 R08 another server gives the same bytes behind every event of a finished run", async () => {
  await using pair = await Pair.start(() => ({ body: answerOf(...WORDS) }));
  const { response, onB, path } = await pair.start();
  const wire = await response.text();
  await pair.flush();
  const events = readWire(wire);
  for (let after = 0; after < events.length; after++) {
    const there = await follow(onB, after);
    assertEquals([there.status, there.headers.get("content-location")], [200, path]);
    assertEquals(await there.text(), behind(wire, after));
  }
  assertEquals((await follow(onB, events.length)).status, 204);
  assertEquals(pair.b.provider.requests.length, 0);
});

redisTest("R12 readers of a live run on two servers get the same bytes", async () => {
  const provider = new StepProvider(...WORDS);
  await using pair = await Pair.start(provider.script);
  const starting = pair.start();
  provider.send(2);
  const { response, onA, onB } = await starting;
  const first = response.text();
  await pair.flush();
  const others = await Promise.all([onA, onB, onB, onB].map((url, after) => follow(url, after % 2)));
  const texts = others.map((each) => each.text());
  provider.send(provider.all);
  const wire = await first;
  assertEquals(await Promise.all(texts), [wire, behind(wire, 1), wire, behind(wire, 1)]);
});
