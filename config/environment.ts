/**
 * Looks up variables: on the command line, in the environment, and in the file `.env` of the current directory.
 * @module
 */
import { parseEnv } from "node:util";
import type { Environment } from "./config_values.ts";

/**
 * Reads `.env`, once.
 * @param overrides values from the command line, by variable
 */
export function readEnvironment(overrides: Readonly<Record<string, string | undefined>> = {}): Environment {
  const file = readDotEnv();
  return (name) => overrides[name] ?? Deno.env.get(name) ?? file[name];
}

function readDotEnv(): Record<string, string | undefined> {
  try {
    return parseEnv(Deno.readTextFileSync(".env"));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw error;
  }
}
