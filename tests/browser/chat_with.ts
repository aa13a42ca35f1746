/**
 * Uses the page of a chat server as a visitor does.
 * @module
 */
import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import type { StartCommand } from "../conformance/example_servers.ts";
import { freeOrigin, startServer } from "../conformance/start_server.ts";
import { contentChunk, FakeOpenAI, finishChunk, sse } from "../fake_openai.ts";

const REASONING = { choices: [{ index: 0, delta: { reasoning_content: "Let me see." } }] };

/** Starts a server in front of a fake provider and chats with it: an answer, one that is stopped, and one that fails. */
export async function chatWith(page: Page, { command, folder }: StartCommand): Promise<void> {
  await using provider = new FakeOpenAI(() => ({
    body: sse(REASONING, contentChunk("It **works**"), contentChunk(" everywhere."), finishChunk(), "[DONE]"),
  }));
  const origin = freeOrigin();
  await using _server = await startServer(origin, provider.baseURL, command, folder);
  await page.goto(origin);
  await ask(page, "Does it work?");
  await page.getByText("everywhere.").waitFor();
  assertEquals(await page.locator("strong").innerText(), "works");
  assertEquals(provider.requests[0]!.body.messages.at(-1), { role: "user", content: "Does it work?" });

  provider.script = () => ({ body: sse(contentChunk("A long answer")), end: "stall" });
  await ask(page, "And stopping?");
  await page.getByText("A long answer").waitFor();
  await page.getByRole("button", { name: "Stop" }).click();
  await provider.until(({ aborts }) => aborts === 1);

  const error = { message: "Slow down", code: "rate_limit_exceeded" };
  provider.script = () => ({
    status: 429,
    headers: { "content-type": "application/json", "retry-after": "30" },
    body: [JSON.stringify({ error })],
  });
  await ask(page, "And failures?");
  await page.getByRole("button", { name: /Retry|Try again/ }).waitFor();
}

async function ask(page: Page, text: string): Promise<void> {
  await page.getByRole("textbox").fill(text);
  await page.keyboard.press("Enter");
}
