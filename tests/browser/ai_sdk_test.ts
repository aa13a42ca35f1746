/** A React page with `useChat` of npm:@ai-sdk/react, in a real browser, on the real server. @module */
import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { contentChunk, finishChunk, type Script, sse } from "../fake_openai.ts";
import { StepProvider } from "../step_provider.ts";
import { TestServer } from "../test_server.ts";
import { browserTest } from "./browser.ts";

const HTML = '<!doctype html><html lang="en"><title>useChat</title>' +
  '<body></body><script type="module" src="/ai_sdk_page.js"></script></html>';
const CHAT = "chat-0123456789abcdef";

/** The page's script, once it is bundled. */
let script: Promise<string> | undefined;

/** Bundles the page as its users do. */
async function bundlePage(): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--lock=tests/deno.lock", "--platform=browser", "tests/clients/ai_sdk_page.js"],
    cwd: new URL("../../", import.meta.url),
  }).output();
  if (!success) throw new Error(`Cannot bundle the page:\n${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

/** The page on a site of its own, and the server that it may use. */
class Site implements AsyncDisposable {
  readonly server: TestServer;
  readonly #site: Deno.HttpServer<Deno.NetAddr>;

  constructor(answer: Script) {
    this.#site = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async ({ url }) => {
      const [body, type] = url.endsWith(".js")
        ? [await (script ??= bundlePage()), "text/javascript"]
        : [HTML, "text/html"];
      return new Response(body, { headers: { "content-type": `${type}; charset=utf-8` } });
    });
    const origin = `http://127.0.0.1:${this.#site.addr.port}`;
    const allowedOrigins = { exact: new Set([origin]), any: false, loopback: false };
    this.server = new TestServer({ script: answer, access: { allowedOrigins } });
  }

  async open(page: Page): Promise<void> {
    const api = `${this.server.origin}/api/ai-sdk`;
    await page.goto(`http://127.0.0.1:${this.#site.addr.port}/?chat=${CHAT}&api=${api}`);
    await untilReady(page);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    await this.#site.shutdown();
  }
}

async function untilReady(page: Page): Promise<void> {
  await page.locator("#status", { hasText: "ready" }).waitFor();
}

/** The role and the text of each message. */
function messagesOn(page: Page): Promise<string[]> {
  return page.locator("article").evaluateAll((all) =>
    all.map((each) => `${each.getAttribute("data-role")}: ${each.textContent}`)
  );
}

browserTest("useChat shows an answer as it streams", async ({ page }) => {
  const provider = new StepProvider("Hel", "lo");
  await using site = new Site(provider.script);
  await site.open(page);
  await page.getByText("Send").click();
  provider.send(1);
  await page.getByText("Hel", { exact: true }).waitFor();
  assertEquals(await page.locator("#status").textContent(), "streaming");
  provider.send(provider.all);
  await untilReady(page);
  assertEquals(await messagesOn(page), ["user: Hi", "assistant: Hello"]);
});

/** An answer that calls the tool of the page. */
function callOfTool(): string[] {
  const call = { index: 0, id: "call-1", type: "function", function: { name: "city", arguments: '{"user":"ann"}' } };
  return sse({ choices: [{ index: 0, delta: { tool_calls: [call] } }] }, finishChunk("tool_calls"), "[DONE]");
}

browserTest("useChat runs a tool of the page and shows the answer that follows", async ({ page }) => {
  await using site = new Site((_, count) => ({
    body: count === 0 ? callOfTool() : sse(contentChunk("You are in Köln."), finishChunk(), "[DONE]"),
  }));
  await site.open(page);
  await page.getByText("Send").click();
  await page.getByText("You are in Köln.").waitFor();
  await untilReady(page);
  assertEquals(await messagesOn(page), ["user: Hi", 'assistant: {"city":"Köln","of":"ann"}You are in Köln.']);
  const [first, second] = site.server.provider.requests;
  assertEquals(first!.body.tools[0].function.name, "city");
  assertEquals(second!.body.messages.slice(1), [
    {
      role: "assistant",
      content: null,
      tool_calls: [{ id: "call-1", type: "function", function: { name: "city", arguments: '{"user":"ann"}' } }],
    },
    { role: "tool", tool_call_id: "call-1", content: '{"city":"Köln","of":"ann"}' },
  ]);
});

/** Asks, loads the page again behind the first word of the answer, and lets the answer go on. */
async function reloadWithin(site: Site, page: Page, provider: StepProvider): Promise<void> {
  await site.open(page);
  await page.getByText("Send").click();
  provider.send(1);
  await page.getByText("one").waitFor();
  await page.reload();
  await page.getByText("one").waitFor();
  provider.send(provider.all);
}

browserTest("useChat goes on with an answer after the page was loaded again", async ({ page }) => {
  const provider = new StepProvider("one ", "two ", "three");
  await using site = new Site(provider.script);
  await reloadWithin(site, page, provider);
  await page.getByText("one two three").waitFor();
  await untilReady(page);
  assertEquals(await messagesOn(page), ["user: Hi", "assistant: one two three"]);
  assertEquals(site.server.provider.requests.length, 1);
  // The answer is complete now: there is nothing to go on with.
  await page.reload();
  await untilReady(page);
  assertEquals(await messagesOn(page), ["user: Hi", "assistant: one two three"]);
});

browserTest("useChat goes on with its message after it was loaded again behind a tool call", async ({ page }) => {
  const provider = new StepProvider("one ", "two");
  await using site = new Site((_, count) => count === 0 ? { body: callOfTool() } : provider.script());
  await reloadWithin(site, page, provider);
  await page.getByText("one two").waitFor();
  await untilReady(page);
  assertEquals(await messagesOn(page), ["user: Hi", 'assistant: {"city":"Köln","of":"ann"}one two']);
  assertEquals(site.server.provider.requests.length, 2);
});

browserTest("useChat ends an answer that the page stops with DELETE", async ({ page }) => {
  await using site = new Site(() => ({ body: sse(contentChunk("one")), end: "stall" }));
  await site.open(page);
  await page.getByText("Send").click();
  await page.getByText("one").waitFor();
  await page.getByText("Stop").click();
  await site.server.provider.until(({ aborts }) => aborts === 1);
  await untilReady(page);
  assertEquals(await messagesOn(page), ["user: Hi", "assistant: one"]);
});

browserTest("useChat shows the error of an answer that breaks", async ({ page }) => {
  await using site = new Site(() => ({ body: sse(contentChunk("one")), end: "cut" }));
  await site.open(page);
  await page.getByText("Send").click();
  await page.locator("#status", { hasText: "error" }).waitFor();
  assertEquals(await messagesOn(page), ["user: Hi", "assistant: one"]);
  assertEquals(
    await page.locator("#error").textContent(),
    "The model provider ended the answer before it was complete.",
  );
});
