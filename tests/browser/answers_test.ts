import { assertEquals } from "@std/assert";
import type {} from "../../components/define.ts";
import { browserTest } from "./browser.ts";

const CITATIONS = [
  { title: "The standard", url: "https://html.spec.example/sse" },
  { title: "A guide", url: "https://guide.example/" },
];

browserTest(
  "chat-stream shows formulas, code and sources of an answer under a strict policy",
  async ({ page, server }) => {
    await page.goto(server.origin);
    const box = page.getByRole("textbox", { name: "Message" });
    await box.fill("Show me");
    await box.press("Enter");
    const answer = await server.nextAnswer();
    const text =
      "Let $x_1$ be two.\n\n$$\n\\cancel{a} \\boxed{b} \\color{red} c\n$$\n\n```ts\nlet a;\n```\n\nSo it is.";
    answer.text(text);
    await page.locator("math").nth(1).waitFor();
    answer.emit({
      type: "grounding",
      data: { citations: CITATIONS, marks: [{ end: text.indexOf(" be two"), citations: [1] }] },
    });
    answer.finish();
    await page.getByRole("link", { name: "Source 2: A guide" }).waitFor();
    assertEquals(await page.locator(".content p").first().locator(".mark").innerText(), "2");
    await page.getByText("TypeScript").waitFor();
    await page.getByRole("link", { name: "The standard" }).waitFor();
  },
);

browserTest("chat-stream keeps the sources of a stored answer after a reload", async ({ page, server }) => {
  server.page(
    "/kept",
    `<!doctype html><html lang=en><title>x</title><chat-stream persist=session></chat-stream>
    <script type=module src=/chat-stream.js></script>`,
  );
  await page.goto(`${server.origin}/kept`);
  const box = page.getByRole("textbox", { name: "Message" });
  await box.fill("Cite");
  await box.press("Enter");
  const answer = await server.nextAnswer();
  answer.emit({ type: "grounding", data: { citations: CITATIONS } });
  answer.finish("It is so [1].");
  await page.getByRole("link", { name: "Source 1: The standard" }).waitFor();
  await page.reload();
  await page.getByRole("link", { name: "Source 1: The standard" }).waitFor();
});

browserTest("chat-stream shows the TeX of a formula while its renderer cannot be loaded", async ({ page, server }) => {
  await page.route("**/assets/math-*.js", (route) => route.abort());
  await page.goto(server.origin);
  const box = page.getByRole("textbox", { name: "Message" });
  await box.fill("Formula");
  await box.press("Enter");
  (await server.nextAnswer()).finish("It is $x_1$ here.");
  await page.locator('.log[aria-busy="false"]').waitFor();
  assertEquals(await page.locator(".content p").innerText(), "It is x_1 here.");
});

browserTest(
  "chat-stream shows code, tables and images as text while their module cannot be loaded",
  async ({ page, server }) => {
    let requests = 0;
    await page.route("**/assets/markdown_extras-*.js", (route) => {
      requests++;
      return route.abort();
    });
    await page.goto(server.origin);
    const box = page.getByRole("textbox", { name: "Message" });
    await box.fill("Everything");
    await box.press("Enter");
    const answer = await server.nextAnswer();
    answer.emit({ type: "grounding", data: { citations: CITATIONS } });
    const text =
      "![A plan](https://a.example/b.png) and[^1].\n\n| a | b |\n|---|---|\n| c | d |\n\n[^1]: Note.\n\n```ts\nlet e;\n";
    for (const chunk of text.match(/[^]{1,9}/g) ?? []) answer.text(chunk);
    answer.finish("```\n");
    await page.locator('.log[aria-busy="false"]').waitFor();
    const shown = (await page.locator(".content").innerText()).replace(/\s+/g, " ").trim();
    assertEquals(shown, "A plan and[^1]. a | b c | d Note. let e;");
    // Not one for each frame.
    assertEquals(requests <= 2, true);
  },
);

browserTest("chat-stream copies an answer with its TeX as Markdown", async ({ page, server }) => {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto(server.origin);
  const box = page.getByRole("textbox", { name: "Message" });
  await box.fill("Formula");
  await box.press("Enter");
  (await server.nextAnswer()).finish("So \\(x_1\\) and $$y$$.");
  await page.locator("math").nth(1).waitFor();
  await page.locator(".answer .actions").getByRole("button", { name: "Copy" }).click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  assertEquals(await page.evaluate(() => navigator.clipboard.readText()), "So \\(x_1\\) and $$y$$.");
});

browserTest("chat-stream cuts a long heading with an ellipsis", async ({ page, server }) => {
  server.page(
    "/long",
    `<!doctype html><html lang=en><title>x</title><chat-stream heading="${"Long heading ".repeat(20)}"></chat-stream>
    <script type=module src=/chat-stream.js></script>`,
  );
  await page.setViewportSize({ width: 390, height: 800 });
  await page.goto(`${server.origin}/long`);
  const found = await page.locator(".title > span").evaluate((title) => [
    title.scrollWidth > title.clientWidth,
    getComputedStyle(title).textOverflow,
  ]);
  assertEquals(found, [true, "ellipsis"]);
});

browserTest("chat-stream names the images of an answer, also in its copy", async ({ page, server }) => {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto(server.origin);
  const box = page.getByRole("textbox", { name: "Message" });
  await box.fill("Draw");
  await box.press("Enter");
  const answer = await server.nextAnswer();
  const pixel = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";
  const image = { type: "base64_image", data: `data:image/gif;base64,${pixel}` } as const;
  answer.emit(image, image);
  answer.finish("Two pixels.");
  await page.getByRole("img", { name: "Image from the assistant 2", exact: true }).waitFor();
  await page.locator(".answer .actions").getByRole("button", { name: "Copy" }).click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  assertEquals(
    await page.evaluate(() => navigator.clipboard.readText()),
    "Two pixels.\n\n- Image from the assistant 1\n- Image from the assistant 2",
  );
});
