/** Tests that a start installs the packages of the program and of its build, and none that only tests need. @module */
import { assert, assertEquals } from "@std/assert";

interface LockFile {
  /** The version that each specifier stands for; `_` begins the versions of its peers. */
  readonly specifiers: Readonly<Record<string, string>>;
}

async function readJSON<T>(path: string): Promise<T> {
  return JSON.parse(await Deno.readTextFile(new URL(`../../${path}`, import.meta.url)));
}

const root = await readJSON<LockFile>("deno.lock");
const tests = await readJSON<LockFile>("tests/deno.lock");

function withoutPeers(version: string | undefined): string | undefined {
  return version?.replace(/_.*/, "");
}

Deno.test("deno.lock has no package that only tests or measurements use", async () => {
  const { scopes } = await readJSON<{ scopes: Record<string, Record<string, string>> }>("deno.json");
  const packages = Object.values(scopes).flatMap((scope) => Object.values(scope));
  assert(packages.length > 0);
  const names = packages.map((specifier) => specifier.replace(/(?<=.)@[^@/]*$/, ""));
  const found = names.filter((name) => Object.keys(root.specifiers).some((locked) => locked.startsWith(`${name}@`)));
  assertEquals(found, []);
});

Deno.test("tests/deno.lock has the same versions as deno.lock", () => {
  for (const [specifier, version] of Object.entries(root.specifiers)) {
    assertEquals(withoutPeers(tests.specifiers[specifier]), withoutPeers(version), specifier);
  }
});
