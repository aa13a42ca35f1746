/** The component's look, compared with recorded pictures. `deno task baselines` records them again. */
import { assert, assertEquals } from "@std/assert";
import { buildOnce } from "../browser.ts";
import { ignoreTest, openPackagedBrowser } from "../open_browser.ts";
import {
  baselineNames,
  checkPicture,
  compare,
  IS_RECORDING,
  MAX_PIXELS,
  readBaseline,
  removeBaseline,
} from "./baselines.ts";
import { PAGE_NAMES, takeGallery, takePage } from "./pictures.ts";

/** What would differ between machines: the shapes of letters, colours, and whether scroll bars take space. */
const ARGUMENTS = [
  "--font-render-hinting=none",
  "--disable-lcd-text",
  "--force-color-profile=srgb",
  "--hide-scrollbars",
];

const browser = await openPackagedBrowser(ARGUMENTS);
if (browser !== undefined) {
  await buildOnce();
  Deno.test.afterAll(() => browser.close());
}
const taken: string[] = [];

function pictureTest(name: string, run: (chromium: NonNullable<typeof browser>) => Promise<void>): void {
  if (browser === undefined) ignoreTest(name, "the packaged Chromium cannot run here");
  else Deno.test(name, () => run(browser));
}

for (const name of PAGE_NAMES) {
  pictureTest(`chat-stream looks like its baseline: ${name}`, async (chromium) => {
    const picture = await takePage(chromium, name);
    taken.push(picture.name);
    assertEquals(await checkPicture(picture), undefined);
  });
}

pictureTest("chat-stream looks like its baselines in every state and theme of the gallery", async (chromium) => {
  const faults: (string | undefined)[] = [];
  for (const picture of await takeGallery(chromium)) {
    taken.push(picture.name);
    faults.push(await checkPicture(picture));
  }
  assertEquals(faults.filter((fault) => fault !== undefined), []);
});

pictureTest("the baselines are those of the pictures, and no others", async () => {
  const names = await baselineNames();
  const others = names.filter((name) => !taken.includes(name));
  if (!IS_RECORDING) return assertEquals(others, []);
  for (const name of others) await removeBaseline(name);
});

/** Small regressions, which a comparison must find. */
const MUTATIONS = {
  "another shade of the accent": "chat-stream { --chat-stream-accent: #0f7a68; }",
  "a button that has moved by a pixel": "chat-stream::part(send-button) { translate: 1px 0; }",
  "a background that is a little darker": "chat-stream { --chat-stream-background: #f8f7f4; }",
  "a title that is a little larger": "chat-stream::part(title) { font-size: 1.02em; }",
};
for (const [mutation, style] of Object.entries(MUTATIONS)) {
  pictureTest(`compare finds ${mutation}`, async (chromium) => {
    const baseline = await readBaseline("light");
    assert(baseline !== undefined);
    const { pixels } = compare(baseline, (await takePage(chromium, "light", style)).png);
    assert(pixels > 2 * MAX_PIXELS, `only ${pixels} pixels differ`);
  });
}
