import { assertEquals } from "@std/assert";
import type { ChatEvent } from "../../protocol/chat_event.ts";
import { browserTest, screenshot } from "./browser.ts";
import { ask, boxText, converse, openChat } from "./feature_page.ts";

browserTest(
  "renderers.code replaces blocks of its language, and is called only when they change",
  async ({ page, server }) => {
    await openChat(page, server, 'smoothing="off"');
    await page.evaluate(() => {
      const calls: unknown[] = [];
      Object.assign(globalThis, { calls });
      const draw = (source: string, { complete }: { complete: boolean }) => {
        calls.push([source, complete]);
        const node = document.createElement("output");
        node.textContent = `drawn: ${source}`;
        return complete ? node : undefined;
      };
      document.querySelector("chat-stream")!.renderers = { code: { mermaid: draw } };
    });
    const answer = await ask(page, server);
    answer.text("```Mermaid\na --> b\n");
    await page.locator(".code", { hasText: "a --> b" }).waitFor();
    answer.text("```\n\nText after it");
    await page.getByText("Text after it").waitFor();
    await page.locator("output", { hasText: "drawn: a --> b" }).waitFor();
    assertEquals(await page.locator(".code").count(), 0);
    answer.finish(" that grows.\n\n```js\nlet x;\n```");
    await page.locator(".code", { hasText: "let x;" }).waitFor();
    const calls = await page.evaluate("globalThis.calls") as [string, boolean][];
    assertEquals(calls.filter(([, complete]) => complete), [["a --> b\n", true]]);
    // Another update does not call it again.
    await page.evaluate(() => document.querySelector("chat-stream")!.heading = "New heading");
    assertEquals(await page.evaluate("globalThis.calls.length"), calls.length);
  },
);

browserTest("renderers.tools and renderers.message replace their views", async ({ page, server }) => {
  await openChat(page, server);
  await page.evaluate(() => {
    const element = (tag: string, text: string) => Object.assign(document.createElement(tag), { textContent: text });
    document.querySelector("chat-stream")!.renderers = {
      tools: { get_weather: (call, result) => element("output", `${call.function.arguments} ${result?.content}`) },
      message: (entry) => entry.type === "question" ? element("q", `asked: ${entry.content}`) : undefined,
    };
    document.querySelector("chat-stream")!.tools = [{ name: "get_weather", run: () => "rain" }];
  });
  const called: ChatEvent = {
    type: "tool_calls",
    data: [{ index: 0, id: "c", type: "function", function: { name: "get_weather", arguments: '{"city":"Bergen"}' } }],
  };
  const first = await ask(page, server, "Umbrella?");
  first.emit(called, { type: "stop", data: "tool_calls" });
  first.end();
  (await server.nextAnswer()).finish("Yes.");
  await page.locator("output", { hasText: '{"city":"Bergen"} rain' }).waitFor();
  await page.locator("q", { hasText: "asked: Umbrella?" }).waitFor();
  await page.locator(".content", { hasText: "Yes." }).waitFor();
  assertEquals(await page.locator(".tool details, .bubble").count(), 0);
});

browserTest("renderers that throw, or return no node, keep the component's view", async ({ page, server, faults }) => {
  await openChat(page, server);
  await page.evaluate(() => {
    document.querySelector("chat-stream")!.renderers = {
      code: {
        js: () => {
          throw new Error("no drawing");
        },
        html: () => "<b>no HTML</b>" as never,
      },
    };
  });
  await converse(page, server, "```js\nlet x;\n```\n\nAnd\n\n```html\n<i>\n```\n\nAnd\n\n```constructor\ny\n```");
  assertEquals(await page.locator(".code code").allInnerTexts(), ["let x;\n", "<i>\n", "y\n"]);
  assertEquals(faults.every((fault) => fault.includes("no drawing")) && faults.length > 0, true);
}, { mayFault: true });

browserTest("messageActions adds buttons to the messages that they apply to", async ({ page, server }) => {
  await openChat(page, server);
  await page.evaluate(() => {
    const pressed: unknown[] = [];
    Object.assign(globalThis, { pressed });
    document.querySelector("chat-stream")!.messageActions = [
      {
        id: "ticket",
        label: "Open a ticket",
        icon: "M4 8h16v8H4z",
        onAction: ({ id }) => pressed.push(["ticket", id]),
      },
      {
        id: "pin",
        label: "Pin",
        isShown: ({ type }) => type === "question",
        onAction: ({ id }) => pressed.push(["pin", id]),
      },
    ];
  });
  await converse(page, server);
  await page.getByRole("button", { name: "Open a ticket" }).click();
  await page.getByRole("button", { name: "Pin" }).press("Enter");
  assertEquals(await page.evaluate("globalThis.pressed"), [["ticket", 2], ["pin", 1]]);
  await screenshot(page, "actions");
});

browserTest("beforeSend changes a message before it is shown and sent", async ({ page, server }) => {
  await openChat(page, server);
  await page.evaluate(() => {
    document.querySelector("chat-stream")!.beforeSend = async (content) => {
      await Promise.resolve();
      return typeof content === "string" ? content.replaceAll(/\d/g, "#") : undefined;
    };
  });
  const answer = await ask(page, server, "My card is 1234");
  assertEquals(answer.request.messages, [{ role: "user", content: "My card is ####" }]);
  await page.locator(".bubble", { hasText: "My card is ####" }).waitFor();
  await page.waitForFunction(() =>
    document.querySelector("chat-stream")?.shadowRoot?.querySelector("textarea")?.value === ""
  );
});

browserTest(
  "beforeSend refuses a message, which stays in the box, and a queued and an edited one",
  async ({ page, server }) => {
    await openChat(page, server);
    await page.evaluate(() => {
      document.querySelector("chat-stream")!.beforeSend = (content) =>
        String(content).includes("secret") ? { refuse: "Please send no secrets." } : undefined;
    });
    const box = page.getByRole("textbox", { name: "Message" });
    await box.fill("my secret");
    await box.press("Enter");
    await page.locator(".refusal", { hasText: "Please send no secrets." }).waitFor();
    await page.getByRole("alert").getByText("Please send no secrets.").waitFor();
    assertEquals(await boxText(page), "my secret");
    await screenshot(page, "refusal");

    const answer = await ask(page, server, "harmless");
    assertEquals(await page.locator(".refusal").count(), 0);
    await box.fill("queued secret");
    await box.press("Enter");
    await page.locator(".queued").waitFor();
    answer.finish("Yes");
    await page.locator(".refusal").waitFor();
    assertEquals(await boxText(page), "queued secret");

    await page.getByRole("button", { name: "Edit" }).press("Enter");
    const editor = page.getByRole("textbox", { name: "Edit" });
    await editor.fill("edited secret");
    await editor.press("Enter");
    await page.locator(".refusal").waitFor();
    assertEquals(await editor.inputValue(), "edited secret");
    assertEquals(server.answers.length, 1);
  },
);

browserTest("beforeSend that fails or takes too long sends nothing", async ({ page, server, faults }) => {
  await page.clock.install();
  await openChat(page, server);
  const box = page.getByRole("textbox", { name: "Message" });
  await page.evaluate(() => {
    document.querySelector("chat-stream")!.beforeSend = () => Promise.reject(new Error("no check"));
  });
  await box.fill("Hello");
  await box.press("Enter");
  await page.locator(".refusal", { hasText: "The message could not be sent." }).waitFor();
  assertEquals(faults.map((fault) => fault.includes("no check")), [true]);
  await page.evaluate(() => {
    document.querySelector("chat-stream")!.beforeSend = (_, signal) =>
      new Promise((resolve) => signal.addEventListener("abort", () => resolve("too late")));
  });
  await box.press("Enter");
  // A second Enter starts no second check.
  await box.press("Enter");
  const missed = page.waitForEvent("pageerror");
  await page.clock.runFor(10_000);
  assertEquals(String(await missed).includes("deadline"), true);
  assertEquals(faults.length, 2);
  assertEquals(await boxText(page), "Hello");
  assertEquals(server.answers.length, 0);
}, { mayFault: true });
