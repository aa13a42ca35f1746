/** The npm package of the component, as its users get it: bundled, type-checked, rendered on a server, in a browser. */
import { assertEquals, assertMatch } from "@std/assert";
import type { Page } from "playwright-core";
import type {} from "../../components/define.ts";
import { readStaticFiles } from "../../routes/static.ts";
import { ignoreTest, openBrowser } from "../browser/open_browser.ts";
import { answerOf } from "../fake_openai.ts";
import { TestServer } from "../test_server.ts";
import {
  OTHER_TYPES,
  pageWith,
  REACT_PAGE,
  REACT_TYPES,
  SERVER_RENDERING,
  SVELTE_PAGE,
  VUE_PAGE,
} from "./element_pages.ts";
import { NpmFolder, packageTest, STRICT } from "./npm_folder.ts";

const TOOLS = ["publint@0.3.25", "@arethetypeswrong/cli@0.18.5"];
const COMPILERS = ["typescript@5.9", "typescript6@npm:typescript@6.0"];
const REACT = ["react@19", "react-dom@19", "@types/react@19", "@types/react-dom@19"];
const BUNDLERS = ["vite@7", "webpack@5", "webpack-cli@6", "esbuild@0.25"];

const VUE = ["vue@3", "@vitejs/plugin-vue@6", "vue-tsc@3"];
const SVELTE = ["svelte@5", "@sveltejs/vite-plugin-svelte@6", "svelte-check@4"];

/** The configuration that the README asks for. */
const VITE_CONFIG = `
import { svelte } from "@sveltejs/vite-plugin-svelte";
import vue from "@vitejs/plugin-vue";
const isCustomElement = (tag) => tag === "chat-stream";
export default { plugins: [vue({ template: { compilerOptions: { isCustomElement } } }), svelte()] };
`;

/** How each bundler builds `page.js` into `site/`, and how a page loads the result. */
const BUILDS = [
  {
    name: "Vite",
    command: ["vite", "build", "--outDir", "site", "--logLevel", "warn"],
    tag: 'type="module" src="./page.js"',
  },
  {
    name: "webpack",
    command: ["webpack", "--mode", "production", "--entry", "./page.js", "-o", "site"],
    tag: 'defer src="/main.js"',
  },
  {
    name: "esbuild",
    command: ["esbuild", "page.js", "--bundle", "--splitting", "--format=esm", "--minify", "--outdir=site"],
    tag: 'type="module" src="/page.js"',
  },
] as const;

packageTest("@chat-stream/element has types for React, Vue and Svelte with TypeScript 5 and 6", async () => {
  await using folder = await NpmFolder.create(["element"], [...COMPILERS, ...REACT, "vue@3", "svelte@5"]);
  await folder.write("page.tsx", REACT_PAGE);
  await folder.write("types.tsx", REACT_TYPES);
  await folder.write("other.ts", OTHER_TYPES);
  // Vue's and Svelte's own declarations do not pass with every option.
  const compilerOptions = { ...STRICT.compilerOptions, skipLibCheck: true };
  await folder.write("tsconfig.json", JSON.stringify({ ...STRICT, compilerOptions }));
  const react = { ...STRICT, include: ["*.tsx"] };
  await folder.write("tsconfig.react.json", JSON.stringify(react));
  for (const compiler of ["typescript", "typescript6"]) {
    await folder.succeed("node", `node_modules/${compiler}/bin/tsc`);
    await folder.succeed("node", `node_modules/${compiler}/bin/tsc`, "--project", "tsconfig.react.json");
  }
});

packageTest("@chat-stream/element has a manifest without faults, and can be imported without a DOM", async () => {
  await using folder = await NpmFolder.create(["element"], [...TOOLS, ...REACT]);
  const tarball = await folder.pack("element");
  await folder.succeed("publint", tarball, "--strict");
  await folder.succeed("attw", tarball, "--profile", "esm-only");
  await folder.write("render.js", SERVER_RENDERING);
  const html = await folder.succeed("node", "render.js");
  assertEquals(html.trim(), '<chat-stream class="chat" mode="launcher" heading="Help"></chat-stream>');
});

const browser = await openBrowser();
const REACT_NAME = "@chat-stream/element works in a page built by Vite, webpack and esbuild";
const OTHERS_NAME = "@chat-stream/element works in pages of Vue and Svelte, whose templates are type-checked";
if (browser === undefined) [REACT_NAME, OTHERS_NAME].forEach((name) => ignoreTest(name));
else {
  packageTest(REACT_NAME, async () => {
    await using folder = await NpmFolder.create(["element"], ["typescript@5.9", ...REACT, ...BUNDLERS]);
    await folder.write("page.tsx", REACT_PAGE);
    const compilerOptions = { ...STRICT.compilerOptions, noEmit: false };
    await folder.write("tsconfig.json", JSON.stringify({ ...STRICT, compilerOptions }));
    await folder.succeed("tsc");
    for (const { name, command: [command, ...args], tag } of BUILDS) {
      await folder.write("index.html", pageWith(tag));
      const { code, stdout, stderr } = await folder.run(command, ...args);
      assertEquals([code, /warn/i.test(stdout + stderr)], [0, false], name + stdout + stderr);
      if (name !== "Vite") await Deno.copyFile(`${folder.path}/index.html`, `${folder.path}/site/index.html`);
      const use = async (page: Page, server: TestServer) => {
        await useChat(page, server);
        await useReact(page, server);
      };
      await openSite(`${folder.path}/site`, use, { hasPolicy: name !== "webpack" });
      await Deno.remove(`${folder.path}/site`, { recursive: true });
    }
  });

  packageTest(OTHERS_NAME, async () => {
    await using folder = await NpmFolder.create(["element"], ["typescript@5.9", "vite@7", ...VUE, ...SVELTE]);
    await folder.write("Page.vue", VUE_PAGE);
    await folder.write("Page.svelte", SVELTE_PAGE);
    await folder.write(
      "vue.js",
      'import { createApp } from "vue"; import Page from "./Page.vue"; createApp(Page).mount("#root");',
    );
    await folder.write(
      "svelte.js",
      'import { mount } from "svelte"; import Page from "./Page.svelte"; mount(Page, { target: document.body });',
    );
    await folder.write("vite.config.js", VITE_CONFIG);
    const { compilerOptions } = STRICT;
    const options = { ...compilerOptions, module: "esnext", moduleResolution: "bundler", skipLibCheck: true };
    await folder.write("tsconfig.json", JSON.stringify({ compilerOptions: options, include: ["*.vue", "*.svelte"] }));
    await folder.succeed("vue-tsc");
    await folder.succeed("svelte-check", "--fail-on-warnings");
    for (const framework of ["vue", "svelte"]) {
      await folder.write("index.html", pageWith(`type="module" src="./${framework}.js"`));
      await folder.succeed("vite", "build", "--outDir", "site", "--logLevel", "warn");
      await openSite(`${folder.path}/site`, useChat, { hasPolicy: false });
    }
  });
  Deno.test.afterAll(() => browser.close());
}

/**
 * Serves a built page in front of a fake provider, and opens it. It must have no uncaught error.
 * @param hasPolicy whether the page has the policy of our own pages. Vue, Svelte and webpack want Trusted Types of their own
 */
async function openSite(
  site: string,
  use: (page: Page, server: TestServer) => Promise<void>,
  { hasPolicy }: { readonly hasPolicy: boolean },
): Promise<void> {
  await using server = new TestServer({
    staticFiles: await readStaticFiles(site),
    script: () => ({ body: answerOf("It is on its way.") }),
  });
  const context = await browser!.newContext();
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  if (!hasPolicy) {
    const body = await Deno.readTextFile(`${site}/index.html`);
    await page.route(`${server.origin}/`, (route) => route.fulfill({ contentType: "text/html", body }));
  }
  await page.goto(server.origin);
  await use(page, server);
  await context.close();
  assertEquals(faults, []);
}

/** The properties of the element that the pages set. */
function readProperties(page: Page) {
  return page.evaluate(() => {
    const { tools, persistKey, starters, heading, className } = document.querySelector("chat-stream")!;
    return { tool: tools[0]?.name, persistKey, starters: [...starters], heading, className };
  });
}

/** Chats as a visitor, and checks that no property was lost. */
async function useChat(page: Page, { provider }: TestServer): Promise<void> {
  await page.getByRole("textbox").waitFor();
  const { className, ...properties } = await readProperties(page);
  assertEquals(className.split(" ")[0], "chat");
  assertEquals(properties, {
    tool: "get_order",
    persistKey: "orders",
    starters: ["Where is my order?"],
    heading: "Help desk",
  });
  await page.getByRole("button", { name: "Where is my order?" }).click();
  await page.locator("output").getByText("It is on its way.").waitFor();
  const { body } = provider.requests[0]!;
  assertEquals([body.temperature, body.tools[0].function.name], [0, "get_order"]);
}

/** Uses what only {@linkcode REACT_PAGE} has: props that go away, and a ref. */
async function useReact(page: Page, { provider }: TestServer): Promise<void> {
  assertMatch(await page.locator("output").innerText(), /^sent Where is my order\?; answer It/);
  await page.getByRole("button", { name: "Remove props" }).click();
  await page.waitForFunction(() => document.querySelector("chat-stream")!.persistKey === "");
  assertEquals((await readProperties(page)).starters, []);
  await page.getByRole("button", { name: "Ask by ref" }).click();
  await provider.until(({ requests }) => requests.length === 2);
  await page.locator("output").getByText("sent From the ref").waitFor();
}
