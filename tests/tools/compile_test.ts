/** Tests that the executable will contain everything that the program reads, and nothing else. @module */
import { assert, assertEquals } from "@std/assert";
import { compileArguments } from "../../tools/compile.ts";
import { SERVER_SOURCES } from "../../tools/dev.ts";
import { RUNTIME_FLAGS } from "../../tools/runtime_flags.ts";

const ROOT = new URL("../../", import.meta.url);

interface ModuleInfo {
  readonly specifier: string;
  readonly error?: string;
  readonly kind: string;
}

/** The modules that `entry` imports, directly or not. */
async function modulesOf(entry: string): Promise<readonly ModuleInfo[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json", entry], cwd: ROOT }).output();
  return JSON.parse(new TextDecoder().decode(stdout)).modules;
}

Deno.test("compileArguments includes the static files and puts a target before the program", () => {
  const args = compileArguments(["--target", "aarch64-apple-darwin"]);
  const included = args.flatMap((argument, index) => argument === "--include" ? [args[index + 1]] : []);
  assertEquals(included, ["dist/static"]);
  assertEquals(args.slice(-3), ["--target", "aarch64-apple-darwin", "main.ts"]);
  assertEquals(args[args.indexOf("--output") + 1], "dist/chat-stream");
  for (const flag of RUNTIME_FLAGS) assert(args.includes(flag));
});

Deno.test("compileArguments sets no output when the caller names one", () => {
  const args = compileArguments(["--output", "elsewhere"]);
  assertEquals(args.filter((argument) => argument === "--output").length, 1);
});

Deno.test("every module that main.ts reaches exists, and is the project's own or from npm", async () => {
  const modules = await modulesOf("main.ts");
  assertEquals(modules.filter(({ error }) => error !== undefined), []);
  const foreign = modules.filter(({ specifier }) => !/^(?:file:|npm:|node:)/.test(specifier));
  assertEquals(foreign.map(({ specifier }) => specifier), []);
  const tests = modules.filter(({ specifier }) => specifier.startsWith(new URL("tests/", ROOT).href));
  assertEquals(tests, []);
});

Deno.test("no module of the server has a computed import", async () => {
  const own = (await modulesOf("main.ts")).filter(({ specifier }) =>
    specifier.startsWith(ROOT.href) && specifier.endsWith(".ts")
  );
  assert(own.length > 20);
  for (const { specifier } of own) {
    const source = await Deno.readTextFile(new URL(specifier));
    assertEquals(source.match(/\bimport\s*\((?!\s*["'])/g), null, specifier);
  }
});

Deno.test("deno task dev watches every file and folder that the server imports", async () => {
  const own = (await modulesOf("main.ts")).map(({ specifier }) => specifier).filter((url) => url.startsWith(ROOT.href));
  const paths = own.map((url) => url.slice(ROOT.href.length));
  const isWatched = (path: string) => SERVER_SOURCES.some((source) => path === source || path.startsWith(`${source}/`));
  assertEquals(paths.filter((path) => !isWatched(path)), []);
  for (const source of SERVER_SOURCES) await Deno.stat(new URL(source, ROOT));
});
