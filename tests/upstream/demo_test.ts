/** The demo provider, from its bytes to our events. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { EMPTY_ANSWER, reduceChatAnswer } from "../../protocol/chat_answer.ts";
import { createDemoFetch } from "../../upstream/demo.ts";
import { providerBytesFrom, readProviderBytes } from "../../upstream/http/provider_bytes.ts";
import { answerOf } from "./answer_of.ts";

const BODY = JSON.stringify({ model: "m", messages: [{ role: "user", content: "one two three" }] });

Deno.test("createDemoFetch responds with a stream that maps to a complete answer", async () => {
  const response = await createDemoFetch({ paceMs: 0 })("http://demo.invalid/v1/chat/completions", { body: BODY });
  assertEquals([response.status, response.headers.get("content-type")], [200, "text/event-stream"]);
  const { events } = await answerOf(providerBytesFrom(response.body!));
  const answer = events.reduce(reduceChatAnswer, EMPTY_ANSWER);
  assert(answer.text.includes("OPENAI_API_KEY") && answer.text.includes("demo"));
  assert((answer.reasoning ?? "").length > 0);
  assertEquals([answer.stop, answer.usage?.totalInputTokens], ["stop", 3]);
});

Deno.test("createDemoFetch stops and leaves no timer when its reader leaves", async () => {
  const response = await createDemoFetch({ paceMs: 60_000 })("http://demo.invalid/", { body: BODY });
  const reader = response.body!.getReader();
  const reading = reader.read();
  await reader.cancel();
  assertEquals((await reading).done, true);
});

Deno.test("createDemoFetch errors its body when its signal aborts", async () => {
  const abort = new AbortController();
  const response = await createDemoFetch({ paceMs: 60_000 })("http://demo.invalid/", {
    body: BODY,
    signal: abort.signal,
  });
  const reading = response.body!.getReader({ mode: "byob" }).read(new Uint8Array(64));
  abort.abort();
  await assertRejects(() => reading, DOMException);
});

Deno.test("createDemoFetch has a byte stream that fills the reader's buffer", async () => {
  const response = await createDemoFetch({ paceMs: 0 })("http://demo.invalid/", { body: BODY });
  const { events } = await answerOf(readProviderBytes(response.body!));
  assertEquals(events.at(-1), { type: "stop", data: "stop" });
});
