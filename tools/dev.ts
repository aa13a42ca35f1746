/**
 * `deno task dev`: builds, serves, and starts over when a file changes; open pages reload. The server runs as its own
 * process with `--dev`, so what is worked on is what is shipped.
 * @module
 */
import { readEnvironment } from "../config/environment.ts";
import { build } from "./build.ts";
import { serverFlags } from "./permissions.ts";

const ROOT = new URL("../", import.meta.url);
const SERVER_SOURCES = ["main.ts", "config", "routes", "runs", "upstream", "protocol"];
const BROWSER_SOURCES = ["components", "protocol", "static"];
/** Editors write a file in several steps; what comes within this time is one change, in milliseconds. */
const SETTLE_MS = 80;

let server = await rebuild().then(serve);
for await (const paths of changes()) {
  console.log(`Changed: ${paths.join(", ")}`);
  if (paths.some((path) => isBelow(path, BROWSER_SOURCES))) await rebuild();
  // Restarted in any case: the files of static/ are read at start, and the pages notice the restart.
  // At once: a graceful stop would wait for the answers and pages that are open.
  server.kill("SIGKILL");
  await server.status;
  server = serve();
}

/** Builds; a mistake in the sources is shown and the last good build stays. */
async function rebuild(): Promise<void> {
  try {
    await build(ROOT);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
  }
}

function serve(): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", ...serverFlags(readEnvironment(), Deno.readTextFileSync), "main.ts", "--dev", ...Deno.args],
    cwd: ROOT,
  }).spawn();
}

/** The source files that changed, relative to the project, batch by batch. */
async function* changes(): AsyncGenerator<string[]> {
  const sources = [...new Set([...SERVER_SOURCES, ...BROWSER_SOURCES])];
  const batch = new Set<string>();
  let settled: Promise<void> | undefined;
  const events = Deno.watchFs(sources.map((path) => new URL(path, ROOT).pathname))[Symbol.asyncIterator]();
  let next = events.next();
  while (true) {
    const event = await Promise.race([next, ...(settled ? [settled] : [])]);
    if (event === undefined) {
      settled = undefined;
      yield [...batch];
      batch.clear();
      continue;
    }
    if (event.done) return;
    next = events.next();
    if (event.value.kind === "access") continue;
    for (const path of event.value.paths.map(relative).filter(isSource)) batch.add(path);
    if (batch.size > 0) settled ??= new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  }
}

function relative(path: string): string {
  return path.slice(new URL(ROOT).pathname.length);
}

/** What the build writes is no source. */
function isSource(path: string): boolean {
  return /\.(?:ts|html|css|svg|json)$/.test(path) && !path.startsWith("static/assets/");
}

function isBelow(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => path.startsWith(`${folder}/`));
}
