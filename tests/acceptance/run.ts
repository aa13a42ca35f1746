/**
 * Runs the acceptance parts in this folder on recordings and suites of other projects, from the folder `SUITES_DIR`. Run
 * it as `deno task acceptance [part…]`. It prints one line for each suite, with its misses below, and exits with 1 after a
 * miss.
 * @module
 */
import type { SuiteResult } from "./suite.ts";

const suitesDir = Deno.env.get("SUITES_DIR");
if (suitesDir === undefined || suitesDir === "") {
  console.log("Skipped: acceptance (SUITES_DIR does not name a folder of recordings and suites)");
} else {
  Deno.exit(await runParts(suitesDir, Deno.args) ? 0 : 1);
}

/** Runs the named parts, or all. @returns true when at least one case ran and every suite passed */
async function runParts(suitesDir: string, wanted: readonly string[]): Promise<boolean> {
  const parts = await findParts();
  const unknown = wanted.filter((name) => !parts.includes(name));
  if (unknown.length > 0) throw new Error(`There is no part ${unknown.join(", ")}, only ${parts.join(", ")}`);
  let isGood = true;
  let hasRun = false;
  for (const part of wanted.length > 0 ? wanted : parts) {
    const { run } = await import(`./${part}.ts`) as { run(suitesDir: string): Promise<SuiteResult[]> };
    const results = await run(suitesDir);
    if (results.length === 0) console.log(`none ${part}: the folder has nothing for it`);
    for (const result of results) {
      isGood &&= result.ok;
      hasRun ||= result.total > 0;
      print(part, result);
    }
  }
  return isGood && hasRun;
}

/** The parts: the modules of this folder that export `run`. */
async function findParts(): Promise<string[]> {
  const parts: string[] = [];
  for await (const { name } of Deno.readDir(import.meta.dirname!)) {
    const source = await Deno.readTextFile(`${import.meta.dirname}/${name}`);
    if (/^export (?:async )?function run\(/m.test(source)) parts.push(name.replace(/\.ts$/, ""));
  }
  return parts.sort();
}

function print(part: string, { name, passed, total, misses, notes = [], ok }: SuiteResult): void {
  console.log(`${ok ? "ok  " : "MISS"} ${part}: ${name}: ${passed} of ${total}`);
  for (const note of notes) console.log(`       ${note}`);
  for (const miss of misses) console.log(`     - ${miss}`);
}
