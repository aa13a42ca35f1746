/**
 * `deno task start`: builds if needed, and serves. The server runs as its own process, which gets the signals of this one.
 * @module
 */
import { buildIfNeeded } from "./build.ts";
import { spawnServer } from "./spawn_server.ts";

if (import.meta.main) Deno.exit(await start(Deno.args));

/** @returns the server's exit code */
async function start(args: readonly string[]): Promise<number> {
  try {
    await buildIfNeeded(new URL("../", import.meta.url));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }
  const server = spawnServer(args);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(signal, () => forward(server, signal));
  }
  return (await server.status).code;
}

function forward(server: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    server.kill(signal);
  } catch {
    // It has ended already.
  }
}
