/**
 * Starts the processes of a measurement, and ends them in any case.
 * @module
 */
import { LoadConnection, type Target } from "./load_client.ts";
import type { Server } from "./servers.ts";

/** A running server or provider. */
export interface RunningProcess extends AsyncDisposable {
  readonly pid: number;
  readonly target: Target;
  /** Kills it. */
  end(): void;
}

/** The number of attempts to start a server. */
const MAX_STARTS = 3;
/** How long a server may take until its first response, in milliseconds. */
const START_TIMEOUT_MS = 20_000;
/** How long a process may take to stop, in milliseconds. Nothing is measured any more. */
const STOP_TIMEOUT_MS = 500;

/**
 * Starts `server` on a free port and waits until it delivers a whole answer. Its log goes to a temporary file.
 * @throws {Error} with the reason and the end of the log when it cannot run here
 */
export async function startServer(server: Server, providerPort: number): Promise<RunningProcess> {
  for (let attempt = 1;; attempt++) {
    const directory = await Deno.makeTempDir({ prefix: "chat-stream-bench-" });
    try {
      return await startIn(directory, server, providerPort);
    } catch (error) {
      await Deno.remove(directory, { recursive: true });
      // Another process may have taken the port meanwhile.
      if (attempt === MAX_STARTS || !(error instanceof NoAnswerError)) throw error;
    }
  }
}

/** Thrown for a server that does not deliver an answer. */
class NoAnswerError extends Error {}

async function startIn(directory: string, server: Server, providerPort: number): Promise<RunningProcess> {
  const port = freePort();
  const { command, args, env } = await server.launch({ port, providerPort, directory });
  const log = `${directory}/server.log`;
  // Deno.Command cannot write to a file. The shell can, and `exec` replaces it with the server.
  const child = new Deno.Command("sh", {
    args: ["-c", 'exec "$@" >"$0" 2>&1', log, command, ...args],
    env,
    cwd: directory,
    stdin: "null",
  }).spawn();
  const target = { ...server.target, port };
  try {
    await untilReady(target, child);
  } catch (error) {
    await stop(child);
    const output = await Deno.readTextFile(log).catch(() => "");
    throw new NoAnswerError(`it does not answer: ${(error as Error).message}\n${output.slice(-2_000)}`);
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

/** Starts the provider in its own process. */
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

/** A port that is free at this moment. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Resolves when the server has delivered an answer. @throws {Error} when it ends, refuses, or takes too long */
async function untilReady(target: Target, child: Deno.ChildProcess): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  let hasEnded = false;
  void child.status.then(() => hasEnded = true);
  for (;;) {
    try {
      using connection = await LoadConnection.open(target);
      await connection.send("bench-1-0");
      await connection.readStream();
      return;
    } catch (error) {
      const isStarting = error instanceof Deno.errors.ConnectionRefused && !hasEnded && Date.now() < deadline;
      if (!isStarting) throw error;
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
