/**
 * Brings an open page into each state of the chat.
 * @module
 */
import type { Page } from "playwright-core";
import type {} from "../../components/define.ts";
import type { FakeAnswer, FakeChatServer } from "./fake_chat_server.ts";

/** Every kind of Markdown. */
export const RICH = [
  "# A heading\n\nSome *emphasised* text with a [link](https://example.org/page).\n\n",
  "## Another\n\n- one\n- two\n\n1. first\n2. second\n\n> A quotation\n\n- [x] done\n- [ ] open\n\n",
  "| Name | Size | Note |\n|---|---:|---|\n| a | 1 | long enough to be wide on a phone, surely |\n| b | 2 | too |\n\n",
  "```ts\nconst stream = await fetch('/api/chat', { method: 'POST', headers: { accept: 'text/event-stream' } });\n```\n\n",
  "![A chart of sales](https://elsewhere.example/chart.png)\n\n",
].join("");

/** Sends a question. */
export async function ask(page: Page, server: FakeChatServer, text = "Tell me about streams"): Promise<FakeAnswer> {
  const box = page.getByRole("textbox", { name: "Message" });
  await box.fill(text);
  await box.press("Enter");
  return await server.nextAnswer();
}

/** Brings an open page into one state. */
export type State = (page: Page, server: FakeChatServer) => Promise<void>;

/** The states by name. */
export const STATES: Readonly<Record<string, State>> = {
  empty: async (page) => await page.getByRole("textbox", { name: "Message" }).waitFor(),
  waiting: async (page, server) => {
    await ask(page, server);
    await page.locator(".typing").waitFor();
  },
  streaming: async (page, server) => {
    const answer = await ask(page, server);
    answer.emit({ type: "reasoning", data: "First this, then that." });
    answer.text("Some text that is still ");
    await page.getByText("still").waitFor();
  },
  done: async (page, server) => {
    const answer = await ask(page, server);
    answer.emit({ type: "reasoning", data: "First this, then that." });
    answer.finish(RICH);
    await page.getByRole("button", { name: "Answer again" }).waitFor();
    await page.locator(".reasoning summary").click();
    await page.getByText("First this").waitFor();
  },
  cited: async (page, server) => {
    const answer = await ask(page, server);
    const citations = Array.from({ length: 6 }, (_, i) => ({ title: `Page ${i}`, url: `https://a.example/${i}` }));
    answer.emit({ type: "grounding", data: { citations } });
    answer.finish(
      "A sum $x_1$ [1][2].[^n]\n\n$$\n\\sum_k^n k = \\frac{a}{b}\n$$\n\n[^n]: A *note*.\n\n```ts\nlet a;\n```",
    );
    await page.locator("math").nth(1).waitFor();
    await page.getByRole("button", { name: "Answer again" }).waitFor();
    await page.locator(".sources summary").click();
    await page.getByRole("link", { name: "Page 5" }).waitFor();
  },
  failed: async (page, server) => {
    const answer = await ask(page, server);
    answer.text("Half of");
    answer.cut();
    await page.getByRole("button", { name: "Retry" }).waitFor();
  },
  reconnecting: async (page, server) => {
    const answer = await ask(page, server);
    answer.text("Half of");
    await page.getByText("Half of").waitFor();
    await page.context().setOffline(true);
    answer.drop();
    await page.locator(".reconnecting").waitFor();
    await page.locator(".reconnecting").evaluate((notice) => notice.getAnimations().forEach((part) => part.finish()));
  },
  "too long": async (page, server) => {
    const answer = await ask(page, server);
    answer.emit({ type: "text", data: "In the beginning" }, { type: "stop", data: "length" });
    answer.end();
    await page.getByRole("button", { name: "Continue" }).waitFor();
  },
  editing: async (page, server) => {
    (await ask(page, server)).finish("Yes.");
    await page.getByRole("button", { name: "Edit" }).click();
    await page.locator(".editor").waitFor();
  },
  cleared: async (page, server) => {
    (await ask(page, server)).finish("Yes.");
    await page.getByRole("button", { name: "New chat" }).click();
    await page.getByRole("button", { name: "Undo" }).waitFor();
  },
  tool: async (page, server) => {
    const answer = await ask(page, server);
    const called = { name: "get_weather", arguments: '{"city":"Bergen"}' };
    answer.emit({ type: "tool_calls", data: [{ index: 0, id: "c", type: "function", function: called }] });
    answer.finish("");
    await page.locator(".tool summary").click();
    await page.getByText('"city": "Bergen"').waitFor();
  },
  queued: async (page, server) => {
    (await ask(page, server)).text("Some text");
    await page.getByText("Some text").waitFor();
    const box = page.getByRole("textbox", { name: "Message" });
    await box.fill("Later");
    await box.press("Enter");
    await page.locator(".queued").waitFor();
    await box.fill("And more");
  },
  features: async (page, server) => {
    server.models = { models: [{ id: "small" }, { id: "large" }] };
    await page.evaluate(() => {
      Object.assign(document.querySelector("chat-stream")!, {
        assistantName: "Skerry",
        userAvatar: "/favicon.svg",
        timestamps: true,
        showUsage: true,
        models: true,
        feedback: true,
        suggestions: ["Why?"],
        messageActions: [{ id: "pin", label: "Pin", onAction: () => {} }],
        beforeSend: (content: unknown) => content === "no" ? { refuse: "Not this." } : undefined,
      });
    });
    (await ask(page, server)).finish("Yes.");
    await page.getByRole("button", { name: "Bad answer" }).click();
    await page.locator(".suggestions, .comment, select").nth(2).waitFor();
    await page.getByRole("textbox", { name: "Message" }).fill("no");
    await page.keyboard.press("Enter");
    await page.locator(".refusal").waitFor();
  },
  consent: async (page, server) => {
    await page.evaluate(() => {
      document.querySelector("chat-stream")!.tools = [{ name: "get_weather", confirm: true, run: () => "rain" }];
    });
    const answer = await ask(page, server);
    const called = { name: "get_weather", arguments: JSON.stringify({ city: "Bergen ".repeat(40) }) };
    answer.emit({ type: "tool_calls", data: [{ index: 0, id: "c", type: "function", function: called }] });
    answer.emit({ type: "stop", data: "tool_calls" });
    answer.end();
    await page.locator(".tool-ask").waitFor();
  },
  files: async (page) => {
    await page.locator("input[type=file]").setInputFiles({
      name: "tune.mp3",
      mimeType: "audio/mpeg",
      buffer: (await import("node:buffer")).Buffer.from("x"),
    });
    await page.getByText("tune.mp3: this kind").waitFor();
  },
};
