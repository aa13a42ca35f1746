/**
 * What a visitor does around a conversation in any engine: files, suggestions, the queue, the choice of a model, and the
 * launcher's messages and sizes.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { ask, boxHas, boxText, converse, type Flow, hasFocus, visit } from "./flow.ts";

export const VISITOR_FLOWS: readonly Flow[] = [
  {
    name: "sends files that were picked and pasted",
    async run(test) {
      const { visitor, server } = test;
      await visit(test, { attributes: 'mode="page" attachments' });
      await visitor.until(() =>
        document.querySelector("chat-stream")?.shadowRoot?.querySelector("[type=file]") != null
      );
      await visitor.call(() => {
        const picked = new DataTransfer();
        picked.items.add(new File(["Some words."], "notes.txt", { type: "text/plain" }));
        const input = document.querySelector("chat-stream")!.shadowRoot!.querySelector<HTMLInputElement>(
          "[type=file]",
        )!;
        input.files = picked.files;
        input.dispatchEvent(new Event("change", { bubbles: true }));
      });
      await visitor.see(".composer .file", "notes.txt");
      await visitor.call(async (shown) => {
        const canvas = document.createElement("canvas");
        canvas.getContext("2d")?.fillRect(0, 0, 300, 150);
        const picture = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve));
        const clipboardData = new DataTransfer();
        clipboardData.items.add(new File([picture as Blob], "image.png", { type: "image/png" }));
        const event = new ClipboardEvent("paste", { bubbles: true, composed: true, cancelable: true });
        // The clipboard of Firefox without a window has no pictures, and its constructor takes no files.
        Object.defineProperty(event, "clipboardData", { value: clipboardData });
        shown("#box")[0]!.dispatchEvent(event);
      });
      await visitor.until((shown) =>
        shown(".composer img.file-mark").some((image) => (image as HTMLImageElement).naturalWidth > 0)
      );
      await visitor.click("#box");
      await visitor.page.type("What is this?");
      await visitor.click("button:enabled", "Send");
      const [message] = (await server.nextAnswer()).request.messages;
      assert(Array.isArray(message?.content));
      assertEquals(message.content.map(({ type }) => type), ["text", "text", "image_url"]);
      assert(message.content[2].image_url.url.startsWith("data:image/jpeg;base64,"));
      assertEquals(message.content[1].text, "notes.txt:\n```\nSome words.\n```");
      await visitor.see(".sent .file", "notes.txt");
      await visitor.see(".sent img");
    },
  },
  {
    name: "sends a suggested question",
    async run(test) {
      const { visitor, server } = test;
      await visit(test, { attributes: `mode="page" suggestions='["Why?","How so?"]'` });
      await converse(test, "Because");
      await visitor.click(".suggestions button", "How so?");
      const second = await server.nextAnswer();
      assertEquals(second.request.messages.at(-1), { role: "user", content: "How so?" });
      await visitor.miss(".suggestions");
    },
  },
  {
    name: "queues a message while an answer streams, and gives it back",
    async run(test) {
      const { visitor, server } = test;
      await visit(test);
      const first = await ask(test, "First question");
      first.text("It begins");
      await visitor.see(".content", "It begins");
      await visitor.send("Later");
      await visitor.see(".queued", "Later");
      assertEquals(await visitor.call(boxText), "");
      await visitor.click(".queued button", "Edit");
      await visitor.miss(".queued");
      await visitor.until(boxHas, "Later");
      await visitor.until(hasFocus, "box");
      await visitor.page.type(", please");
      await visitor.page.press("Enter");
      await visitor.see(".queued", "Later, please");
      first.finish();
      const second = await server.nextAnswer();
      assertEquals(second.request.messages.at(-1), { role: "user", content: "Later, please" });
      await visitor.miss(".queued");
    },
  },
  {
    name: "requests the model that the visitor chooses",
    async run(test) {
      const { visitor, server } = test;
      server.models = { defaultModel: "small", models: [{ id: "small" }, { id: "large" }] };
      await visit(test, { attributes: 'mode="page" models' });
      await visitor.see("select", "small");
      // The open list belongs to the desktop: no driver reaches it in every engine.
      await visitor.call((shown) => {
        const list = shown("select")[0] as HTMLSelectElement;
        list.value = "large";
        list.dispatchEvent(new Event("change", { bubbles: true }));
      });
      const answer = await ask(test, "A question");
      assertEquals(answer.request.model, "large");
    },
  },
  {
    name: "shows the launcher's teaser as the greeting, and counts unread answers",
    async run(test) {
      const { visitor, server } = test;
      const attributes = 'mode="launcher" heading="Help desk" teaser="Questions?" teaser-delay="0.01"';
      await visit(test, { attributes, body: "<h1>Shop</h1>" });
      await visitor.click(".teaser button", "Questions?");
      await visitor.see("[part=panel]", "Questions?");
      await visitor.miss(".teaser");
      await visitor.send("Where is my parcel?");
      const answer = await server.nextAnswer();
      answer.text("On its");
      await visitor.see(".content", "On its");
      await visitor.click("button", "Close");
      await visitor.miss("textarea");
      answer.finish(" way.");
      await visitor.see("button", "Help desk, unread answers: 1");
      await visitor.click("button", "Help desk, unread answers: 1");
      await visitor.see(".content", "On its way.");
      await visitor.miss("button", "unread");
    },
  },
  {
    name: "enlarges the launcher's panel, and opens it again after a reload",
    async run(test) {
      const { visitor, server } = test;
      await visit(test, { attributes: 'mode="launcher" heading="Help desk" persist="session"' });
      await visitor.click("button", "Help desk");
      await visitor.until(hasFocus, "box");
      const width = () => visitor.call((shown) => shown("[part=panel]")[0]!.offsetWidth);
      const narrow = await width();
      await visitor.click("button", "Enlarge");
      await visitor.see("button", "Make smaller");
      assert(await width() > narrow * 1.5);
      await visitor.page.open(server.origin);
      await visitor.see("button", "Make smaller");
      assert(await width() > narrow * 1.5);
    },
  },
];
