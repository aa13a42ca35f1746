/**
 * What a visitor does with answers in any engine: formulas, sources, footnotes, tables, code, Continue, quotations,
 * feedback, names and times.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type {} from "../../../components/define.ts";
import { ask, boxHas, boxText, converse, type Flow, hasFocus, visit } from "./flow.ts";

export const ANSWER_FLOWS: readonly Flow[] = [
  {
    name: "shows formulas, and copies them as TeX",
    async run(test) {
      const { visitor } = test;
      await visit(test);
      await converse(test, "Let $x_1$ be **two**.\n\n$$\n\\frac{a}{b}\n$$");
      await visitor.see(".formula.display mfrac");
      const isStacked = await visitor.call((shown) => {
        const [top, bottom] = [...shown(".formula mfrac")[0]!.children].map((part) => part.getBoundingClientRect());
        return top!.bottom <= bottom!.top;
      });
      assert(isStacked);
      await visitor.select(".content p");
      await visitor.page.press("c", "Control");
      await visitor.click("#box");
      await visitor.page.press("v", "Control");
      await visitor.until(boxHas, "Let $x_1$ be two.");
    },
  },
  {
    name: "marks what cites a source, and a mark leads to the list",
    async run(test) {
      const { visitor } = test;
      await visit(test);
      const answer = await ask(test, "Who says so?");
      const citations = Array.from(
        { length: 6 },
        (_, i) => ({ title: `Page ${i + 1}`, url: `https://a.example/${i}` }),
      );
      answer.text("This is known [5].");
      answer.emit({ type: "grounding", data: { citations } });
      answer.finish();
      await visitor.see("button", "Answer again");
      assertEquals(await visitor.texts(".sources a"), []);
      await visitor.click(".mark a", "Source 5: Page 5");
      await visitor.see(".sources a", "Page 5");
      assertEquals(
        await visitor.call((shown) => {
          const [link] = shown(".sources a", "Page 5") as HTMLAnchorElement[];
          return [link!.href, link!.rel, link!.matches(":focus"), location.hash];
        }),
        ["https://a.example/4", "noopener noreferrer nofollow ugc", true, ""],
      );
    },
  },
  {
    name: "links footnotes there and back",
    async run(test) {
      const { visitor } = test;
      await visit(test);
      await converse(test, "One[^a] two[^b].\n\n[^a]: The first.\n[^b]: The *second*.");
      await visitor.see(".notes-end li", "The second.");
      await visitor.click(".mark a", "Footnote 2");
      await visitor.until((shown) => shown(".notes-end li", "The second.")[0]?.matches(":focus, :focus-within"));
      await visitor.click(".notes-end a", "Back to the text of footnote 2");
      await visitor.until(hasFocus, "Footnote 2");
    },
  },
  {
    name: "scrolls a wide table inside its frame",
    async run(test) {
      const { visitor } = test;
      await visit(test);
      const row = (text: string) => `|${` ${text} |`.repeat(20)}`;
      await converse(test, `${row("Head")}\n${row("---")}\n${row("some text")}\n`);
      await visitor.see("td");
      assertEquals(
        await visitor.call((shown) => {
          const table = shown(".table")[0]!;
          table.scrollLeft = 1e6;
          return {
            isScrolled: table.scrollLeft > 0,
            lastCell: shown("td").at(-1)!.getBoundingClientRect().right <= table.getBoundingClientRect().right + 1,
            canFocus: table.tabIndex,
            pageOverflows: document.documentElement.scrollWidth > innerWidth,
          };
        }),
        { isScrolled: true, lastCell: true, canFocus: 0, pageOverflows: false },
      );
    },
  },
  {
    name: "wraps, copies and saves code",
    async run(test) {
      const { visitor } = test;
      await visit(test);
      await converse(test, `\`\`\`python\nprint("${"word ".repeat(60)}")\n\`\`\``);
      const isCut = () => visitor.call((shown) => shown("pre").some((pre) => pre.scrollWidth > pre.clientWidth));
      await visitor.see(".code-language", "Python");
      assert(await isCut());
      await visitor.click("button", "Wrap lines");
      assert(!await isCut());
      await visitor.click(".code button", "Copy");
      await visitor.see("[data-copied]");
      await visitor.click("#box");
      await visitor.page.press("v", "Control");
      await visitor.until(boxHas, `print("${"word ".repeat(60)}")`);
      await visitor.call(() => {
        const page = globalThis as { saved?: Promise<string>; savedAs?: string };
        URL.createObjectURL = (file) => {
          page.saved = (file as Blob).text();
          return "blob:null/1";
        };
        HTMLAnchorElement.prototype.click = function () {
          page.savedAs = this.download;
        };
      });
      await visitor.click(".code button", "Download");
      assertEquals(
        await visitor.page.evaluate("globalThis.saved.then((text) => [globalThis.savedAs, text])"),
        ["code.py", `print("${"word ".repeat(60)}")\n`],
      );
    },
  },
  {
    name: "goes on with an answer that has reached its length limit",
    async run(test) {
      const { visitor, server } = test;
      await visit(test);
      const first = await ask(test, "A story");
      first.emit({ type: "text", data: "In the beginning" }, { type: "stop", data: "length" });
      first.end();
      await visitor.click("button", "Continue");
      (await server.nextAnswer()).finish(" was the word.");
      await visitor.see(".content", "In the beginning was the word.");
      await visitor.miss("button", "Continue");
      assertEquals((await visitor.texts(".content")).length, 1);
    },
  },
  {
    name: "quotes selected text in the box",
    async run(test) {
      const { visitor } = test;
      await visit(test);
      await converse(test, "The first paragraph.\n\nThe **second** one is $x^2$ today.");
      await visitor.see("math");
      await visitor.select(".content p", "The second one");
      await visitor.click("button", "Quote");
      await visitor.until(hasFocus, "box");
      assertEquals(await visitor.call(boxText), "> The second one is $x^2$ today.\n\n");
      await visitor.page.type("Why?");
      await visitor.page.press("Enter");
      await visitor.see(".quotation", "The second one");
    },
  },
  {
    name: "takes a rating and a comment",
    async run(test) {
      const { visitor } = test;
      await visit(test, { attributes: 'mode="page" feedback' });
      await visitor.call(() => {
        const seen: unknown[] = [];
        Object.assign(globalThis, { seen });
        document.addEventListener("chat-feedback", ({ rating, comment }) => seen.push([rating, comment]));
      });
      await converse(test, "An answer");
      await visitor.click("button", "Bad answer");
      await visitor.see(".comment textarea");
      await visitor.click(".comment textarea");
      await visitor.page.type("Too short");
      await visitor.click(".comment button", "Send");
      await visitor.see("article", "Thank you for your feedback.");
      assertEquals(await visitor.page.evaluate("globalThis.seen"), [["down", ""], ["down", "Too short"]]);
    },
  },
  {
    name: "names both speakers, and shows the time of a message under the mouse",
    async run(test) {
      const { visitor } = test;
      await visit(test, {
        attributes: 'mode="page" assistant-name="Skerry" user-name="Ada" user-avatar="/favicon.svg"',
      });
      await converse(test, "An answer");
      assertEquals(await visitor.texts(".byline .name"), ["Ada", "Skerry"]);
      await visitor.until((shown) => shown("img.avatar").some((image) => (image as HTMLImageElement).naturalWidth > 0));
      await visitor.hover(".answer .content");
      await visitor.until((shown) => shown(".answer time").some((time) => getComputedStyle(time).opacity === "1"));
    },
  },
];
