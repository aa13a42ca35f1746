/**
 * Attacks the server as a stranger, a visitor, a cheat and a hostile provider would, and prints a table of what held. Run
 * it as `deno task attack [--short] [part of a name…]`. Everything happens on loopback addresses, in bounded time.
 * @module
 */
import { type Attack, type Outcome, type Size } from "./attack.ts";
import { CHEATS } from "./cheats.ts";
import { CLIENT_ATTACKS } from "./clients.ts";
import { CONNECTION_ATTACKS } from "./connections.ts";
import { PROVIDER_ATTACKS } from "./hostile_providers.ts";
import { BODY_ATTACKS } from "./large_bodies.ts";
import { PAGE_ATTACKS } from "./pages.ts";
import { PROCESS_ATTACKS } from "./processes.ts";

/** How long one attack may take, in milliseconds: what takes longer has failed. */
const TIMEOUT_MS: Readonly<Record<Size, number>> = { full: 90_000, short: 20_000 };

const ATTACKS: readonly Attack[] = [
  ...CONNECTION_ATTACKS,
  ...BODY_ATTACKS,
  ...PROVIDER_ATTACKS,
  ...CHEATS,
  ...CLIENT_ATTACKS,
  ...PROCESS_ATTACKS,
  ...PAGE_ATTACKS,
];

if (import.meta.main) Deno.exit(await main(Deno.args));

/** @returns the exit code: 1 where something did not hold */
async function main(args: readonly string[]): Promise<number> {
  if (Deno.build.os !== "linux") {
    console.log("Skipped: attack (it reads file descriptors and memory from Linux's /proc)");
    return 0;
  }
  const size: Size = args.includes("--short") ? "short" : "full";
  const names = args.filter((arg) => arg !== "--short");
  const attacks = ATTACKS.filter(({ name, onlyFull }) =>
    names.length > 0 ? names.some((part) => name.includes(part)) : size === "full" || !onlyFull
  );
  const failed: string[] = [];
  for (const attack of attacks) {
    const start = performance.now();
    const { holds, figure } = await attempt(attack, size);
    if (!holds) failed.push(attack.name);
    const seconds = `${((performance.now() - start) / 1000).toFixed(1)} s`.padStart(7);
    console.log(
      `${holds ? "holds" : "FAILS"} ${seconds}  ${attack.name.padEnd(34)} ${figure} (wanted: ${attack.wanted})`,
    );
  }
  console.log(`${attacks.length - failed.length} of ${attacks.length} attacks were withstood`);
  return failed.length === 0 ? 0 : 1;
}

/** Runs an attack. One that throws or takes too long has failed, and its processes end. */
export async function attempt(attack: Attack, size: Size): Promise<Outcome> {
  const { promise: late, resolve } = Promise.withResolvers<Outcome>();
  const giveUp = () => {
    killChildren();
    resolve({ holds: false, figure: `not over after ${TIMEOUT_MS[size] / 1000} s` });
  };
  const timer = setTimeout(giveUp, TIMEOUT_MS[size]);
  try {
    return await Promise.race([attack.run(size), late]);
  } catch (error) {
    return { holds: false, figure: String(error).split("\n")[0]! };
  } finally {
    clearTimeout(timer);
  }
}

/** Ends the processes that this one has started: an attack that hangs does not. */
function killChildren(): void {
  for (const { name: thread } of Deno.readDirSync("/proc/self/task")) {
    const children = Deno.readTextFileSync(`/proc/self/task/${thread}/children`);
    for (const pid of children.trim().split(" ").filter((pid) => pid !== "")) Deno.kill(Number(pid), "SIGKILL");
  }
}
