/**
 * The level `resumable`: answers that outlive their connection.
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { answerOf, contentChunk, finishChunk, sse } from "../fake_openai.ts";
import { assertError, type Check, LiveAnswer, readEvents, readWire, type ServerUnderTest } from "./check.ts";

/** Starts a resumable answer. */
async function start(server: ServerUnderTest, headers: Record<string, string> = {}, body: object = {}) {
  const response = await server.chat({ resumable: true, ...body }, { headers });
  const path = response.headers.get("content-location");
  // An error has none.
  assert(path !== null || !response.ok, "a resumable answer must have a content-location");
  return { response, url: `${server.origin}${path}` };
}

/** Starts one and reads it to its end. */
async function finish(server: ServerUnderTest) {
  server.provider.script = () => ({ body: answerOf("Grüße ", "👋", " end") });
  const { response, url } = await start(server);
  const wire = await response.text();
  return { wire, url, count: readWire(wire).length };
}

function follow(url: string, after?: number | string): Promise<Response> {
  return fetch(url, after === undefined ? {} : { headers: { "last-event-id": String(after) } });
}

function behind(wire: string, event: number): string {
  return wire.split(/(?<=\n\n)/).slice(event).join("");
}

export const RESUMABLE_CHECKS: readonly Check[] = [
  {
    name: "a resumable answer has an address that cannot be guessed, and another answer has none",
    async run(server) {
      const { url } = await finish(server);
      assertMatch(
        new URL(url).pathname,
        /^\/api\/chat\/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      );
      const plain = await server.chat();
      await plain.text();
      assertEquals(plain.headers.get("content-location"), null);
      assertEquals(server.provider.requests[0]!.body.resumable, undefined);
    },
  },
  {
    name: "GET gives the same bytes after every event, and 204 after the last",
    async run(server) {
      const { wire, url, count } = await finish(server);
      assertEquals(await (await follow(url)).text(), wire);
      for (let after = 1; after < count; after++) {
        assertEquals(await (await follow(url, after)).text(), behind(wire, after));
        assertEquals(await (await fetch(`${url}?after=${after}`)).text(), behind(wire, after));
      }
      const last = await follow(url, count);
      assertEquals([last.status, await last.text()], [204, ""]);
      assertEquals(server.provider.requests.length, 1);
    },
  },
  {
    name: "a wrong cursor is a 400, one beyond the newest event a 409, an unknown answer a 404",
    async run(server) {
      const { url, count } = await finish(server);
      for (const cursor of ["-1", "abc", "1.5", "0x1", "1234567890123456"]) {
        await assertError(await follow(url, cursor), 400, "InvalidRequestFormat");
      }
      await assertError(await follow(url, count + 1), 409, "EventNotReached");
      await assertError(await follow(`${server.origin}/api/chat/${crypto.randomUUID()}`), 404, "RunNotFound");
    },
  },
  {
    name: "closing the connection stops nothing, and a later reader follows live",
    async run(server) {
      const answer = new LiveAnswer();
      server.provider.script = () => answer;
      const pending = start(server);
      answer.send(sse(contentChunk("a")));
      const { response, url } = await pending;
      const { reader, wire } = await readEvents(response, 1);
      await reader.cancel();
      const later = await follow(url);
      answer.send(sse(contentChunk("b"), finishChunk(), "[DONE]"));
      answer.close();
      const whole = await later.text();
      assert(whole.startsWith(wire));
      assertEquals(readWire(whole).at(-1), { type: "stop", data: "stop" });
      assertEquals(server.provider.aborts, 0);
    },
  },
  {
    name: "DELETE stops the answer for every reader and at the provider, and may be repeated",
    async run(server) {
      server.provider.script = () => ({ body: sse(contentChunk("a")), end: "stall" });
      const { response, url } = await start(server);
      const { reader, wire: first } = await readEvents(response, 1);
      const other = await follow(url);
      for (let time = 0; time < 2; time++) {
        const stopped = await fetch(url, { method: "DELETE" });
        assertEquals([stopped.status, await stopped.text()], [204, ""]);
      }
      let wire = first;
      for (let read = await reader.read(); !read.done; read = await reader.read()) wire += read.value;
      assertEquals(readWire(wire).at(-1), { type: "stop", data: "cancelled" });
      assertEquals(await other.text(), wire);
      await server.provider.until(({ aborts }) => aborts === 1);
    },
  },
  {
    name: "a repeated request with the same key attaches to its answer, and another body with that key is a 422",
    async run(server) {
      server.provider.script = () => ({ body: answerOf("a", "b") });
      const headers = { "idempotency-key": crypto.randomUUID() };
      const first = await start(server, headers);
      const wire = await first.response.text();
      const again = await start(server, headers);
      assertEquals([again.url, await again.response.text()], [first.url, wire]);
      const late = await start(server, { ...headers, "last-event-id": "1" });
      assertEquals(await late.response.text(), behind(wire, 1));
      const other = await start(server, headers, { temperature: 1 });
      await assertError(other.response, 422, "IdempotencyKeyReused");
      assertEquals(server.provider.requests.length, 1);
    },
  },
  {
    name: "a request with Last-Event-ID and no key is a 204, and stream: false cannot be resumable",
    async run(server) {
      const response = await server.chat({ resumable: true }, { headers: { "last-event-id": "3" } });
      assertEquals([response.status, await response.text()], [204, ""]);
      await assertError(await server.chat({ resumable: true, stream: false }), 400, "InvalidRequestFormat");
      assertEquals(server.provider.requests.length, 0);
    },
  },
];
