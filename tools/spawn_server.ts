/**
 * Starts the server as a process of its own, with the permissions that its configuration needs.
 * @module
 */
import { ConfigError, readConfig } from "../config/config.ts";
import type { Environment } from "../config/config_values.ts";
import { warnOfOpenFiles } from "../config/startup_warnings.ts";
import { serverEnvironment, serverFlags } from "./permissions.ts";

const ROOT = new URL("../", import.meta.url);

/**
 * Starts the server, and warns first where the limit of open files does not fit its configuration.
 * @param args the server's arguments
 * @param moreFolders folders that the server reads besides its own
 */
export function spawnServer(args: readonly string[], moreFolders: readonly string[] = []): Deno.ChildProcess {
  const environment = serverEnvironment(args);
  const limit = readOpenFilesLimit();
  const warning = limit && warnIfLow(environment, limit);
  if (warning) console.warn(`WARNING: ${warning}`);
  const flags = serverFlags(environment, Deno.readTextFileSync, moreFolders);
  const command = ["run", "--quiet", ...flags, "main.ts", ...args];
  return new Deno.Command(Deno.execPath(), { args: command, cwd: ROOT }).spawn();
}

/** Undefined for a wrong configuration too: the server prints what is wrong. */
function warnIfLow(environment: Environment, limit: number): string | undefined {
  try {
    return warnOfOpenFiles(readConfig(environment, Deno.readTextFileSync), limit);
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

/**
 * The most files that the server may open: the hard limit, to which Deno raises its own at start.
 * @returns undefined where there is none, and on Windows
 */
export function readOpenFilesLimit(): number | undefined {
  if (Deno.build.os === "windows") return undefined;
  const { stdout } = new Deno.Command("sh", { args: ["-c", "ulimit -Hn"] }).outputSync();
  const limit = Number(new TextDecoder().decode(stdout));
  return Number.isSafeInteger(limit) && limit > 0 ? limit : undefined;
}
