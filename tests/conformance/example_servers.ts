/**
 * How this server and the examples start, and what they promise.
 * @module
 */
import { assert } from "@std/assert";
import { FakeOpenAI } from "../fake_openai.ts";
import { type Level, type Outcome, runChecks } from "./check.ts";
import { checksUpTo } from "./levels.ts";
import { freeOrigin, startServer } from "./start_server.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** The commands of Python. Debian's own packages belong to Debian's own Python. */
const PYTHONS = ["/usr/bin/python3", "python3"];

/** A command that starts a server in a folder. */
export interface StartCommand {
  readonly command: readonly string[];
  readonly folder: string;
}

/** This project's server, in a folder where nobody keeps a configuration. */
export const THIS_SERVER: StartCommand = {
  command: [Deno.execPath(), "run", "--quiet", "--allow-all", `${ROOT}main.ts`],
  folder: `${ROOT}tests`,
};

/** The example with FastAPI; undefined where its packages are not installed. */
export async function findPythonServer(): Promise<StartCommand | undefined> {
  for (const python of PYTHONS) {
    const check = new Deno.Command(python, { args: ["-c", "import fastapi, httpx, uvicorn"], stderr: "null" });
    const { success } = await check.output().catch(() => ({ success: false }));
    if (success) return { command: [python, "server.py"], folder: `${ROOT}examples/servers/python` };
  }
  return undefined;
}

/** Starts a server and runs the checks up to a level. */
export async function outcomesOf({ command, folder }: StartCommand, level: Level): Promise<Outcome[]> {
  await using provider = new FakeOpenAI(() => ({ status: 500 }));
  const origin = freeOrigin();
  await using _server = await startServer(origin, provider.baseURL, command, folder);
  const outcomes = await runChecks(origin, provider, checksUpTo(level));
  assert(outcomes.length > 20);
  return outcomes;
}
