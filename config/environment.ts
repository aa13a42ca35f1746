/**
 * Looks up configuration variables: in the environment, then in the file `.env` of the current directory.
 * @module
 */
import { parseEnv } from "node:util";
import type { Environment } from "./config_values.ts";

/** Reads `.env` once and returns the lookup function. */
export function readEnvironment(): Environment {
  const file = readDotEnv();
  return (name) => Deno.env.get(name) ?? file[name];
}

function readDotEnv(): Record<string, string | undefined> {
  try {
    return parseEnv(Deno.readTextFileSync(".env"));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw error;
  }
}
