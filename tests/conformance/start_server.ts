/**
 * Starts a chat server in front of a fake provider, and waits until it answers.
 * @module
 */

/** How long a server may take to start, and how often it is tried, in milliseconds. */
const START_DEADLINE_MS = 60_000;
const RETRY_MS = 100;

/**
 * Starts a server, or waits for one that is started elsewhere.
 * @param origin the server's address; its port is the variable `PORT` of the command
 * @param baseURL the provider's address
 * @param command the program and its arguments; empty for none
 * @param cwd the folder to run it in
 * @returns what stops the server
 * @throws {Error} when the server ends, or does not answer in time, with what it printed
 */
export async function startServer(
  origin: string,
  baseURL: string,
  [program, ...args]: readonly string[],
  cwd?: string,
): Promise<AsyncDisposable> {
  const { port } = new URL(origin);
  const server = program === undefined ? undefined : new Deno.Command(program, {
    args,
    env: { PORT: port, OPENAI_BASE_URL: baseURL, OPENAI_API_KEY: "sk-conformance", NO_COLOR: "1" },
    ...(cwd !== undefined && { cwd }),
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = server && Promise.all([server.stdout, server.stderr].map((stream) => new Response(stream).text()));
  let hasEnded = false;
  void server?.status.then(() => hasEnded = true);
  const stopped = {
    async [Symbol.asyncDispose]() {
      if (!hasEnded) server?.kill("SIGTERM");
      await Promise.all([server?.status, output]);
    },
  };
  for (let waited = 0; waited < START_DEADLINE_MS && !hasEnded; waited += RETRY_MS) {
    if (await answers(origin)) return stopped;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
  await stopped[Symbol.asyncDispose]();
  throw new Error(`No server answers at ${origin}. It printed:\n${(await output)?.join("") ?? ""}`);
}

async function answers(origin: string): Promise<boolean> {
  try {
    await (await fetch(origin)).body?.cancel();
    return true;
  } catch {
    return false;
  }
}

/** An address of this machine with a port that is free now. */
export function freeOrigin(): string {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return `http://127.0.0.1:${(listener.addr as Deno.NetAddr).port}`;
}
