/**
 * `deno task bench`: measures the server and its peers, prints one table and writes `bench/RESULTS.md`. `--quick` runs
 * one short round and writes nothing. `--only=NAME` selects the servers whose name contains NAME.
 * @module
 */
import { parseArgs } from "node:util";
import { measure } from "./measure.ts";
import { barTable, type Circumstances, resultsDocument, resultTable, skippedList } from "./report.ts";
import { FULL, QUICK } from "./scenarios.ts";
import { findNode, installPeers, peerVersions, SERVERS, versionOf } from "./servers.ts";

if (import.meta.main) await main();

async function main(): Promise<void> {
  if (Deno.build.os !== "linux") {
    console.error("The benchmark reads CPU time and memory from Linux's /proc and runs on Linux only.");
    Deno.exit(1);
  }
  const options = { quick: { type: "boolean" }, only: { type: "string", default: "" } } as const;
  const { quick, only } = parseArgs({ args: Deno.args, options }).values;
  const report = (line: string) => console.error(line);
  const missing = await installPeers();
  if (missing !== undefined) report(`${missing}: the Node peers will be skipped`);

  const load = Deno.loadavg()[0]!;
  const servers = SERVERS.filter(({ name }) => name.includes(only));
  const results = await measure(servers, quick ? QUICK : FULL, report);
  console.log(`\n${resultTable(results)}\n\n${skippedList(results)}\n\n${barTable(results)}`);
  if (quick || only !== "") return;
  const path = `${import.meta.dirname}/RESULTS.md`;
  await Deno.writeTextFile(path, resultsDocument(results, servers, await circumstances(load)));
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", path] }).output();
}

/** @param load the system's load average before the first measurement */
async function circumstances(load: number): Promise<Circumstances> {
  const node = await findNode().then((command) => versionOf(command, "--version")).catch(() => undefined);
  const nginx = await versionOf("nginx", "-v");
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: await commit(),
    machine: `${machine()}, load before ${load.toFixed(1)}`,
    versions: {
      Deno: Deno.version.deno,
      ...(node === undefined ? {} : { Node: node.replace("v", "") }),
      ...(nginx === undefined ? {} : { nginx: nginx.split("/")[1] ?? "" }),
      ...peerVersions(),
    },
    command: "deno task bench",
  };
}

async function commit(): Promise<string> {
  const git = async (...args: string[]) => {
    const { success, stdout } = await new Deno.Command("git", { args, cwd: import.meta.dirname!, stderr: "null" })
      .output();
    return success ? new TextDecoder().decode(stdout).trim() : "";
  };
  const changed = await git("status", "--porcelain", "--untracked-files=no");
  return `${await git("rev-parse", "--short", "HEAD")}${changed === "" ? "" : " with local changes"}`;
}

function machine(): string {
  const model = /^model name\s*:\s*(.+)$/m.exec(Deno.readTextFileSync("/proc/cpuinfo"))?.[1] ?? Deno.build.arch;
  const system = /^PRETTY_NAME="(.+)"$/m.exec(Deno.readTextFileSync("/etc/os-release"))?.[1] ?? "Linux";
  const memory = Math.round(Deno.systemMemoryInfo().total / 2 ** 30);
  return `${navigator.hardwareConcurrency} cores of ${model}, ${memory} GiB, ${system}, kernel ${
    /^\d+\.\d+/.exec(Deno.osRelease())?.[0]
  }`;
}
