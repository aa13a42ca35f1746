import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { browserTest, screenshot } from "./browser.ts";
import type { FakeChatServer } from "./fake_chat_server.ts";
import { HOST_STYLES } from "./host_styles.ts";

/** The page's right: where the element is and how large. Corners are square, as browsers round curves by chance. */
const LAYOUT = `
  chat-stream { display: block; position: fixed; inset: 0 auto auto 0; inline-size: 600px; block-size: 760px;
    --chat-stream-font: "Liberation Sans", Arial, sans-serif; --chat-stream-font-mono: "Liberation Mono", monospace }
  chat-stream[mode="launcher"] { inset: auto 20px 20px auto; inline-size: auto; block-size: auto }`;

const ANSWER = `A **sequence** of [chunks](https://streams.example/) with \`code\`.

1. First
2. Second

| Kind | Call |
|---|---|
| Readable | \`read()\` |

\`\`\`text
one();
\`\`\`

> Slowly.

![A picture](https://pictures.example/a.png)`;

const CALL = { id: "call", type: "function", function: { name: "get_weather", arguments: "{}" } };
const ERROR = { type: "RateLimitExceeded", message: "Too many requests" };

/** Shows a conversation with every kind of content, a draft that has the focus, and selected text. */
async function showAll(page: Page): Promise<void> {
  const entries = [
    { type: "question", id: 1, content: "What is a stream?" },
    {
      type: "answer",
      id: 2,
      parent: 1,
      status: "done",
      answer: { text: ANSWER, reasoning: "Simply.", tool_calls: [CALL], stop: "stop" },
      results: { call: { status: "done", content: "rain" } },
    },
    { type: "question", id: 3, parent: 2, content: "And now?" },
    { type: "answer", id: 4, parent: 3, status: "failed", answer: { text: "", error: ERROR } },
  ];
  await page.locator("chat-stream").evaluate(async (element, state) => {
    await customElements.whenDefined("chat-stream");
    (element as HTMLElement & { load(state: unknown): void }).load(state);
  }, { entries, leaf: 4, nextId: 5 });
  await page.getByRole("button", { name: "Retry" }).waitFor();
  await page.getByRole("textbox", { name: "Message" }).fill("A draft");
  await page.waitForFunction(() => {
    const log = document.querySelector("chat-stream")?.shadowRoot?.querySelector(".log");
    return log && log.scrollTop > 0 && log.scrollTop + log.clientHeight >= log.scrollHeight - 1;
  });
}

async function open(page: Page, server: FakeChatServer, attributes: string, css: string): Promise<void> {
  server.file("/host.css", css + LAYOUT);
  server.page(
    "/",
    `<!doctype html><html lang="en"><title>Host</title><link rel="stylesheet" href="/host.css">
    <script type="module" src="/chat-stream.js"></script>
    <body><chat-stream smoothing="off" ${attributes}></chat-stream></body></html>`,
  );
  await page.goto(server.origin);
}

/** So many pixels on the curve of an icon may differ: browsers smooth it by chance. A moved letter changes more. */
const CURVE_PIXELS = 24;

/** The number of pixels that differ between two PNG files. A difference of 3 in 255 is rounding. */
async function countChanged(page: Page, before: string, after: string): Promise<number> {
  return await page.evaluate(async (files) => {
    const read = async (file: string) => {
      const image = new Image();
      image.src = `data:image/png;base64,${file}`;
      await image.decode();
      const canvas = new OffscreenCanvas(image.width, image.height).getContext(
        "2d",
      ) as OffscreenCanvasRenderingContext2D;
      canvas.drawImage(image, 0, 0);
      return canvas.getImageData(0, 0, image.width, image.height);
    };
    const [one, other] = await Promise.all(files.map(read)) as [ImageData, ImageData];
    if (one.width !== other.width || one.height !== other.height) return Infinity;
    const pixels = new Set<number>();
    for (const [index, value] of one.data.entries()) {
      if (Math.abs(value - (other.data[index] as number)) > 3) pixels.add(index >> 2);
    }
    return pixels.size;
  }, [before, after]);
}

for (const [mode, attributes] of [["inline", ""], ["launcher", 'mode="launcher" opened']] as const) {
  browserTest(`chat-stream looks the same under the style sheets of host pages (${mode})`, async ({ page, server }) => {
    const look = async (css: string, name: string): Promise<string> => {
      await open(page, server, attributes, `${css} chat-stream { --chat-stream-radius: 0 }`);
      await showAll(page);
      await screenshot(page, `host-${mode}-${name}`);
      return (await page.locator(".panel").screenshot({ animations: "disabled" })).toBase64();
    };
    const alone = await look("", "alone");
    const changed = [];
    for (const [name, css] of Object.entries(HOST_STYLES)) {
      const pixels = await countChanged(page, alone, await look(css, name));
      if (pixels > CURVE_PIXELS) changed.push(`${name}: ${pixels} pixels`);
    }
    assertEquals(changed, []);
  }, { reducedMotion: "reduce" });
}

/** The lengths that make the rhythm of the page, for each element inside. */
const LENGTHS = [
  ...[
    "fontSize",
    "lineHeight",
    "paddingTop",
    "paddingLeft",
    "marginTop",
    "columnGap",
  ],
  ...["borderTopLeftRadius", "borderBottomRightRadius"],
];

function lengthsInside(page: Page): Promise<[string, string[]][]> {
  return page.locator("chat-stream").evaluate(
    (element, names) =>
      [...element.shadowRoot!.querySelectorAll("*")].map((inner) => {
        const style = getComputedStyle(inner) as unknown as Record<string, string>;
        return [
          `${inner.localName}.${inner.getAttribute("class")}`,
          names.map((name) => style[name] as string),
        ] as const;
      }),
    LENGTHS,
  ) as Promise<[string, string[]][]>;
}

browserTest("chat-stream takes every length from --chat-stream-font-size", async ({ page, server }) => {
  const read = async (size: number) => {
    const css = `chat-stream { --chat-stream-font-size: ${size}px !important; inline-size: 30em !important;
      --chat-stream-height: 40em; block-size: var(--chat-stream-height) !important }`;
    await open(page, server, "", css);
    await showAll(page);
    return await lengthsInside(page);
  };
  const [normal, twice] = [await read(10), await read(20)];
  assertEquals(twice.length, normal.length);
  for (const [index, [name, lengths]] of normal.entries()) {
    for (const [which, length] of lengths.entries()) {
      const [before, after] = [parseFloat(length), parseFloat(twice[index]![1][which]!)];
      const isDouble = Number.isNaN(before) ? Number.isNaN(after) : Math.abs(after - 2 * before) < 0.5;
      assert(isDouble, `${name}: ${LENGTHS[which]} is ${before} px, and ${after} px at twice the size`);
    }
  }
});

browserTest("chat-stream has no round corner with --chat-stream-radius: 0", async ({ page, server }) => {
  await open(page, server, 'mode="launcher" opened attachments', "chat-stream { --chat-stream-radius: 0 }");
  await showAll(page);
  const round = await page.locator("chat-stream").evaluate((element) =>
    [...element.shadowRoot!.querySelectorAll("*")].filter((inner) =>
      !/^(0px ?)+$/.test(getComputedStyle(inner).borderRadius)
    )
      .map((inner) => `${inner.localName}.${inner.getAttribute("class")}`)
  );
  assertEquals(round, []);
});

browserTest("chat-stream takes the direction from its `dir`, or else from the page", async ({ page, server }) => {
  const isRightToLeft = async (page_: string, element: string): Promise<boolean> => {
    server.page(
      "/",
      `<!doctype html><html lang="en" dir="${page_}"><title>Host</title>
      <script type="module" src="/chat-stream.js"></script><chat-stream dir="${element}"></chat-stream>`,
    );
    await page.goto(server.origin);
    const box = await page.getByRole("textbox", { name: "Message" }).boundingBox();
    const button = await page.getByRole("button", { name: "Send" }).boundingBox();
    return button!.x < box!.x;
  };
  assertEquals(await isRightToLeft("ltr", "rtl"), true);
  assertEquals(await isRightToLeft("rtl", ""), true);
  assertEquals(await isRightToLeft("rtl", "ltr"), false);
  assertEquals(await isRightToLeft("ltr", ""), false);
});

browserTest(
  "chat-stream keeps the base size of the visitor's browser on a page with another",
  async ({ page, server }) => {
    await open(page, server, "", "html { font-size: 62.5% } body { font: 9px monospace }");
    const size = await page.locator(".log").evaluate((log) => getComputedStyle(log).fontSize);
    assertEquals(size, "16px");
  },
);

browserTest("chat-stream is hidden with its page's parent", async ({ page, server }) => {
  await open(page, server, "", "body { visibility: hidden }");
  await page.getByRole("textbox", { name: "Message", includeHidden: true }).waitFor({ state: "hidden" });
  assertEquals(await page.locator(".log").evaluate((log) => getComputedStyle(log).visibility), "hidden");
});
