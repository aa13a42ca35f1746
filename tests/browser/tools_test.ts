import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import type { ChatEvent } from "../../protocol/chat_event.ts";
import type {} from "../../components/define.ts";
import { browserTest, screenshot } from "./browser.ts";
import type { FakeAnswer, FakeChatServer } from "./fake_chat_server.ts";

const delta = (name: string | null, args: string): ChatEvent => ({
  type: "tool_calls",
  data: [{ index: 0, id: "call-1", type: "function", function: { name, arguments: args } }],
});

function callWeather(answer: FakeAnswer): void {
  answer.emit(delta("get_weather", '{"city":'), delta(null, '"Bergen"}'));
  answer.emit({ type: "stop", data: "tool_calls" });
  answer.end();
}

/** Opens a page with one tool and sends a question. */
async function ask(page: Page, server: FakeChatServer, confirm: boolean): Promise<FakeAnswer> {
  await page.goto(server.origin);
  const box = page.getByRole("textbox", { name: "Message" });
  await box.waitFor();
  await page.evaluate((confirm) => {
    const chat = document.querySelector("chat-stream");
    if (chat) {
      chat.tools = [{
        name: "get_weather",
        description: "The weather in a city",
        parameters: { type: "object", properties: { city: { type: "string" } } },
        confirm,
        run: ({ city }) => ({ city, weather: "rain" }),
      }];
    }
  }, confirm);
  await box.fill("Do I need an umbrella?");
  await box.press("Enter");
  return await server.nextAnswer();
}

browserTest("chat-stream runs a tool of the page and continues from its result", async ({ page, server }) => {
  const first = await ask(page, server, false);
  assertEquals(first.request.tools, [{
    type: "function",
    function: {
      name: "get_weather",
      description: "The weather in a city",
      parameters: { type: "object", properties: { city: { type: "string" } } },
    },
  }]);
  callWeather(first);
  const second = await server.nextAnswer();
  assertEquals(second.request.messages.slice(1), [
    {
      role: "assistant",
      content: null,
      tool_calls: [{
        id: "call-1",
        type: "function",
        function: { name: "get_weather", arguments: '{"city":"Bergen"}' },
      }],
    },
    { role: "tool", tool_call_id: "call-1", content: '{"city":"Bergen","weather":"rain"}' },
  ]);
  second.finish("Yes, it rains in Bergen.");
  await page.getByRole("log").getByText("it rains in Bergen").waitFor();
  await page.locator(".tool summary").click();
  await page.locator(".tool").getByText('"weather": "rain"').waitFor();
  await screenshot(page, "tool-done");
});

const DECISIONS = [
  ["Allow", '{"city":"Bergen","weather":"rain"}'],
  ["Decline", "The user declined this tool call."],
] as const;
for (const [decision, content] of DECISIONS) {
  browserTest(
    `chat-stream asks the visitor before it runs a tool with confirm (${decision})`,
    async ({ page, server }) => {
      callWeather(await ask(page, server, true));
      await page.getByText("The assistant wants to use Get weather.").last().waitFor();
      assertEquals(await page.locator(".tool-ask dl").innerText(), "City\nBergen");
      await screenshot(page, "tool-asking");
      assertEquals(await page.getByRole("button", { name: "Stop" }).count(), 1);
      await page.getByRole("button", { name: decision, exact: true }).click();
      const second = await server.nextAnswer();
      assertEquals(second.request.messages.at(-1), { role: "tool", tool_call_id: "call-1", content });
      second.finish("I see.");
      await page.getByRole("log").getByText("I see.").waitFor();
    },
  );
}

browserTest("chat-stream continues from tool results at most maxToolRounds times", async ({ page, server }) => {
  let answer = await ask(page, server, false);
  await page.evaluate(() => document.querySelector("chat-stream")?.setAttribute("max-tool-rounds", "2"));
  callWeather(answer);
  callWeather(answer = await server.nextAnswer());
  callWeather(answer = await server.nextAnswer());
  await page.getByRole("button", { name: "Send" }).waitFor();
  assertEquals(server.answers.length, 3);
});

browserTest("chat-stream stops while a tool call waits for the visitor", async ({ page, server }) => {
  callWeather(await ask(page, server, true));
  await page.getByRole("button", { name: "Allow", exact: true }).waitFor();
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByRole("button", { name: "Send" }).waitFor();
  await page.locator(".notes", { hasText: "Stopped" }).waitFor();
  assertEquals(server.answers.length, 1);
});

browserTest(
  "chat-stream shows calls of unknown tools and ends the answer",
  async ({ page, server }) => {
    await page.goto(server.origin);
    await page.getByRole("textbox", { name: "Message" }).fill("Hi");
    await page.keyboard.press("Enter");
    callWeather(await server.nextAnswer());
    await page.locator(".tool summary", { hasText: "Get weather" }).waitFor();
    await page.getByRole("button", { name: "Send" }).waitFor();
    await page.getByRole("textbox", { name: "Message" }).fill("And?");
    await page.keyboard.press("Enter");
    // A provider would refuse a call without a result.
    assertEquals((await server.nextAnswer()).request.messages.map(({ role }) => role), ["user", "user"]);
  },
);

browserTest("chat-stream asks no more for a tool that the visitor always allows", async ({ page, server }) => {
  callWeather(await ask(page, server, true));
  await page.getByRole("button", { name: "Always allow in this chat" }).press("Enter");
  const second = await server.nextAnswer();
  callWeather(second);
  const third = await server.nextAnswer();
  third.finish("It rains.");
  await page.getByText("It rains.").waitFor();
  const toJSON = () => page.evaluate(() => document.querySelector("chat-stream")!.toJSON());
  assertEquals((await toJSON()).allowedTools, ["get_weather"]);
  await page.reload();
  await page.getByText("It rains.").waitFor();
  assertEquals((await toJSON()).allowedTools, ["get_weather"]);
  // A new conversation asks again.
  await page.getByRole("button", { name: "New chat" }).click();
  assertEquals((await toJSON()).allowedTools, undefined);
});

browserTest("chat-stream shows the title of a tool and cuts long arguments", async ({ page, server }) => {
  await page.goto(server.origin);
  const box = page.getByRole("textbox", { name: "Message" });
  await box.waitFor();
  await page.evaluate(() => {
    document.querySelector("chat-stream")!.tools = [
      { name: "send_mail", title: "Send an e-mail", confirm: true, run: () => "sent" },
    ];
  });
  await box.fill("Write to Ada");
  await box.press("Enter");
  const args = JSON.stringify({
    to: ["ada@example.org", "bob@example.org"],
    bodyText: `Dear Ada, ${"x".repeat(300)} end`,
  });
  const answer = await server.nextAnswer();
  answer.emit(delta("send_mail", args), { type: "stop", data: "tool_calls" });
  answer.end();
  await page.getByText("The assistant wants to use Send an e-mail.").last().waitFor();
  assertEquals(await page.locator(".tool-ask dt").allInnerTexts(), ["To", "Body text"]);
  assertEquals(await page.locator(".tool-ask dd").first().innerText(), "ada@example.org, bob@example.org");
  assertEquals(await page.locator(".tool-ask dd").last().getByText("x end").isVisible(), false);
  await screenshot(page, "tool-long");
  await page.locator(".tool-ask").getByText("Show all").click();
  assertEquals(await page.locator(".tool-ask dd").last().getByText("x end").isVisible(), true);
});
