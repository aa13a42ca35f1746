import { assertEquals } from "@std/assert";
import { browserTest } from "./browser.ts";

browserTest("Composer inserts a line break on Shift+Enter and sends both lines on Enter", async ({ page, server }) => {
  await page.goto(server.origin);
  const box = page.getByRole("textbox", { name: "Message" });
  await box.focus();
  await page.keyboard.type("one");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("two");
  await page.keyboard.press("Enter");
  assertEquals((await server.nextAnswer()).request.messages, [{ role: "user", content: "one\ntwo" }]);
});

/** The events of an Enter that accepts an input method's suggestion, in the order of two browsers. */
const COMPOSITIONS: readonly [string, readonly string[]][] = [
  ["Chrome", ["compositionstart", "keydown composing", "compositionend"]],
  ["Safari", ["compositionstart", "compositionend", "keydown"]],
];
for (const [name, events] of COMPOSITIONS) {
  browserTest(
    `Composer does not send on the Enter of an input method, in ${name}'s order`,
    async ({ page, server }) => {
      await page.goto(server.origin);
      const box = page.getByRole("textbox", { name: "Message" });
      await box.fill("にほん");
      const prevented = await box.evaluate((element, events) =>
        events.map((name) => {
          const [type, composing] = name.split(" ");
          const init = { bubbles: true, composed: true, cancelable: true };
          return !element.dispatchEvent(
            type === "keydown"
              ? new KeyboardEvent(type, { ...init, key: "Enter", isComposing: composing === "composing" })
              : new CompositionEvent(type as string, init),
          );
        }), events);
      assertEquals(prevented.includes(true), false);
      assertEquals(server.answers.length, 0);
      // The next Enter sends.
      await box.press("Enter");
      assertEquals((await server.nextAnswer()).request.messages, [{ role: "user", content: "にほん" }]);
    },
  );
}

browserTest("Composer stops key events before they reach the page's shortcuts", async ({ page, server }) => {
  server.file("/shortcuts.js", "window.seen = []; document.addEventListener('keydown', (e) => seen.push(e.key));");
  server.page(
    "/",
    `<!doctype html><script src="/shortcuts.js"></script>
    <script type="module" src="/chat-stream.js"></script><chat-stream></chat-stream>`,
  );
  await page.goto(server.origin);
  await page.getByRole("textbox", { name: "Message" }).pressSequentially("/?k");
  assertEquals(await page.evaluate("window.seen"), []);
});
