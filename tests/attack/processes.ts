/**
 * Attacks on the process: signals, output that cannot be written, one of several processes that is killed, secrets in
 * messages, and other services on the same machine.
 * @module
 */
import { serverPermissions } from "../../tools/permissions.ts";
import { answerOf, contentChunk, FakeOpenAI, sse } from "../fake_openai.ts";
import { freePort, Program, programCommand } from "../program.ts";
import { eventsOf, textOf } from "../test_server.ts";
import type { Attack, Outcome, Size } from "./attack.ts";

/** A provider whose answers wait until they may finish. */
function waitingProvider(): { readonly provider: FakeOpenAI; readonly finish: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  async function* body() {
    yield* sse(contentChunk("first "));
    await promise;
    yield* answerOf("last");
  }
  return { provider: new FakeOpenAI(() => ({ body: body() })), finish: resolve };
}

/** The terminal closes while answers are under way. */
async function closeTerminal(): Promise<Outcome> {
  const { provider, finish } = waitingProvider();
  await using _ = provider;
  await using program = await Program.start({ OPENAI_BASE_URL: provider.baseURL });
  const live = await Promise.all(Array.from({ length: 5 }, () => program.chat()));
  program.signal("SIGHUP");
  while ((await fetch(`${program.origin}/readyz`).then((r) => r.body!.cancel().then(() => r.status))) !== 503);
  finish();
  const texts = await Promise.all(live.map(async (response) => textOf(await eventsOf(response))));
  const { code } = await program.status();
  const whole = texts.filter((text) => text === "first last").length;
  return { holds: whole === 5 && code === 0, figure: `${whole} of 5 answers ended properly, exit code ${code}` };
}

/** Signals without end. */
async function insist(): Promise<Outcome> {
  await using provider = new FakeOpenAI(() => ({ body: sse(contentChunk("a")), end: "stall" }));
  await using program = await Program.start({ OPENAI_BASE_URL: provider.baseURL });
  const reading = Promise.all(Array.from({ length: 5 }, async () => await eventsOf(await program.chat())));
  await provider.until(({ requests }) => requests.length === 5);
  let isOver = false;
  const answers = reading.finally(() => isOver = true);
  while (!isOver) {
    program.signal("SIGTERM");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const terminal = (await answers).filter((events) => {
    const last = events.at(-1);
    return last?.type === "error" && last.data.type === "ServerBusy";
  });
  const { code } = await program.status();
  return {
    holds: terminal.length === 5 && code === 0,
    figure: `${terminal.length} of 5 answers ended with their terminal event, exit code ${code}`,
  };
}

/** All output goes to a full disk. */
async function fillDisk(size: Size): Promise<Outcome> {
  const count = size === "full" ? 500 : 50;
  await using provider = new FakeOpenAI(() => ({ body: answerOf("unlogged") }));
  const options = { port: freePort(), output: "/dev/full" };
  await using program = await Program.start({ OPENAI_BASE_URL: provider.baseURL }, options);
  let whole = 0;
  for (let chat = 0; chat < count; chat++) {
    if (textOf(await eventsOf(await program.chat())) === "unlogged") whole++;
  }
  return { holds: whole === count, figure: `${whole} of ${count} answers` };
}

/** One of two processes on a port is killed. */
async function killOne(): Promise<Outcome> {
  const { provider, finish } = waitingProvider();
  await using _ = provider;
  const env = { OPENAI_BASE_URL: provider.baseURL, REUSE_PORT: "true" };
  const port = freePort();
  await using victim = await Program.start(env, { port });
  await using other = await Program.start(env, { port });
  const live = await Promise.all(Array.from({ length: 20 }, () => other.chat()));
  victim.signal("SIGKILL");
  await victim.status();
  finish();
  const endings = await Promise.all(live.map(async (response) => (await eventsOf(response)).at(-1)?.type));
  const fresh = await Promise.all(Array.from({ length: 20 }, async () => textOf(await eventsOf(await other.chat()))));
  const [whole, cut] = ["stop", "error"].map((type) => endings.filter((ending) => ending === type).length);
  const answered = fresh.filter((text) => text === "first last").length;
  return {
    holds: whole! + cut! === 20 && whole! > 0 && answered === 20,
    figure: `of 20 live streams ${whole} ended properly and ${cut} as cut; ${answered} of 20 new ones were answered`,
  };
}

/** A password in an address that is refused. */
async function showPassword(): Promise<Outcome> {
  const addresses = ["https://user:hunter2@host/v1", "user:hunter2@host", "https://host/v1?key=hunter2"];
  let shown = 0;
  for (const OPENAI_BASE_URL of addresses) {
    const { stderr, stdout } = await programCommand(["--check"], { OPENAI_BASE_URL }).output();
    const printed = [stderr, stdout].map((bytes) => new TextDecoder().decode(bytes)).join("");
    if (printed.includes("hunter2")) shown++;
  }
  return { holds: shown === 0, figure: `shown ${shown} times of ${addresses.length}` };
}

/** Code in the server's process tries to reach another service of the same machine. */
async function reachNeighbour(): Promise<Outcome> {
  using neighbour = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const env: Record<string, string> = { OPENAI_BASE_URL: "https://llm.example/v1" };
  const permissions = serverPermissions((name) => env[name], () => {
    throw new Deno.errors.NotFound();
  });
  const probe = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--quiet", ...permissions, "-", `${neighbour.addr.port}`],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = probe.stdin.getWriter();
  const source = `for (const hostname of ["127.0.0.1", "localhost"]) {
    console.log(await Deno.connect({ hostname, port: Number(Deno.args[0]) }).then(() => "connected", (e) => e.name));
  }`;
  await writer.write(new TextEncoder().encode(source));
  await writer.close();
  const attempts = new TextDecoder().decode((await probe.output()).stdout).trim().split("\n");
  return { holds: attempts.every((attempt) => attempt === "NotCapable"), figure: attempts.join(", ") };
}

/** The attacks of this file. */
export const PROCESS_ATTACKS: readonly Attack[] = [
  { name: "SIGHUP", wanted: "live streams end properly", run: closeTerminal },
  { name: "signal upon signal", wanted: "live streams end with their terminal event", run: insist },
  { name: "output to a full disk", wanted: "all answers arrive", run: fillDisk },
  { name: "one of two processes killed", wanted: "no cut answer looks finished; the other serves", run: killOne },
  { name: "password of a refused address", wanted: "it is not printed", run: showPassword },
  { name: "other services of the machine", wanted: "out of reach", run: reachNeighbour },
];
