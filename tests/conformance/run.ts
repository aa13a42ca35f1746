/**
 * `deno task conformance URL`: the contract as a program. It plays the provider of a chat server, sends what clients send,
 * and prints what holds, by level. The server must send its requests to the address that the program prints, or the
 * program starts it: `deno task conformance URL --start='node server.js'`.
 * @module
 */
import { parseArgs } from "node:util";
import { FakeOpenAI } from "../fake_openai.ts";
import { type Level, LEVELS, type Outcome, runChecks } from "./check.ts";
import { checksUpTo } from "./levels.ts";
import { startServer } from "./start_server.ts";

const USAGE = `Usage: deno task conformance URL [--level=LEVEL] [--start=COMMAND]

  URL              the server's address, such as http://127.0.0.1:3001
  --level=LEVEL    ${LEVELS.join(", ")}: this level and those before it (default: all)
  --start=COMMAND  starts the server in a shell, with PORT, OPENAI_BASE_URL and OPENAI_API_KEY set`;

if (import.meta.main) await main();

async function main(): Promise<void> {
  const { url, level, start } = readArguments();
  const provider = new FakeOpenAI(() => ({ status: 500 }));
  if (start === undefined) {
    console.log(
      `Start the server with OPENAI_BASE_URL=${provider.baseURL} and any OPENAI_API_KEY. Waiting for ${url.origin}`,
    );
  }
  const server = await startServer(url.origin, provider.baseURL, start === undefined ? [] : ["sh", "-c", start]);
  const outcomes = await runChecks(url.origin, provider, checksUpTo(level), (outcome) => console.log(lineOf(outcome)));
  console.log(`\n${summaryOf(outcomes)}`);
  await server[Symbol.asyncDispose]();
  // A server that failed may hold connections for ever.
  Deno.exit(outcomes.every(({ error }) => error === undefined) ? 0 : 1);
}

function readArguments(): { readonly url: URL; readonly level: Level; readonly start: string | undefined } {
  try {
    const options = { level: { type: "string" }, start: { type: "string" } } as const;
    const { values: { level = LEVELS.at(-1)!, start }, positionals } = parseArgs({
      args: Deno.args,
      options,
      allowPositionals: true,
    });
    const known = LEVELS.find((each) => each === level);
    if (known === undefined || positionals.length !== 1) throw new Error("Wanted one URL, and a known level");
    return { url: new URL(positionals[0]!), level: known, start };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    Deno.exit(2);
  }
}

function lineOf({ level, name, error }: Outcome): string {
  const line = `${level.padEnd(10)}${error === undefined ? "holds " : "FAILS "} ${name}`;
  return error === undefined ? line : `${line}\n${error.replace(/^/gm, "                 ")}`;
}

/** One row for each level. */
function summaryOf(outcomes: readonly Outcome[]): string {
  return LEVELS.flatMap((level) => {
    const all = outcomes.filter((outcome) => outcome.level === level);
    const held = all.filter(({ error }) => error === undefined).length;
    return all.length === 0 ? [] : [`${level.padEnd(10)} ${held} of ${all.length} hold`];
  }).join("\n");
}
