/**
 * Attacks by an answer on the page that shows it. The payloads, their places and the oracle are those of the browser tests.
 * @module
 */
import type { Attack, Outcome } from "./attack.ts";

const TESTS = ["tests/browser/markdown_xss_test.ts", "tests/browser/markdown_xss_contexts_test.ts"];
const ROOT = new URL("../../", import.meta.url);

async function showHostileText(): Promise<Outcome> {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "test:only", ...TESTS],
    env: { NO_COLOR: "1" },
    cwd: ROOT,
    stderr: "null",
  }).output();
  const [figure = "no result"] = /\d+ passed.*/.exec(new TextDecoder().decode(stdout)) ?? [];
  return { holds: code === 0 && !figure.startsWith("0 passed"), figure };
}

/** The attacks of this file. */
export const PAGE_ATTACKS: readonly Attack[] = [
  // A short run follows the tests, which have done this already.
  { name: "hostile Markdown", wanted: "no script runs, nothing loads", onlyFull: true, run: showHostileText },
];
