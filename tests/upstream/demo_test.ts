/** The demo provider, from its bytes to our events. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { type ChatAnswer, EMPTY_ANSWER, reduceChatAnswer } from "../../protocol/chat_answer.ts";
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

Deno.test("createDemoFetch ends its answer to a question that is made to keep it busy", async () => {
  const question = { model: "m", messages: [{ role: "user", content: "\n".repeat(2_000_000) }] };
  const response = await createDemoFetch({ paceMs: 0 })("http://demo.invalid/", { body: JSON.stringify(question) });
  const { events } = await answerOf(providerBytesFrom(response.body!));
  assertEquals(events.reduce(reduceChatAnswer, EMPTY_ANSWER).usage?.totalInputTokens, 0);
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

async function answerTo(content: string, more: object = {}): Promise<ChatAnswer> {
  const body = JSON.stringify({ model: "m", messages: [{ role: "user", content }], ...more });
  const context = () => ({ command: "deno task dev", origin: "http://localhost:4711" });
  const response = await createDemoFetch({ paceMs: 0, context })("http://demo.invalid/", { body });
  const { events } = await answerOf(readProviderBytes(response.body!));
  return events.reduce(reduceChatAnswer, EMPTY_ANSWER);
}

/** The starters of our pages. */
async function startersOf(page: string): Promise<string[]> {
  const html = await Deno.readTextFile(new URL(`../../${page}`, import.meta.url));
  return JSON.parse(/starters='([^']+)'/.exec(html)![1]!);
}

Deno.test("the demo has a script for every starter of our pages", async () => {
  const { text: introduction } = await answerTo("Something else");
  for (const page of ["static/index.html", "examples/pages/embed.html"]) {
    for (const starter of await startersOf(page)) {
      const { text } = await answerTo(starter);
      assert(text !== "" && text !== introduction, starter);
    }
  }
});

Deno.test("the demo names the command and the address with which the server was started", async () => {
  const { text } = await answerTo("Hello");
  assert(text.includes("OPENAI_API_KEY=sk-… deno task dev") && text.includes("http://localhost:4711/chat-stream.js"));
});

Deno.test("the demo shows code, a table, a formula and citations when asked for them", async () => {
  assert((await answerTo("Show me some code")).text.includes("```ts"));
  assert((await answerTo("A table, please")).text.includes("| --- |"));
  assert((await answerTo("a formula")).text.includes("$$"));
  assertEquals((await answerTo("Do you have a source?")).grounding?.citations.length, 2);
});

Deno.test("the demo shows everything that a question names", async () => {
  const tools = [{ type: "function", function: { name: "clock" } }];
  const asked = "Show me Markdown with a table, code, a formula and a citation, and call a tool";
  const { text, grounding, tool_calls, stop } = await answerTo(asked, { tools });
  for (const sample of ["### Markdown", "| --- |", "```ts", "$$", "[^1]:"]) assert(text.includes(sample), sample);
  assertEquals([grounding?.citations.length, tool_calls?.length, stop], [2, 1, "tool_calls"]);
  assertMatch((await answerTo(asked)).text, /no tool/);
});

Deno.test("the demo calls a tool of the page, tells its result, and says when there is none", async () => {
  const tools = [{ type: "function", function: { name: "clock" } }];
  const called = await answerTo("Use a tool", { tools });
  assertEquals([called.tool_calls?.[0]?.function.name, called.stop], ["clock", "tool_calls"]);
  const messages = [{ role: "tool", tool_call_id: "c", content: "12:00" }];
  assert((await answerTo("", { messages })).text.includes("12:00"));
  assert((await answerTo("Use a tool")).text.includes("no tool"));
});

Deno.test("the demo cites sources with marks, and writes a formula in TeX", async () => {
  const { text, grounding } = await answerTo("Show me a source");
  assert(text.includes("[1]") && text.includes("[2]"));
  assertEquals(grounding?.citations.length, 2);
  assert((await answerTo("A formula, please")).text.includes("$$\n\\sum_{k=1}^{n}"));
});
