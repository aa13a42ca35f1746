import { assertEquals, assertRejects } from "@std/assert";
import { streamChat } from "../../../components/chat/chat_client.ts";
import { type ChatEvent, formatChatEvent } from "../../../protocol/chat_event.ts";

const request = { messages: [{ role: "user", content: "Hi" }] } as const;

/** Runs `streamChat` against a server with the handler `respond` and returns the events. */
async function eventsFrom(
  respond: (request: Request) => Response | Promise<Response>,
  getToken?: () => string | Promise<string>,
): Promise<ChatEvent[]> {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, respond);
  const events: ChatEvent[] = [];
  try {
    const endpoint = `http://127.0.0.1:${server.addr.port}/api/chat`;
    await streamChat({
      endpoint,
      request,
      headers: { "x-test": "1" },
      onEvent: (event) => void events.push(event),
      ...(getToken && { getToken }),
    });
  } finally {
    await server.shutdown();
  }
  return events;
}

Deno.test("streamChat posts the request as a stream and reports the events", async () => {
  let seen: unknown;
  const events = await eventsFrom(async (request) => {
    seen = [request.method, request.headers.get("content-type"), request.headers.get("x-test"), await request.json()];
    return new Response(
      formatChatEvent(1, { type: "text", data: "Hi" }) + formatChatEvent(2, { type: "stop", data: "stop" }),
    );
  });
  assertEquals(seen, ["POST", "application/json", "1", { ...request, stream: true }]);
  assertEquals(events, [{ type: "text", data: "Hi" }, { type: "stop", data: "stop" }]);
});

/** A handler that accepts only `Bearer <token>` and refuses others like our server. */
function guardedBy(token: string, seen: (string | null)[]): (request: Request) => Response {
  return (request) => {
    seen.push(request.headers.get("authorization"));
    return seen.at(-1) === `Bearer ${token}`
      ? new Response(formatChatEvent(1, { type: "stop", data: "stop" }))
      : Response.json({ errorType: "Unauthorized", body: { message: "No.", code: "token_expired" } }, { status: 401 });
  };
}

Deno.test("streamChat fetches a second token when the server refuses the first", async () => {
  const seen: (string | null)[] = [];
  const tokens = ["old", "new"];
  const events = await eventsFrom(guardedBy("new", seen), () => Promise.resolve(tokens.shift()!));
  assertEquals(seen, ["Bearer old", "Bearer new"]);
  assertEquals(events, [{ type: "stop", data: "stop" }]);
});

Deno.test("streamChat reports an error when the server refuses the second token, too", async () => {
  const seen: (string | null)[] = [];
  const [event] = await eventsFrom(guardedBy("other", seen), () => "mine");
  assertEquals(seen.length, 2);
  assertEquals(event?.type === "error" && event.data.type, "Unauthorized");
});

Deno.test("streamChat sends one request when there is no `getToken`", async () => {
  const seen: (string | null)[] = [];
  await eventsFrom(guardedBy("other", seen));
  assertEquals(seen, [null]);
});

const FAILURES: readonly [string, () => Response, unknown][] = [
  [
    "an error of ours, with the time to wait",
    () =>
      Response.json({ errorType: "RateLimitExceeded", body: { message: "Slow down", code: 7 } }, {
        status: 429,
        headers: { "retry-after": "12" },
      }),
    { type: "RateLimitExceeded", message: "Slow down", body: { code: 7, retryAfterSeconds: 12 } },
  ],
  [
    "a foreign error page, reduced to its status",
    () => new Response("<h1>Bad gateway</h1>", { status: 502 }),
    {
      type: "InternalServerError",
      message: "The chat server responded with status 502.",
      body: { status: 502 },
    },
  ],
  [
    "a stream without a terminal event",
    () => new Response(formatChatEvent(1, { type: "reasoning", data: "x" })),
    undefined,
  ],
];
for (const [name, respond, expected] of FAILURES) {
  Deno.test(`streamChat ends with one error for ${name}`, async () => {
    const events = await eventsFrom(respond);
    const errors = events.filter((event) => event.type === "error");
    assertEquals([errors.length, events.at(-1)?.type], [1, "error"]);
    if (expected) assertEquals(errors[0]?.data, expected as typeof errors[0]["data"]);
  });
}

Deno.test("streamChat reports `unreachable` when no server can be reached", async () => {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, () => new Response());
  const endpoint = `http://127.0.0.1:${server.addr.port}/`;
  await server.shutdown();
  const events: ChatEvent[] = [];
  await streamChat({ endpoint, request, onEvent: (event) => void events.push(event) });
  assertEquals(events.map((event) => event.type === "error" && event.data.body), [{ unreachable: true }]);
});

Deno.test("streamChat rejects and reports no more events when it is aborted", async () => {
  const abort = new AbortController();
  const events: ChatEvent[] = [];
  const stream = new ReadableStream({
    start: (controller) =>
      controller.enqueue(new TextEncoder().encode(formatChatEvent(1, { type: "text", data: "a" }))),
  });
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, () => new Response(stream));
  const endpoint = `http://127.0.0.1:${server.addr.port}/`;
  const onEvent = (event: ChatEvent) => {
    events.push(event);
    abort.abort();
  };
  await assertRejects(() => streamChat({ endpoint, request, signal: abort.signal, onEvent }), DOMException);
  assertEquals(events, [{ type: "text", data: "a" }]);
  await server.shutdown();
});
