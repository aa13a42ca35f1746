/**
 * Which scripts of a build a browser loads together.
 * @module
 */

/** The scripts below a folder: for each path, the paths that it imports statically. */
export type StaticImports = ReadonlyMap<string, readonly string[]>;

/** Reads the static imports of every script below `folder`. */
export async function readStaticImports(folder: URL, prefix = ""): Promise<StaticImports> {
  const imports = new Map<string, readonly string[]>();
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) {
      for (const entry of await readStaticImports(new URL(`${name}/`, folder), `${prefix}${name}/`)) {
        imports.set(...entry);
      }
    } else if (name.endsWith(".js")) {
      const text = await Deno.readTextFile(new URL(name, folder));
      imports.set(
        prefix + name,
        [...text.matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g)].map(([, path]) => prefix + path),
      );
    }
  }
  return imports;
}

/** `paths`, and everything that they import statically, in the order in which a browser finds it. */
export function withImports(imports: StaticImports, paths: readonly string[]): string[] {
  const found = new Set<string>();
  const pending = [...paths];
  for (let path = pending.shift(); path !== undefined; path = pending.shift()) {
    if (found.has(path)) continue;
    found.add(path);
    pending.push(...imports.get(path) ?? []);
  }
  return [...found];
}

/** The path of a lazily loaded module, whose name has a hash in a build. @throws {Error} if there is none, or several */
export function lazyModule(imports: StaticImports, name: string): string {
  const found = [...imports.keys()].filter((path) => path.startsWith(`assets/${name}-`));
  if (found.length !== 1) throw new Error(`${found.length} chunks are named ${name}`);
  return found[0] as string;
}
