/**
 * Where variables are looked up: the environment, and below it the file `.env` of the current directory.
 * @module
 */
import { parseEnv } from "node:util";
import type { Environment } from "./config_values.ts";

/** Reads `.env`, once, and gives the way to look a variable up. */
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
