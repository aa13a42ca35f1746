/**
 * `deno task dev`: builds, serves, and rebuilds and restarts when a file changes; open pages reload. The server runs as
 * its own process with `--dev`, which also serves the pages in `examples/pages/`.
 * @module
 */
import { fileURLToPath } from "node:url";
import { build } from "./build.ts";
import { spawnServer } from "./spawn_server.ts";

const ROOT = new URL("../", import.meta.url);
/** The folders that the server reads only in development. */
const DEV_FOLDERS = ["examples/pages"];
/** A change in one of these restarts the server. */
export const SERVER_SOURCES: readonly string[] = [
  "main.ts",
  "health_check.ts",
  "config",
  "routes",
  "runs",
  "upstream",
  "protocol",
  "tools/std",
  ...DEV_FOLDERS,
];
/** A change in one of these rebuilds the bundles too. */
const BROWSER_SOURCES: readonly string[] = ["components", "protocol", "static"];
/** Editors write a file in several steps. Events within this time count as one change, in milliseconds. */
const SETTLE_MS = 80;

if (import.meta.main) await main();

async function main(): Promise<void> {
  let server = await rebuild() ? serve() : undefined;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(signal, () => {
      stop(server);
      Deno.exit(0);
    });
  }
  for await (const paths of changes()) {
    console.log(`Changed: ${paths.join(", ")}`);
    const isBuilt = !paths.some((path) => isBelow(path, BROWSER_SOURCES)) || await rebuild();
    if (!isBuilt) continue;
    stop(server);
    await server?.status;
    server = serve();
  }
}

/** Builds. A failure is printed and the last build stays. @returns whether the build succeeded */
async function rebuild(): Promise<boolean> {
  try {
    await build(ROOT);
    return true;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return false;
  }
}

function serve(): Deno.ChildProcess {
  return spawnServer(["--dev", ...Deno.args], DEV_FOLDERS);
}

/** Stops a server at once: a graceful stop would wait for open answers and pages. */
function stop(server: Deno.ChildProcess | undefined): void {
  try {
    server?.kill("SIGKILL");
  } catch {
    // It has ended already, for example because the configuration was wrong.
  }
}

/** The source files that changed, relative to the project, one batch for each change. */
async function* changes(): AsyncGenerator<string[]> {
  const batch = new Set<string>();
  let settled: Promise<void> | undefined;
  const sources = [...new Set([...SERVER_SOURCES, ...BROWSER_SOURCES])];
  const events = Deno.watchFs(sources.map((path) => fileURLToPath(new URL(path, ROOT))))[Symbol.asyncIterator]();
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
  return path.slice(fileURLToPath(ROOT).length);
}

/** Editors leave backup and swap files beside the sources. */
function isSource(path: string): boolean {
  return /\.(?:ts|js|html|css|svg|json)$/.test(path);
}

function isBelow(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => path.startsWith(`${folder}/`));
}
