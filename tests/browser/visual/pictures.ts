/**
 * The pictures that are compared with their baselines: a page with a conversation in every setting of the visitor's
 * system, the launcher, and every figure of the gallery. All text is in fonts that the tests bring along.
 * @module
 */
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import type {} from "../../../components/define.ts";
import { FakeChatServer, PAGE_POLICY } from "../fake_chat_server.ts";
import { readFont } from "./read_font.ts";

/** A picture: its name, which is its file's, and its pixels as a PNG. */
export interface Picture {
  readonly name: string;
  readonly png: Uint8Array;
}

/** What differs between the pictures of a page. */
interface Setting extends BrowserContextOptions {
  /** The attributes of the element. */
  readonly attributes?: string;
  /** The attributes of the page. */
  readonly root?: string;
  /** What the element loads. */
  readonly conversation?: object;
  /** Brings the page into its state, in place of a conversation. */
  readonly prepare?: (page: Page) => Promise<void>;
  /** True while a request is open. */
  readonly isAnswering?: boolean;
}

/** The fonts, which have all letters of the pictures, and the weights that are used. */
const FONTS = ["sans-latin-400-normal", "sans-latin-400-italic", "sans-latin-700-normal", "mono-latin-400-normal"];
/** Every font of the pages is one of these. A theme's own would be another one on each machine. */
const STYLE = `
${
  FONTS.map((font) => {
    const [family, , weight, style] = font.split("-");
    return `@font-face { font-family: "Test ${family}"; font-weight: ${weight}; font-style: ${style}; src: url("/${font}.woff2"); }`;
  }).join("\n")
}
body, .gallery { font-family: "Test sans" !important; }
chat-stream { --chat-stream-font: "Test sans" !important; --chat-stream-font-mono: "Test mono" !important; }
chat-stream.terminal { --chat-stream-font: "Test mono" !important; }
h1 { margin: 0; padding: 1rem; }
`;
const POLICY = `${PAGE_POLICY}; font-src 'self'`;

const RICH = `Server-sent events are **plain HTTP**. The server keeps the response open, and \`EventSource\` reads it.

## Three rules

1. An event is *a few lines* and a blank one.
2. The last one says how the stream ended.

| Event | Ends the stream |
|---|:--:|
| \`text\` | no |
| \`stop\` | yes |

\`\`\`js
for await (const event of events) show(event.data); // as it comes
\`\`\`

> More in the [standard](https://html.spec.whatwg.org/).`;

const CONVERSATION = {
  entries: [
    { type: "question", id: 1, content: "How does a stream of events work?" },
    {
      type: "answer",
      id: 2,
      parent: 1,
      status: "done",
      answer: { text: RICH, reasoning: "Rules first.", stop: "stop" },
    },
    { type: "question", id: 3, parent: 2, content: "And when the connection breaks?" },
    {
      type: "answer",
      id: 4,
      parent: 3,
      status: "failed",
      answer: {
        text: "What has arrived stays.",
        error: { type: "StreamChunkError", message: "Broken", body: { reason: "unexpected_end" } },
      },
    },
  ],
  leaf: 4,
  nextId: 5,
};
const ARABIC = {
  entries: [
    { type: "question", id: 1, content: "ما هو البث؟" },
    {
      type: "answer",
      id: 2,
      parent: 1,
      status: "done",
      answer: { text: "البث **سلسلة** من الأجزاء:\n\n- تقرأها\n- أو توقفها\n\nAn English paragraph.", stop: "stop" },
    },
  ],
  leaf: 2,
  nextId: 3,
};

const WINDOW = { width: 640, height: 860 };
const LAUNCHER = { attributes: 'mode="launcher" heading="Help desk"', viewport: { width: 640, height: 700 } } as const;
const PHONE = { viewport: { width: 390, height: 780 }, isMobile: true, hasTouch: true } as const;

async function waitForLauncher(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Help desk" }).waitFor();
}

async function openLauncher(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Help desk" }).click();
  await page.getByRole("textbox").waitFor();
}

/** Sends a question that is not answered. */
async function ask(page: Page): Promise<void> {
  await page.getByRole("textbox").fill("Is anybody there?");
  await page.keyboard.press("Enter");
  await page.locator(".typing").waitFor();
}

/** The pages by the names of their pictures. */
const PAGES: Readonly<Record<string, Setting>> = {
  "light": { colorScheme: "light" },
  "dark": { colorScheme: "dark" },
  "phone": { ...PHONE, colorScheme: "light" },
  "phone-dark": { ...PHONE, colorScheme: "dark" },
  "right-to-left": { root: 'lang="ar" dir="rtl"', conversation: ARABIC },
  // A window of 800 × 1200 at 200 %.
  "zoom-200": { viewport: { width: 400, height: 600 }, deviceScaleFactor: 2 },
  "forced-colors": { forcedColors: "active" },
  "forced-colors-dark": { forcedColors: "active", colorScheme: "dark" },
  "waiting": { prepare: ask, isAnswering: true },
  "reduced-motion": { prepare: ask, isAnswering: true, reducedMotion: "reduce" },
  "launcher-closed": { ...LAUNCHER, prepare: waitForLauncher },
  "launcher-open": { ...LAUNCHER, prepare: openLauncher },
  "launcher-phone": { ...LAUNCHER, ...PHONE, prepare: openLauncher },
};

/** The figures of the gallery whose letters are not in the fonts of the tests. */
const OTHER_LETTERS = ["Japanese", "Formulas, sources and notes"];

/** The names of the pictures of pages. */
export const PAGE_NAMES: readonly string[] = Object.keys(PAGES);

/** Takes the picture of a page. @param style more rules for it */
export async function takePage(browser: Browser, name: string, style = ""): Promise<Picture> {
  const {
    attributes = 'mode="page"',
    root = 'lang="en"',
    conversation = CONVERSATION,
    prepare,
    isAnswering,
    ...options
  } = PAGES[name]!;
  const html = `<!doctype html><html ${root}><meta charset="utf-8"><title>Test</title>
    <meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
    <link rel="stylesheet" href="/page.css"><link rel="stylesheet" href="/visual.css">
    <script type="module" src="/chat-stream.js"></script>
    <h1${attributes.includes("page") ? " hidden" : ""}>A page</h1><chat-stream ${attributes}></chat-stream>`;
  await using visit = await openPage(browser, html, { viewport: WINDOW, ...options }, style);
  const { page } = visit;
  if (prepare !== undefined) await prepare(page);
  else await load(page, conversation);
  if (!isAnswering) await page.waitForLoadState("networkidle");
  await loadFonts(page);
  return { name, png: await takeStill(page) };
}

/** Shows a conversation. */
async function load(page: Page, conversation: object): Promise<void> {
  await page.locator("chat-stream").evaluate(async (chat, state) => {
    await customElements.whenDefined("chat-stream");
    const element = chat as HTMLElementTagNameMap["chat-stream"];
    element.smoothing = "off";
    element.load(state as Parameters<typeof element.load>[0]);
  }, conversation);
  await page.locator(".answer").last().waitFor();
}

/** Takes the pictures of the gallery: every state and every theme. */
export async function takeGallery(browser: Browser): Promise<Picture[]> {
  const html = await Deno.readTextFile(new URL("../../../examples/pages/gallery.html", import.meta.url));
  const styled = html.replace("</head>", '<link rel="stylesheet" href="/visual.css"></head>');
  const options = { viewport: { width: 456, height: 900 }, colorScheme: "light" } as const;
  await using visit = await openPage(browser, styled, options);
  const { page } = visit;
  await page.getByRole("button", { name: "Allow", exact: true }).waitFor();
  await page.waitForLoadState("networkidle");
  await loadFonts(page);
  const pictures: Picture[] = [];
  for (const figure of await page.locator("figure").all()) {
    const caption = await figure.locator("figcaption").innerText();
    if (OTHER_LETTERS.includes(caption)) continue;
    const png = await takeStill(figure.locator("chat-stream"));
    pictures.push({ name: `gallery-${caption.toLowerCase().replaceAll(" ", "-")}`, png });
  }
  return pictures;
}

/** The maximum time of one step. Only a broken test reaches it. */
const STEP_TIMEOUT_MS = 15_000;

/** Opens a page, at a fixed time, in a profile of its own. */
async function openPage(
  browser: Browser,
  html: string,
  options: BrowserContextOptions,
  style = "",
): Promise<AsyncDisposable & { readonly page: Page }> {
  const server = new FakeChatServer();
  server.page("/", html, POLICY);
  server.file("/visual.css", STYLE + style);
  for (const font of FONTS) server.file(`/${font}.woff2`, await readFont(font));
  const context = await browser.newContext({ locale: "en-US", timezoneId: "UTC", ...options });
  context.setDefaultTimeout(STEP_TIMEOUT_MS);
  const page = await context.newPage();
  await page.clock.setFixedTime("2026-01-01T12:00:00Z");
  await page.goto(server.origin);
  return {
    page,
    async [Symbol.asyncDispose]() {
      await context.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function loadFonts(page: Page): Promise<void> {
  await page.evaluate(async () => void await Promise.all([...document.fonts].map((font) => font.load())));
}

/** Takes screenshots until two in a row are equal: parts are loaded lazily. */
async function takeStill(target: Page | Locator): Promise<Uint8Array> {
  // No cursor that blinks, and every animation at its end.
  const options = { animations: "disabled", caret: "hide" } as const;
  for (let png = await target.screenshot(options);;) {
    const next = await target.screenshot(options);
    if (next.equals(png)) return next;
    png = next;
  }
}
