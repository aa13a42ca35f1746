/** Tests all pages of the documentation: their links, and the files, tasks, tests and routes that they name. */
import { assert, assertEquals } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);
/** The folders that the repository does not keep. */
const SKIPPED = new Set(["dist", "node_modules", "coverage", ".git"]);
const FOLDERS =
  "bench|components|config|docs|examples|packages|protocol|routes|runs|static|tests|tools|upstream|\\.github";

/** The files below a folder, as paths from the root. */
function filesBelow(folder: string): string[] {
  return [...Deno.readDirSync(new URL(folder, ROOT))].flatMap(({ name, isDirectory }) => {
    if (SKIPPED.has(name)) return [];
    return isDirectory ? [`${folder}${name}/`, ...filesBelow(`${folder}${name}/`)] : [`${folder}${name}`];
  });
}

const files = new Set(filesBelow(""));
const pages = new Map(
  [...files].filter((path) => path.endsWith(".md")).map((path) => [path, Deno.readTextFileSync(new URL(path, ROOT))]),
);

/** The text without its blocks of code. */
function withoutBlocks(text: string): string {
  return text.replace(/^```.*?^```/gms, "");
}

/** The addresses of a page's links and pictures. */
function targetsOf(text: string): string[] {
  const prose = withoutBlocks(text).replace(/`[^`]*`/g, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)|<img src="([^"]+)"/g)].map(([, link, image]) => link ?? image!);
}

/** The anchors that GitHub gives to a page's headings. */
function anchors(text: string): string[] {
  return [...withoutBlocks(text).matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")
  );
}

/** True if the path, which may end with a slash, is a file or a folder of the repository. */
function exists(path: string): boolean {
  return files.has(path) || files.has(`${path}/`) || path === "";
}

/** The links of a page that lead nowhere. */
function brokenLinks(page: string, text: string): string[] {
  return targetsOf(text).filter((target) => {
    if (/^(?:https?|mailto):/.test(target)) return false;
    const { pathname, hash } = new URL(target, `file:///${page}`);
    const path = decodeURIComponent(pathname.slice(1));
    const destination = pages.get(path);
    if (!exists(path.replace(/\/$/, ""))) return true;
    return hash !== "" && !(destination !== undefined && anchors(destination).includes(hash.slice(1)));
  });
}

Deno.test("brokenLinks finds a missing file, a missing heading, and nothing else", () => {
  const text = "[a](README.md#start) [b](docs/none.md) [c](README.md#none) [d](docs/)\n```\n[e](x.md)\n```\n";
  assertEquals(brokenLinks("README.md", text), ["docs/none.md", "README.md#none"]);
});

Deno.test("the links of all pages lead to files and headings", () => {
  assert(pages.size > 40);
  assertEquals([...pages].flatMap(([page, text]) => brokenLinks(page, text).map((link) => `${page}: ${link}`)), []);
});

Deno.test("the pages name files that exist", () => {
  const path = new RegExp(`^(?:${FOLDERS})/[\\w./*-]*$`);
  const missing = [...pages].flatMap(([page, text]) =>
    [...text.matchAll(/`([^`\s]+)`/g)].map(([, name]) => name!)
      .filter((name) => path.test(name) && !name.includes("*") && !name.includes("…"))
      .filter((name) => !exists(name.replace(/\/$/, ""))).map((name) => `${page}: ${name}`)
  );
  assertEquals(missing, []);
});

Deno.test("the pages name sources that exist, also without their folders", () => {
  const names = new Set([...files].map((path) => path.slice(path.lastIndexOf("/") + 1)));
  const missing = [...pages].flatMap(([page, text]) =>
    [...text.matchAll(/`([a-z][\w]*(?:\.\w+)*\.(?:ts|mjs|md))`/g)].map(([, name]) => name!)
      .filter((name) => !names.has(name)).map((name) => `${page}: ${name}`)
  );
  assertEquals(missing, []);
});

Deno.test("the pages name tasks that exist, and README.md or CONTRIBUTING.md names every task", async () => {
  const { default: { tasks } } = await import("../../deno.json", { with: { type: "json" } });
  const named = [...pages].flatMap(([page, text]) =>
    [...text.matchAll(/deno(?:@[\d.]+)? task(?: (?:-q|--quiet))? ([a-z][a-z:-]*)/g)].map(([, task]) => [task!, page])
  );
  assertEquals(named.filter(([task]) => !Object.hasOwn(tasks, task!)), []);
  const listed = new Set(named.filter(([, page]) => /^(?:README|CONTRIBUTING)\.md$/.test(page!)).map(([task]) => task));
  assertEquals(Object.keys(tasks).filter((task) => !listed.has(task)), []);
});

Deno.test("docs/decisions/README.md lists every decision, and each begins with its number", () => {
  const index = pages.get("docs/decisions/README.md") ?? "";
  for (const [page, text] of pages) {
    const [, file, number] = /^docs\/decisions\/((\d{4})-.+)$/.exec(page) ?? [];
    if (file === undefined) continue;
    assert(text.startsWith(`# ${Number(number)}. `), `${page} begins with its number`);
    assert(index.includes(`](${file})`), `${page} is listed`);
  }
});

Deno.test("every page is reached from README.md", () => {
  const reached = new Set(["README.md"]);
  for (const page of reached) {
    for (const target of targetsOf(pages.get(page)!)) {
      if (/^https?:/.test(target)) continue;
      const path = new URL(target, `file:///${page}`).pathname.slice(1).replace(/\/$/, "");
      for (const name of [path, `${path}/README.md`]) if (pages.has(name)) reached.add(name);
    }
  }
  const expected = [...pages.keys()].filter((page) => !/^(?:tests|\.github)\//.test(page));
  assertEquals(expected.filter((page) => !reached.has(page)), []);
});
