/**
 * Tests what `deno task compile` embeds, with the installed Deno in place of the runtime that it would download. Such a
 * file does not run the program, so the test takes the embedded files out and runs those. Compiling takes seconds and
 * 100 MB of disk, so `deno task test:compile` runs this.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { build } from "../../tools/build.ts";
import { compileArguments } from "../../tools/compile.ts";
import { writeArchive } from "../../tools/release/archive.ts";
import { RUNTIME_FLAGS } from "../../tools/runtime_flags.ts";
import { answerOf, FakeOpenAI } from "../fake_openai.ts";
import { eventsOf, textOf } from "../test_server.ts";
import { type Embedded, readEmbedded } from "./embedded_files.ts";

const ROOT = new URL("../../", import.meta.url);
const STATIC = "dist/static/";

/** The most that the executable may be larger than the runtime that it is made from, in bytes. */
const MAX_ADDED_BYTES = 8_000_000;

/** Names that only tests, tools and their packages hold, in strings that minification leaves. */
const FOREIGN =
  /playwright|chromium|langchain|@ai-sdk|vercel\.ai\.|@ag-ui|axe-core|Deno\.test\b|Deno\.bench\b|tests\/fixtures/gi;

/** Compiles once for all tests. */
async function compile(): Promise<Uint8Array> {
  await build(ROOT);
  const folder = await Deno.makeTempDir();
  const compiler = new Deno.Command(Deno.execPath(), {
    args: compileArguments(["--output", `${folder}/chat-stream`]),
    cwd: ROOT,
    env: { DENORT_BIN: Deno.execPath(), NO_COLOR: "1" },
  });
  const { success, stderr } = await compiler.output();
  assert(success, new TextDecoder().decode(stderr));
  const executable = await Deno.readFile(`${folder}/chat-stream`);
  await Deno.remove(folder, { recursive: true });
  return executable;
}

const executable = await compile();
const embedded = readEmbedded(executable);

/** The paths of all files below a folder, relative to it. */
async function filesBelow(folder: URL, prefix = ""): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) paths.push(...await filesBelow(new URL(`${name}/`, folder), `${prefix}${name}/`));
    else paths.push(prefix + name);
  }
  return paths;
}

/** Writes the embedded files into an empty folder. */
async function extract({ files }: Embedded): Promise<string> {
  const folder = await Deno.makeTempDir();
  for (const [path, bytes] of files) {
    await Deno.mkdir(`${folder}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeFile(`${folder}/${path}`, bytes);
  }
  return folder;
}

Deno.test("the executable embeds one bundle and every static file as it was built, and nothing else", async () => {
  const { files, settings } = embedded;
  const built = await filesBelow(new URL(STATIC, ROOT));
  assertEquals([...files.keys()].sort(), [settings.entrypoint_key, ...built.map((path) => STATIC + path)].sort());
  for (const path of built) {
    assertEquals(files.get(STATIC + path), await Deno.readFile(new URL(STATIC + path, ROOT)), path);
  }
});

Deno.test("the bundle in the executable holds no package and no source that only tests and tools need", () => {
  const bundle = new TextDecoder().decode(embedded.files.get(embedded.settings.entrypoint_key));
  assertEquals(bundle.match(FOREIGN) ?? [], []);
  assert(bundle.includes("/api/chat"));
});

Deno.test("the executable has the program's runtime flags, asks for nothing, and may not write or start programs", () => {
  const { v8_flags, permissions, unstable_config: { features } } = embedded.settings;
  for (const flag of RUNTIME_FLAGS) assert(v8_flags.includes(flag.replace("--v8-flags=", "")), flag);
  assertEquals([...features].sort(), ["net", "no-legacy-abort"]);
  assertEquals(permissions.prompt, false);
  assertEquals([permissions.allow_write, permissions.allow_run, permissions.allow_ffi], [null, null, null]);
});

Deno.test("the executable is at most 8 MB larger than its runtime", async () => {
  const added = executable.length - (await Deno.stat(Deno.execPath())).size;
  console.log(`Added to the runtime: ${(added / 1e6).toFixed(1)} MB`);
  assert(added <= MAX_ADDED_BYTES, `${added} bytes`);
});

Deno.test("the embedded files stream an answer and serve the page, away from the sources and without packages", async () => {
  await using provider = new FakeOpenAI(() => ({ body: answerOf("from the bundle") }));
  const folder = await extract(embedded);
  const elsewhere = await Deno.makeTempDir();
  const { entrypoint_key: entry, unstable_config: { features } } = embedded.settings;
  const server = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-config",
      "--no-remote",
      "--no-npm",
      "--no-prompt",
      ...features.map((feature) => `--unstable-${feature}`),
      ...RUNTIME_FLAGS,
      "--allow-net",
      "--allow-read",
      "--allow-env",
      `${folder}/${entry}`,
      "--port=0",
    ],
    env: { OPENAI_BASE_URL: provider.baseURL, OPENAI_API_KEY: "", NO_COLOR: "1" },
    cwd: elsewhere,
    stdout: "piped",
  }).spawn();
  const output = server.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let printed = "";
  while (!printed.includes("\nProvider")) {
    const { value, done } = await output.read();
    assert(!done, printed);
    printed += value;
  }
  const origin = printed.match(/http:\/\/\S+/)![0];
  const chat = await fetch(`${origin}/api/chat`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"messages":[{"role":"user","content":"Hi"}]}',
  });
  assertEquals(textOf(await eventsOf(chat)), "from the bundle");
  for (const path of ["/", "/chat-stream.js", "/chat-client.js", "/custom-elements.json"]) {
    const response = await fetch(origin + path);
    assertEquals([path, response.status], [path, 200]);
    await response.body!.cancel();
  }
  server.kill("SIGTERM");
  while (!(await output.read()).done);
  assertEquals((await server.status).code, 0);
  for (const path of [folder, elsewhere]) await Deno.remove(path, { recursive: true });
});

Deno.test("writeArchive packs the executable for download, with the licences of what is in it", {
  ignore: Deno.build.target !== "x86_64-unknown-linux-gnu",
}, async () => {
  const archive = await writeArchive(Deno.build.target, { DENORT_BIN: Deno.execPath(), NO_COLOR: "1" });
  const listing = new Deno.Command("tar", { args: ["-tzf", archive], cwd: ROOT });
  const paths = new TextDecoder().decode((await listing.output()).stdout).trim().split("\n");
  const names = paths.map((path) => path.slice(path.indexOf("/") + 1)).filter((name) => name !== "");
  assertEquals(names.sort(), ["LICENSE", "THIRD-PARTY-NOTICES.txt", "chat-stream"]);
  await Deno.remove(new URL(archive, ROOT));
});
