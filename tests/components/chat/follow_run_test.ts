/** How the client takes a lost answer up: against a fake `fetch`, with time and chance in the test's hand. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { type ChatEvent, formatChatEvent, HEARTBEAT } from "../../../protocol/chat_event.ts";
import { resumeChat, stopChat, streamChat } from "../../../components/chat/chat_client.ts";
import { reconnectDelayMs } from "../../../components/chat/follow_run.ts";
import { FakeTimers } from "./fake_timers.ts";

const ENDPOINT = "https://chat.example/api/chat";
const RUN = `${ENDPOINT}/6f1c`;
const request = { messages: [{ role: "user", content: "Hi" }] } as const;

const EVENTS: readonly ChatEvent[] = [
  { type: "text", data: "Héllo " },
  { type: "reasoning", data: "…" },
  { type: "text", data: "👋 wor\nld" },
  { type: "usage", data: { totalTokens: 3 } },
  { type: "stop", data: "stop" },
];
const UNEXPECTED_END: ChatEvent = {
  type: "error",
  data: {
    type: "StreamChunkError",
    message: "The connection was lost before the answer was complete.",
    body: { reason: "unexpected_end" },
  },
};

/** The bytes of the events after number `after`, with heartbeats. */
function wire(after = 0): Uint8Array<ArrayBuffer> {
  const text = EVENTS.map((event, index) => index < after ? "" : HEARTBEAT + formatChatEvent(index + 1, event));
  return new TextEncoder().encode(text.join(""));
}

/** A response with a part of a run. It then ends, breaks, or stays open. */
function part(bytes: Uint8Array<ArrayBuffer>, end: "close" | "break" | "open" = "close"): Response {
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (controller) => {
      if (bytes.length > 0) controller.enqueue(bytes);
      if (end === "close") controller.close();
    },
    pull: (controller) => {
      if (end === "break") controller.error(new TypeError("connection reset"));
      return new Promise(() => {});
    },
  });
  return new Response(body, {
    headers: { "content-type": "text/event-stream; charset=utf-8", "content-location": "/api/chat/6f1c" },
  });
}

const refuse = (status: number, headers: HeadersInit = {}) =>
  new Response(status === 204 ? null : `{"errorType":"RunNotFound","body":{"message":"x"}}`, { status, headers });
const lost = () => Promise.reject(new TypeError("network"));

/** Replaces `fetch`. Each handler answers one request; the last one answers all that follow. */
class FakeFetch implements Disposable {
  readonly requests: Request[] = [];
  readonly #original = fetch;

  constructor(...handlers: readonly ((request: Request) => Response | Promise<Response>)[]) {
    globalThis.fetch = (input, init) => {
      const request = new Request(input as string, init);
      this.requests.push(request);
      const handler = handlers[Math.min(this.requests.length, handlers.length) - 1]!;
      return new Promise((resolve, reject) => {
        if (request.signal.aborted) return reject(request.signal.reason);
        request.signal.addEventListener("abort", () => reject(request.signal.reason));
        Promise.resolve(handler(request)).then(resolve, reject);
      });
    };
  }

  /** Each request as `METHOD path [Last-Event-ID]`. */
  get lines(): string[] {
    return this.requests.map(({ method, url, headers }) =>
      [method, new URL(url).pathname, headers.get("last-event-id")].filter((part) => part !== null).join(" ")
    );
  }

  [Symbol.dispose](): void {
    globalThis.fetch = this.#original;
  }
}

/** A caller that records what it receives. */
function recorder() {
  const events: ChatEvent[] = [];
  const calls: unknown[] = [];
  return {
    events,
    calls,
    options: {
      onEvent: (event: ChatEvent, id: number) => {
        events.push(event);
        calls.push(id);
      },
      onReconnecting: (isReconnecting: boolean) => void calls.push(isReconnecting ? "lost" : "back"),
      onRun: (url: string) => void calls.push(url),
    },
  };
}

Deno.test("R01 R02 streamChat reports the same events once when the connection is cut after any byte", async () => {
  const whole = wire();
  for (const end of ["close", "break"] as const) {
    for (let cut = 0; cut < whole.length; cut++) {
      using timers = new FakeTimers();
      using fake = new FakeFetch(
        () => part(whole.slice(0, cut), end),
        ({ headers }) => part(wire(Number(headers.get("last-event-id") ?? 0))),
      );
      const { events, options } = recorder();
      const done = streamChat({ endpoint: ENDPOINT, request, resumable: true, ...options });
      // A cut in the blank line after the terminal event loses that event only.
      assertEquals(await timers.pass(), 0);
      await done;
      assertEquals(events, EVENTS, `cut after ${cut} bytes`);
      assertEquals(fake.requests.length, 2);
    }
  }
});

Deno.test("R16 resumeChat reports no event twice when the server sends events again", async () => {
  using _fake = new FakeFetch(() => part(wire(0)));
  const { events, calls, options } = recorder();
  await resumeChat({ url: RUN, after: 2, ...options });
  assertEquals(events, EVENTS.slice(2));
  assertEquals(calls, [3, 4, 5]);
});

Deno.test("streamChat sends a key and `resumable`, and reads the run by its own URL afterwards", async () => {
  using timers = new FakeTimers();
  using fake = new FakeFetch(() => part(wire().slice(0, 60)), () => part(wire(1)));
  const { calls, options } = recorder();
  const done = streamChat({ endpoint: ENDPOINT, request, resumable: true, key: "k1", ...options });
  await timers.pass();
  await done;
  assertEquals(fake.lines, ["POST /api/chat", "GET /api/chat/6f1c 1"]);
  assertEquals(fake.requests[0]!.headers.get("idempotency-key"), "k1");
  assertEquals(await fake.requests[0]!.json(), { ...request, stream: true, resumable: true });
  assertEquals(calls, [RUN, 1, "lost", "back", 2, 3, 4, 5]);
  assertEquals(timers.intervals, 0);
});

Deno.test("streamChat repeats the request with its key when the connection is lost before the response", async () => {
  using timers = new FakeTimers();
  const probe = lost;
  using fake = new FakeFetch(lost, probe, () => part(wire()));
  const { events, options } = recorder();
  const done = streamChat({ endpoint: ENDPOINT, request, resumable: true, ...options });
  await timers.pass();
  await done;
  assertEquals(fake.lines, ["POST /api/chat", "HEAD /api/chat", "POST /api/chat"]);
  const [first, , second] = fake.requests.map(({ headers }) => headers.get("idempotency-key"));
  assert(first && first.length > 20 && first === second);
  assertEquals(events, EVENTS);
});

Deno.test("streamChat reports `unreachable` when no response has come for about a minute", async () => {
  using timers = new FakeTimers();
  using _fake = new FakeFetch(lost);
  const { events, calls, options } = recorder();
  const done = streamChat({ endpoint: ENDPOINT, request, resumable: true, ...options });
  for (let attempt = 0; attempt < 8; attempt++) await timers.pass();
  await done;
  assertEquals(events.map((event) => event.type === "error" && event.data.body), [{ unreachable: true }]);
  assertEquals(calls, ["lost", "back", 0]);
  const sum = timers.delays.reduce((total, delay) => total + delay);
  assert(sum > 30_000 && sum < 90_000, `${sum}`);
});

Deno.test("streamChat does not reconnect when the answer is not resumable or the server has not made it so", async () => {
  for (const resumable of [true, false]) {
    const response = part(wire().slice(0, 60));
    if (resumable) response.headers.delete("content-location");
    using fake = new FakeFetch(() => response);
    const { events, options } = recorder();
    await streamChat({ endpoint: ENDPOINT, request, resumable, ...options });
    assertEquals(events, [EVENTS[0], UNEXPECTED_END]);
    assertEquals(fake.requests.length, 1);
    assertEquals(fake.requests[0]!.headers.has("idempotency-key"), resumable);
  }
});

Deno.test("streamChat reports the status of its first response at once", async () => {
  using fake = new FakeFetch(() => refuse(503, { "retry-after": "1" }));
  const { events, options } = recorder();
  await streamChat({ endpoint: ENDPOINT, request, resumable: true, ...options });
  assertEquals(events.length, 1);
  assertEquals(fake.requests.length, 1);
});

for (const status of [204, 400, 403, 409, 410]) {
  Deno.test(`resumeChat ends with unexpected_end when the server responds with ${status}`, async () => {
    using fake = new FakeFetch(() => refuse(status));
    const { events, options } = recorder();
    await resumeChat({ url: RUN, after: 1, ...options });
    assertEquals(events, [UNEXPECTED_END]);
    assertEquals(fake.lines, ["GET /api/chat/6f1c 1"]);
  });
}

Deno.test("resumeChat tries a 404 again for 16 seconds, in which another machine may have the run", async () => {
  using timers = new FakeTimers();
  using _fake = new FakeFetch(() => refuse(404), () => refuse(404), () => part(wire(1)));
  const found = recorder();
  const done = resumeChat({ url: RUN, after: 1, ...found.options });
  await timers.pass();
  await timers.pass();
  await done;
  assertEquals(found.events, EVENTS.slice(1));

  using _gone = new FakeFetch(() => refuse(404));
  const gone = recorder();
  const over = resumeChat({ url: RUN, after: 1, ...gone.options });
  let waited = 0;
  while (waited <= 16_000) waited += await timers.pass();
  await over;
  assertEquals(gone.events, [UNEXPECTED_END]);
});

Deno.test("resumeChat waits as long as a 429 or 503 asks for", async () => {
  for (const status of [429, 503]) {
    using timers = new FakeTimers();
    using _fake = new FakeFetch(() => refuse(status, { "retry-after": "7" }), () => part(wire(1)));
    const { events, options } = recorder();
    const done = resumeChat({ url: RUN, after: 1, ...options });
    assertEquals(await timers.pass(), 7000);
    await done;
    assertEquals(events, EVENTS.slice(1));
  }
});

Deno.test("resumeChat gets a new token when the old one has expired", async () => {
  const tokens = ["old", "new"];
  using fake = new FakeFetch(() => refuse(401), () => part(wire(1)));
  const { events, options } = recorder();
  await resumeChat({ url: RUN, after: 1, getToken: () => tokens.shift() ?? "", ...options });
  assertEquals(fake.requests.map(({ headers }) => headers.get("authorization")), ["Bearer old", "Bearer new"]);
  assertEquals(events, EVENTS.slice(1));
});

Deno.test("resumeChat gives up after half an hour of failed attempts", async () => {
  using timers = new FakeTimers();
  using _fake = new FakeFetch(lost);
  const { events, options } = recorder();
  const done = resumeChat({ url: RUN, ...options });
  let waited = 0;
  for (let attempt = 0; attempt < 124; attempt++) waited += await timers.pass();
  await done;
  assertEquals(events, [UNEXPECTED_END]);
  assert(waited > 25 * 60_000 && waited < 35 * 60_000, `${waited}`);
});

Deno.test("reconnectDelayMs is zero at first, and then between zero and a limit that grows to 30 s", () => {
  const longest = [0, 1, 2, 3, 4, 5, 6, 7, 50].map((attempt) => reconnectDelayMs(attempt, 1));
  assertEquals(longest, [0, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  assertEquals(reconnectDelayMs(50, 0), 0);
});

Deno.test("resumeChat reconnects at once on `online`, and reports one answer when it comes twice", async () => {
  using timers = new FakeTimers();
  const online = () => {
    dispatchEvent(new Event("online"));
    return part(wire(1));
  };
  using fake = new FakeFetch(lost, lost, lost, online, () => part(wire(1)));
  const { events, options } = recorder();
  const done = resumeChat({ url: RUN, after: 1, ...options });
  for (let attempt = 0; attempt < 2; attempt++) await timers.pass();
  await timers.pending();
  dispatchEvent(new Event("online"));
  // The second event comes while the connection is opened, and replaces it without a delay.
  await timers.started(4);
  assertEquals(await timers.pass(), 0);
  await done;
  assertEquals(events, EVENTS.slice(1));
  assertEquals(fake.requests.length, 5);
});

Deno.test("resumeChat replaces an open connection when the network has changed or the page was frozen", async () => {
  for (const type of ["online", "resume", "pageshow"]) {
    using timers = new FakeTimers();
    const opened = Promise.withResolvers<void>();
    using fake = new FakeFetch(() => part(wire(1).slice(0, 60), "open"), () => part(wire(2)));
    const { events, options } = recorder();
    const done = resumeChat({
      url: RUN,
      after: 1,
      ...options,
      onEvent: (event, id) => {
        options.onEvent(event, id);
        opened.resolve();
      },
    });
    await opened.promise;
    // A page that loads for the first time has nothing to take up.
    dispatchEvent(Object.assign(new Event("pageshow"), { persisted: false }));
    dispatchEvent(Object.assign(new Event(type), type === "pageshow" ? { persisted: true } : {}));
    assertEquals(await timers.pass(), 0);
    await done;
    assertEquals(events, EVENTS.slice(1));
    assertEquals(fake.lines, ["GET /api/chat/6f1c 1", "GET /api/chat/6f1c 2"]);
  }
});

Deno.test("resumeChat replaces a connection without a byte for 45 s", async () => {
  using timers = new FakeTimers();
  const opened = Promise.withResolvers<void>();
  using fake = new FakeFetch(() => part(wire(1).slice(0, 60), "open"), () => part(wire(2)));
  const { events, options } = recorder();
  const onEvent = (event: ChatEvent, id: number) => {
    options.onEvent(event, id);
    opened.resolve();
  };
  const done = resumeChat({ url: RUN, after: 1, ...options, onEvent });
  await opened.promise;
  timers.tick(40_000);
  assertEquals(fake.requests.length, 1);
  timers.tick(10_000);
  await timers.pass();
  await done;
  assertEquals(events, EVENTS.slice(1));
});

Deno.test("streamChat ends with an error, without another attempt, when the bytes are no chat stream", async () => {
  using fake = new FakeFetch(() => part(new TextEncoder().encode("id: 1\nevent: text\ndata: oops\n\n")));
  const { events, options } = recorder();
  await streamChat({ endpoint: ENDPOINT, request, resumable: true, ...options });
  assertEquals(events, [UNEXPECTED_END]);
  assertEquals(fake.requests.length, 1);
});

Deno.test("streamChat rejects with what onEvent has thrown, without another attempt", async () => {
  using fake = new FakeFetch(() => part(wire()));
  const onEvent = () => {
    throw new RangeError("a bug of the page");
  };
  await assertRejects(() => streamChat({ endpoint: ENDPOINT, request, resumable: true, onEvent }), RangeError);
  assertEquals(fake.requests.length, 1);
});

Deno.test("streamChat rejects when it is aborted while it waits, and does not stop the run", async () => {
  using timers = new FakeTimers();
  using fake = new FakeFetch(() => part(wire().slice(0, 60)), lost);
  const abort = new AbortController();
  const { options } = recorder();
  const done = streamChat({ endpoint: ENDPOINT, request, resumable: true, signal: abort.signal, ...options });
  await timers.pass();
  await timers.pending();
  abort.abort();
  await assertRejects(() => done, DOMException);
  assertEquals(fake.lines, ["POST /api/chat", "GET /api/chat/6f1c 1"]);
  assertEquals(timers.intervals, 0);
});

Deno.test("stopChat deletes a run by its URL, or by the key of its request", async () => {
  using fake = new FakeFetch(() => refuse(204));
  await stopChat(RUN, { headers: { "x-test": "1" } });
  await stopChat({ endpoint: ENDPOINT, key: "k1" });
  assertEquals(fake.lines, ["DELETE /api/chat/6f1c", "DELETE /api/chat"]);
  assertEquals(fake.requests.map(({ headers }) => headers.get("idempotency-key")), [null, "k1"]);
  assertEquals(fake.requests.map(({ headers }) => headers.get("x-test")), ["1", null]);
});

Deno.test("stopChat resolves when the server cannot be reached", async () => {
  using _fake = new FakeFetch(lost);
  await stopChat(RUN);
});
