/** Tests that no imports form a circle. Type imports, `import()` and re-exports count like any other import. */
import { assert, assertEquals } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);
const SKIPPED = new Set(["tests", "node_modules", "dist", "coverage"]);

type Graph = ReadonlyMap<string, readonly string[]>;

/** The paths of all TypeScript sources below `folder`, relative to the project. */
async function sourcesBelow(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))) {
    if (isDirectory && !name.startsWith(".") && !SKIPPED.has(name)) {
      paths.push(...await sourcesBelow(`${folder}${name}/`));
    } else if (name.endsWith(".ts") && !name.endsWith(".d.ts")) paths.push(folder + name);
  }
  return paths;
}

/** The relative imports of a module, as paths relative to the project. */
function importsOf(path: string, source: string): string[] {
  const found = new Set<string>();
  const add = (node: Deno.lint.Node | null) => {
    if (node?.type !== "Literal" || typeof node.value !== "string" || !node.value.startsWith(".")) return;
    found.add(new URL(node.value, `file:///${path}`).pathname.slice(1));
  };
  const collector: Deno.lint.Plugin = {
    name: "collector",
    rules: {
      imports: {
        create: () => ({
          ImportDeclaration: (node) => add(node.source),
          ImportExpression: (node) => add(node.source),
          TSImportType: (node) => node.argument.type === "TSLiteralType" && add(node.argument.literal),
          ExportNamedDeclaration: (node) => add(node.source),
          ExportAllDeclaration: (node) => add(node.source),
        }),
      },
    },
  };
  Deno.lint.runPlugin(collector, path, source);
  return [...found];
}

/** The circles of a graph, each as the path from a module back to itself. */
function circlesIn(graph: Graph): string[][] {
  const circles: string[][] = [];
  const done = new Set<string>();
  const visit = (module: string, path: readonly string[]) => {
    const start = path.indexOf(module);
    if (start >= 0) circles.push([...path.slice(start), module]);
    if (start >= 0 || done.has(module)) return;
    for (const next of graph.get(module) ?? []) visit(next, [...path, module]);
    done.add(module);
  };
  for (const module of graph.keys()) visit(module, []);
  return circles;
}

Deno.test("importsOf finds every kind of relative import", () => {
  const source = `import "./a.ts"; import type { B } from "../b.ts"; export * from "./c.ts"; export { d } from "./d.ts";
    const e = await import("./e.ts"); type F = typeof import("./f.ts"); import "lit"; // import "./g.ts"`;
  assertEquals(importsOf("x/y.ts", source), ["x/a.ts", "b.ts", "x/c.ts", "x/d.ts", "x/e.ts", "x/f.ts"]);
});

Deno.test("circlesIn finds a circle behind a chain of modules", () => {
  assertEquals(circlesIn(new Map([["a", ["b"]], ["b", ["c", "d"]], ["c", ["b"]], ["d", []]])), [["b", "c", "b"]]);
  assertEquals(circlesIn(new Map([["a", ["b", "c"]], ["b", ["c"]], ["c", []]])), []);
});

Deno.test("the sources import each other without a circle", async () => {
  const paths = await sourcesBelow("");
  const texts = await Promise.all(paths.map((path) => Deno.readTextFile(new URL(path, ROOT))));
  const graph = new Map(paths.map((path, i) => [path, importsOf(path, texts[i] as string)]));
  assert(graph.size > 100 && graph.get("components/element.ts")?.includes("components/tools.ts"));
  assertEquals(circlesIn(graph), []);
});
