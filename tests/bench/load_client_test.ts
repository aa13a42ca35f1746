/** Tests of the load generator: it counts correctly and rejects responses that are no answer. @module */
import { assertEquals, assertRejects } from "@std/assert";
import { EventCounter, LoadConnection } from "../../bench/load_client.ts";
import { startProvider } from "../../bench/provider.ts";

const STREAM = 'HTTP/1.1 200 OK\r\n\r\n14\r\nevent: a\ndata: "x"\n\n\r\n6\r\nd: 1\n\n\r\n0\r\n\r\n';

Deno.test("EventCounter counts blank lines and finds the end, wherever the bytes are cut", () => {
  const bytes = new TextEncoder().encode(STREAM);
  for (let first = 0; first <= bytes.length; first++) {
    for (let second = first; second <= bytes.length; second++) {
      const counter = new EventCounter();
      for (const part of [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)]) {
        if (part.length > 0) counter.count(part);
      }
      assertEquals([counter.total, counter.ended], [2, true], `cut at ${first} and ${second}`);
    }
  }
});

Deno.test("EventCounter does not end before the whole end of the body has arrived", () => {
  const counter = new EventCounter();
  counter.count(new TextEncoder().encode(STREAM.slice(0, -1)));
  assertEquals(counter.ended, false);
});

Deno.test("LoadConnection reads one answer after the other on one connection", async () => {
  await using provider = startProvider();
  using connection = await LoadConnection.open({ port: provider.port, path: "/v1/chat/completions" });
  for (const tokens of [1, 200]) {
    let reported = 0;
    let firstTexts = 0;
    await connection.send(`bench-${tokens}-0`);
    const events = await connection.readStream({
      onEvents: (more) => reported += more,
      onFirstText: () => firstTexts++,
    });
    // Besides the tokens: the opening chunk, the finish reason, the usage and [DONE].
    assertEquals([events, reported, firstTexts], [tokens + 4, tokens + 4, 1]);
  }
});

Deno.test("LoadConnection rejects when the response is an error", async () => {
  await using provider = startProvider();
  using connection = await LoadConnection.open({ port: provider.port, path: "/v1/chat/completions" });
  await connection.send("gpt-4o");
  await assertRejects(() => connection.readStream(), Error, "404");
});

Deno.test("LoadConnection rejects when the response is cut", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const served = listener.accept().then(async (connection) => {
    await connection.read(new Uint8Array(1024));
    await connection.write(new TextEncoder().encode(STREAM.slice(0, -7)));
    connection.close();
    listener.close();
  });
  using connection = await LoadConnection.open({ port: listener.addr.port, path: "/" });
  await connection.send("any");
  await assertRejects(() => connection.readStream(), Error, "closed before its end");
  await served;
});
