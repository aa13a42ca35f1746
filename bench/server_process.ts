/**
 * Starts the processes of a measurement and ends them again, whatever happens in between.
 * @module
 */
import { LoadConnection, type Target } from "./load_client.ts";
import type { Server } from "./servers.ts";

/** A server or provider that is up. */
export interface RunningProcess extends AsyncDisposable {
  readonly pid: number;
  readonly target: Target;
  /** Ends it at once. */
  end(): void;
}

/** How often a server is started before it is given up. */
const MAX_STARTS = 3;
/** How long a server may take to answer for the first time. */
const START_TIMEOUT_MS = 20_000;
/** How long a process may take to end by itself: no client is left, and nothing it might still do is measured. */
const STOP_TIMEOUT_MS = 500;

/**
 * Starts `server` on a free port and waits until it delivers a whole answer. Its logs go to a file that is thrown away.
 * @throws {Error} with the reason and its last words when it cannot run here
 */
export async function startServer(server: Server, providerPort: number): Promise<RunningProcess> {
  for (let attempt = 1;; attempt++) {
    const directory = await Deno.makeTempDir({ prefix: "chat-stream-bench-" });
    try {
      return await startIn(directory, server, providerPort);
    } catch (error) {
      await Deno.remove(directory, { recursive: true });
      // Between finding a free port and listening on it somebody else may have taken it.
      if (attempt === MAX_STARTS || !(error instanceof NoAnswerError)) throw error;
    }
  }
}

/** A server that was started and does not answer as it should. */
class NoAnswerError extends Error {}

async function startIn(directory: string, server: Server, providerPort: number): Promise<RunningProcess> {
  const port = freePort();
  const { command, args, env } = await server.launch({ port, providerPort, directory });
  const log = `${directory}/server.log`;
  // Deno.Command cannot write to a file; the shell can, and then gives its place to the server.
  const child = new Deno.Command("sh", {
    args: ["-c", 'exec "$@" >"$0" 2>&1', log, command, ...args],
    env,
    cwd: directory,
    stdin: "null",
  }).spawn();
  const target = { ...server.target, port };
  try {
    await untilItAnswers(target, child);
  } catch (error) {
    await stop(child);
    const said = await Deno.readTextFile(log).catch(() => "");
    throw new NoAnswerError(`it does not answer: ${(error as Error).message}\n${said.slice(-2_000)}`);
  }
  return {
    pid: child.pid,
    target,
    end: () => kill(child, "SIGKILL"),
    async [Symbol.asyncDispose]() {
      await stop(child);
      await Deno.remove(directory, { recursive: true });
    },
  };
}

/** Starts the provider in a process of its own. */
export async function startProviderProcess(): Promise<RunningProcess> {
  const script = `${import.meta.dirname}/provider.ts`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", "--allow-net=127.0.0.1", script],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  const { port } = JSON.parse(new TextDecoder().decode(value)) as { port: number };
  return {
    pid: child.pid,
    target: { port, path: "/v1/chat/completions" },
    end: () => kill(child, "SIGKILL"),
    async [Symbol.asyncDispose]() {
      await stop(child);
      await child.stdout.cancel();
    },
  };
}

/** A port that nobody listens on at this moment. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** @throws {Error} when it ends, refuses, or has not answered in time */
async function untilItAnswers(target: Target, child: Deno.ChildProcess): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  let hasEnded = false;
  void child.status.then(() => hasEnded = true);
  for (;;) {
    try {
      using connection = await LoadConnection.open(target);
      await connection.ask("bench-1-0");
      await connection.readStream();
      return;
    } catch (error) {
      const mayStillCome = error instanceof Deno.errors.ConnectionRefused && !hasEnded && Date.now() < deadline;
      if (!mayStillCome) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function stop(child: Deno.ChildProcess): Promise<void> {
  const timer = setTimeout(() => kill(child, "SIGKILL"), STOP_TIMEOUT_MS);
  kill(child, "SIGTERM");
  await child.status;
  clearTimeout(timer);
}

function kill(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch {
    // It has ended by itself.
  }
}
