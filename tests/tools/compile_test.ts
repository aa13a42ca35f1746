/** What can be checked of the executable without its runtime: what goes in, and that nothing is looked for elsewhere. */
import { assert, assertEquals } from "@std/assert";
import { compileArguments } from "../../tools/compile.ts";
import { RUNTIME_FLAGS } from "../../tools/runtime_flags.ts";

const ROOT = new URL("../../", import.meta.url);

interface ModuleInfo {
  readonly specifier: string;
  readonly error?: string;
  readonly kind: string;
}

/** The modules that the program's imports reach. */
async function modulesOf(entry: string): Promise<readonly ModuleInfo[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json", entry], cwd: ROOT }).output();
  return JSON.parse(new TextDecoder().decode(stdout)).modules;
}

Deno.test("compileArguments puts the static files and the worker in, and passes a target on before the program", () => {
  const args = compileArguments(["--target", "aarch64-apple-darwin"]);
  const included = args.flatMap((argument, index) => argument === "--include" ? [args[index + 1]] : []);
  assertEquals(included, ["static", "worker.ts"]);
  assertEquals(args.slice(-3), ["--target", "aarch64-apple-darwin", "main.ts"]);
  assertEquals(args[args.indexOf("--output") + 1], "dist/chat-stream");
  for (const flag of RUNTIME_FLAGS) assert(args.includes(flag));
});

Deno.test("compileArguments leaves the output's name to who gives one", () => {
  const args = compileArguments(["--output", "elsewhere"]);
  assertEquals(args.filter((argument) => argument === "--output").length, 1);
});

for (const entry of ["main.ts", "worker.ts"]) {
  Deno.test(`every module that ${entry} reaches is found, and is the project's own or from npm`, async () => {
    const modules = await modulesOf(entry);
    assertEquals(modules.filter(({ error }) => error !== undefined), []);
    const foreign = modules.filter(({ specifier }) => !/^(?:file:|npm:|node:)/.test(specifier));
    assertEquals(foreign.map(({ specifier }) => specifier), []);
    const tests = modules.filter(({ specifier }) => specifier.startsWith(new URL("tests/", ROOT).href));
    assertEquals(tests, []);
  });
}

Deno.test("no module of the server is loaded by a computed specifier", async () => {
  const own = (await modulesOf("worker.ts")).concat(await modulesOf("main.ts"))
    .filter(({ specifier }) => specifier.startsWith(ROOT.href) && specifier.endsWith(".ts"));
  assert(own.length > 20);
  for (const { specifier } of own) {
    const source = await Deno.readTextFile(new URL(specifier));
    assertEquals(source.match(/\bimport\s*\((?!\s*["'])/g), null, specifier);
    const workers = source.match(/new Worker\([^)]*\)/g) ?? [];
    assertEquals(workers.filter((worker) => !worker.includes('new URL("./worker.ts", import.meta.url')), [], specifier);
  }
});
