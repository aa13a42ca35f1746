/** Tests how a provider's bytes are read: the buffer, the end of the body, and the connection after it. */
import { assert, assertEquals } from "@std/assert";
import { OpenAIToChatEventStream } from "../../../upstream/openai_to_chat_events.ts";
import { type ProviderBytes, readProviderBytes } from "../../../upstream/http/provider_bytes.ts";
import { answerOf, contentChunk, sse } from "../../fake_openai.ts";

const encoder = new TextEncoder();

/** A byte stream of these chunks, as `fetch` returns. */
function body(chunks: readonly string[], onCancel = () => {}): ReadableStream<Uint8Array<ArrayBuffer>> {
  let next = 0;
  return new ReadableStream({
    type: "bytes",
    async pull(controller) {
      await Promise.resolve();
      const chunk = chunks[next++];
      if (chunk !== undefined) return controller.enqueue(encoder.encode(chunk));
      controller.close();
      controller.byobRequest?.respond(0);
    },
    cancel: onCancel,
  });
}

Deno.test("readProviderBytes returns every byte in order, in growing chunks when a body is long", async () => {
  const long = "x".repeat(300_000);
  const decoder = new TextDecoder();
  let text = "";
  let largest = 0;
  const bytes = readProviderBytes(body([long]));
  for (let chunk = await bytes.read(); chunk !== undefined; chunk = await bytes.read()) {
    text += decoder.decode(chunk, { stream: true });
    largest = Math.max(largest, chunk.byteLength);
  }
  assertEquals(text, long);
  assertEquals(largest, 64 * 1024);
});

Deno.test("readProviderBytes ends the bytes when the body breaks", async () => {
  let isFirst = true;
  const broken = new ReadableStream({
    type: "bytes",
    pull(controller) {
      if (!isFirst) return controller.error(new TypeError("reset"));
      isFirst = false;
      controller.enqueue(encoder.encode("kept"));
    },
  });
  const bytes = readProviderBytes(broken);
  assertEquals(await bytes.read(), encoder.encode("kept"));
  assertEquals(await bytes.read(), undefined);
  await bytes.cancel();
});

Deno.test("readProviderBytes cancels the body when it is cancelled", async () => {
  let isCancelled = false;
  const bytes = readProviderBytes(body(sse(contentChunk("a"), contentChunk("b")), () => isCancelled = true));
  await bytes.read();
  await bytes.cancel();
  assert(isCancelled);
});

Deno.test("readProviderBytes leaves the connection reusable when the answer has ended", async () => {
  const clients = new Set<number>();
  await using provider = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (_request, { remoteAddr }) => {
      clients.add(remoteAddr.port);
      const chunks = answerOf("a");
      return new Response(
        new ReadableStream({
          async pull(controller) {
            // The end of the body arrives after the last chunk, as over a network.
            await new Promise((resolve) => setTimeout(resolve));
            const chunk = chunks.shift();
            if (chunk === undefined) controller.close();
            else controller.enqueue(encoder.encode(chunk));
          },
        }),
      );
    },
  );
  const client = Deno.createHttpClient({});
  for (let request = 0; request < 5; request++) {
    const response = await fetch(`http://127.0.0.1:${provider.addr.port}`, { client });
    const bytes = readProviderBytes(response.body!);
    const ended = Promise.withResolvers<void>();
    const watched: ProviderBytes = {
      read: () => bytes.read(),
      cancel: (reason) => bytes.cancel(reason).finally(ended.resolve),
    };
    const stream = new OpenAIToChatEventStream();
    void stream.feed(watched);
    await new Response(stream.readable).text();
    await ended.promise;
  }
  client.close();
  assertEquals(clients.size, 1);
});
