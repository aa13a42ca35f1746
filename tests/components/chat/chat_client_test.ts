import { assertEquals, assertRejects } from "@std/assert";
import { streamChat } from "../../../components/chat/chat_client.ts";
import { type ChatEvent, formatChatEvent } from "../../../protocol/chat_event.ts";

const request = { messages: [{ role: "user", content: "Hi" }] } as const;

/** Runs `streamChat` against a server that answers with `answer`. */
async function eventsFrom(
  answer: (request: Request) => Response | Promise<Response>,
  getToken?: () => string | Promise<string>,
): Promise<ChatEvent[]> {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, answer);
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

Deno.test("streamChat posts the request as a stream and hands over the events", async () => {
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

/** Takes only `Bearer <token>`, and says so as our server does. */
function guardedBy(token: string, seen: (string | null)[]): (request: Request) => Response {
  return (request) => {
    seen.push(request.headers.get("authorization"));
    return seen.at(-1) === `Bearer ${token}`
      ? new Response(formatChatEvent(1, { type: "stop", data: "stop" }))
      : Response.json({ errorType: "Unauthorized", body: { message: "No.", code: "token_expired" } }, { status: 401 });
  };
}

Deno.test("streamChat asks for a token once more when the first one is not taken", async () => {
  const seen: (string | null)[] = [];
  const tokens = ["old", "new"];
  const events = await eventsFrom(guardedBy("new", seen), () => Promise.resolve(tokens.shift()!));
  assertEquals(seen, ["Bearer old", "Bearer new"]);
  assertEquals(events, [{ type: "stop", data: "stop" }]);
});

Deno.test("streamChat gives up when no token is taken", async () => {
  const seen: (string | null)[] = [];
  const [event] = await eventsFrom(guardedBy("other", seen), () => "mine");
  assertEquals(seen.length, 2);
  assertEquals(event?.type === "error" && event.data.type, "Unauthorized");
});

Deno.test("streamChat asks once where there is no token to ask for", async () => {
  const seen: (string | null)[] = [];
  await eventsFrom(guardedBy("other", seen));
  assertEquals(seen, [null]);
});

const FAILURES: readonly [string, () => Response, unknown][] = [
  [
    "a refusal of ours, with the time to wait",
    () =>
      Response.json({ errorType: "RateLimitExceeded", body: { message: "Slow down", code: 7 } }, {
        status: 429,
        headers: { "retry-after": "12" },
      }),
    { type: "RateLimitExceeded", message: "Slow down", body: { code: 7, retryAfterSeconds: 12 } },
  ],
  [
    "a stranger's page, as its status alone",
    () => new Response("<h1>Bad gateway</h1>", { status: 502 }),
    {
      type: "InternalServerError",
      message: "The chat server answered with status 502.",
      body: { status: 502 },
    },
  ],
  [
    "a stream without an end",
    () => new Response(formatChatEvent(1, { type: "reasoning", data: "x" })),
    undefined,
  ],
];
for (const [name, answer, expected] of FAILURES) {
  Deno.test(`streamChat ends with one error for ${name}`, async () => {
    const events = await eventsFrom(answer);
    const errors = events.filter((event) => event.type === "error");
    assertEquals([errors.length, events.at(-1)?.type], [1, "error"]);
    if (expected) assertEquals(errors[0]?.data, expected as typeof errors[0]["data"]);
  });
}

Deno.test("streamChat says so when no server can be reached", async () => {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, () => new Response());
  const endpoint = `http://127.0.0.1:${server.addr.port}/`;
  await server.shutdown();
  const events: ChatEvent[] = [];
  await streamChat({ endpoint, request, onEvent: (event) => void events.push(event) });
  assertEquals(events.map((event) => event.type === "error" && event.data.body), [{ unreachable: true }]);
});

Deno.test("streamChat rejects when it is aborted, and says nothing more", async () => {
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
