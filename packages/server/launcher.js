#!/usr/bin/env node
/**
 * The command `chat-stream` of the npm package, for Node: runs the server with the npm package `deno`, which has only the
 * permissions that the configuration needs.
 */
import { execFileSync, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

// Puts the executable in its place. The package's own install script would, but npm may be told to run none.
const deno = createRequire(import.meta.url)("deno/install_api.cjs").runInstall();
/** The bundles import nothing, and the folder's own configuration is not theirs. */
const RUN = ["run", "--quiet", "--no-config", "--no-lock", "--no-remote", "--no-npm", "--no-prompt"];
/** As in the project's `deno.json`. */
const UNSTABLE = ["--unstable-net", "--unstable-no-legacy-abort"];

const args = process.argv.slice(2);
const permissions = execFileSync(
  deno,
  [...RUN, "--allow-read", "--allow-env", pathOf("tools/permissions.js"), `--folder=${pathOf("dist/static")}`, ...args],
  { encoding: "utf8" },
);
const server = spawn(deno, [...RUN, ...UNSTABLE, ...permissions.trim().split(" "), pathOf("main.js"), ...args], {
  stdio: "inherit",
  // A terminal sends its signals to the whole process group. The server must get each of them once, from here.
  detached: process.platform !== "win32",
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => server.kill(signal));
server.on("error", ({ message }) => {
  console.error(`chat-stream cannot start: ${message}`);
  process.exitCode = 1;
});
server.on("exit", (code, signal) => process.exitCode = code ?? (signal === "SIGINT" ? 130 : 143));

function pathOf(name) {
  return fileURLToPath(new URL(name, import.meta.url));
}
