/**
 * The core flows, as a visitor of any engine goes through them: send, stream, stop, edit, resume, keyboard, launcher,
 * Markdown, right to left.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { ask, type Flow, focused, hasFocus, visit } from "./flow.ts";
import type { Shown } from "./visitor.ts";

export const CORE_FLOWS: readonly Flow[] = [
  {
    name: "sends a question and shows its answer while it streams",
    async run(test) {
      const { visitor, server } = test;
      await visit(test);
      const first = await ask(test, "Was ist ein Strom? 👋");
      assertEquals(first.request.messages, [{ role: "user", content: "Was ist ein Strom? 👋" }]);
      await visitor.see(".typing");
      first.emit({ type: "reasoning", data: "The visitor asks about streams." });
      await visitor.see("summary", "Thinking");
      first.text("A sequence of ");
      await visitor.see(".content", "A sequence of");
      await visitor.see("button", "Stop");
      first.finish("chunks.");
      await visitor.see(".content", "A sequence of chunks.");
      await visitor.see("button", "Answer again");

      await visitor.click("textarea");
      await visitor.page.type("And then?");
      await visitor.click("button", "Send");
      const second = await server.nextAnswer();
      assertEquals(second.request.messages.map(({ role }) => role), ["user", "assistant", "user"]);
      second.finish("It ends.");
      await visitor.see(".content", "It ends.");
      assertEquals(await visitor.texts(".content"), ["A sequence of chunks.", "It ends."]);
      assertEquals(
        await visitor.page.evaluate("document.documentElement.scrollHeight - innerHeight"),
        0,
        "The page scrolls around a chat that fills the window",
      );
    },
  },
  {
    name: "stops an answer and keeps what has arrived",
    async run(test) {
      const { visitor } = test;
      await visit(test);
      const clicked = await ask(test, "Count");
      clicked.text("One, two");
      await visitor.see(".content", "One, two");
      await visitor.click("button", "Stop");
      await clicked.left;
      await visitor.see(".notes", "Stopped");
      await visitor.see("button", "Send");
      assertEquals(await visitor.texts(".content"), ["One, two"]);

      const pressed = await ask(test, "Once more");
      await visitor.page.press("Escape");
      await pressed.left;
    },
  },
  {
    name: "sends an edited question and keeps the old version",
    async run(test) {
      const { visitor, server } = test;
      await visit(test);
      (await ask(test, "First question")).finish("First answer");
      await visitor.click("button", "Edit");
      await visitor.see(".editor textarea");
      await visitor.until(hasFocus, "Edit");
      await visitor.page.type(", better");
      await visitor.click(".editor button", "Send");
      const second = await server.nextAnswer();
      assertEquals(second.request.messages, [{ role: "user", content: "First question, better" }]);
      second.finish("Better answer");
      await visitor.see(".content", "Better answer");
      await visitor.click("button", "Earlier version");
      await visitor.see(".content", "First answer");
    },
  },
  {
    name: "goes on with its answer when the connection was lost, and after a reload",
    async run(test) {
      const { visitor, server } = test;
      await visit(test, { attributes: 'mode="page" persist="session"' });
      const answer = await ask(test, "Tell me");
      answer.text("Half ");
      await visitor.see(".content", "Half");
      answer.drop();
      await answer.resumed();
      answer.text("an ans");
      await visitor.see(".content", "Half an ans");
      await visitor.page.open(server.origin);
      await visitor.see(".content", "Half an ans");
      answer.finish("wer.");
      await visitor.see(".content", "Half an answer.");
      await visitor.see("button", "Send");
      assertEquals(server.answers.length, 1);
    },
  },
  {
    name: "is used with the keyboard alone",
    async run(test) {
      const { visitor, server } = test;
      await visit(test, { body: '<a href="/page.css">Before</a>' });
      await visitor.see("textarea");
      for (let presses = 0; await visitor.call(focused) !== "box"; presses++) {
        assert(presses < 10, `Tab does not reach the box, but ${await visitor.call(focused)}`);
        await visitor.page.press("Tab");
      }
      await visitor.page.type("First line");
      await visitor.page.press("Enter", "Shift");
      await visitor.page.type("second line");
      await visitor.page.press("Enter");
      const answer = await server.nextAnswer();
      assertEquals(answer.request.messages, [{ role: "user", content: "First line\nsecond line" }]);
      answer.finish("An answer");
      await visitor.see("button", "Answer again");
      await visitor.until(hasFocus, "box");
      for (let presses = 0; await visitor.call(focused) !== "Answer again"; presses++) {
        assert(presses < 10, `Shift+Tab does not reach the action, but ${await visitor.call(focused)}`);
        await visitor.page.press("Tab", "Shift");
      }
      await visitor.page.press("Enter");
      (await server.nextAnswer()).finish("Another answer");
      await visitor.see(".content", "Another answer");
    },
  },
  {
    name: "opens from its launcher, and gives the focus back when it closes",
    async run(test) {
      const { visitor, server } = test;
      await visit(test, { attributes: 'mode="launcher" heading="Help desk"', body: "<h1>Shop</h1>" });
      await visitor.click("button", "Help desk");
      await visitor.until(hasFocus, "box");
      await visitor.page.type("Where is my parcel?");
      await visitor.page.press("Enter");
      (await server.nextAnswer()).finish("On its way.");
      await visitor.see(".content", "On its way.");
      // Until the answer has ended, Escape stops it.
      await visitor.see("button", "Answer again");
      await visitor.page.press("Escape");
      await visitor.miss("textarea");
      await visitor.until(hasFocus, "Help desk");
      await visitor.page.press("Enter");
      await visitor.see(".content", "On its way.");
      await visitor.click("button", "Close");
      await visitor.miss("textarea");
    },
  },
  {
    name: "shows Markdown while it streams, and runs nothing that is in it",
    async run(test) {
      const { visitor } = test;
      await visit(test);
      const answer = await ask(test, "Show me");
      answer.text("## Title\n\nSome **bold", "** text and [a link](https://example.org/a).\n\n- one\n- two\n\n");
      await visitor.see("strong", "bold");
      answer.text("| A | B |\n|---|--:|\n| 1 | 2 |\n\n```js\nconst a = 1; // a", " comment\n```\n\n");
      await visitor.see("pre", "// a comment");
      answer.finish('<img src=x onerror="globalThis.hacked = 1"> [bad](javascript:alert(1))\n\nThe end.');
      await visitor.see(".content", "The end.");
      await visitor.see("button", "Answer again");
      assertEquals(
        await visitor.call((shown) => ({
          heading: shown(".content h1, .content h2, .content h3, .content [role=heading]").map((it) => it.innerText),
          items: shown(".content li").map((item) => item.innerText.trim()),
          cells: shown(".content td").map((cell) => cell.innerText),
          links: shown(".content a").map((link) => (link as HTMLAnchorElement).href),
          images: shown(".content img").length,
          hacked: "hacked" in globalThis,
        })),
        {
          heading: ["Title"],
          items: ["one", "two"],
          cells: ["1", "2"],
          links: ["https://example.org/a"],
          images: 0,
          hacked: false,
        },
      );
    },
  },
  {
    name: "is mirrored in a page from right to left, and texts keep their own direction",
    async run(test) {
      const { visitor, server } = test;
      await visit(test, { root: 'lang="ar" dir="rtl"' });
      const boxDirection = (shown: Shown, wanted: string) =>
        shown("#box").some((box) => getComputedStyle(box).direction === wanted);
      await visitor.until(boxDirection, "rtl");
      await visitor.click("#box");
      await visitor.page.type("An English question");
      await visitor.until(boxDirection, "ltr");
      await visitor.page.press("Enter");
      (await server.nextAnswer()).finish("نعم");
      await visitor.see(".content", "نعم");
      const answer = await ask(test, "ما هو البث؟");
      answer.finish("البث هو نقل البيانات.\n\nAn English paragraph.\n\n- عنصر");
      await visitor.see(".content", "An English paragraph.");
      await visitor.see(".content li", "عنصر");
      assertEquals(
        await visitor.call((shown) => {
          const middle = (selector: string) => {
            const { x, width } = shown(selector)[0]!.getBoundingClientRect();
            return x + width / 2;
          };
          const [arabic, english] = shown(".content p").slice(-2).map((paragraph) =>
            getComputedStyle(paragraph).direction
          );
          const heading = shown("[part=title]")[0]!.getBoundingClientRect();
          return {
            buttonIsLeftOfBox: middle("[part=send-button]") < middle("textarea"),
            headingIsOnTheRight: heading.right > innerWidth / 2,
            arabic,
            english,
            overflows: document.documentElement.scrollWidth > innerWidth,
          };
        }),
        { buttonIsLeftOfBox: true, headingIsOnTheRight: true, arabic: "rtl", english: "ltr", overflows: false },
      );
    },
  },
];
