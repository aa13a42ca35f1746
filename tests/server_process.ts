/**
 * The server in a process of its own, as its users start it, which a test can stop, kill and freeze.
 * @module
 */

const ROOT = new URL("../", import.meta.url).pathname;

/** A running server. Use it with `await using`. */
export class ServerProcess implements AsyncDisposable {
  /** Its address, without a path. */
  readonly origin: string;
  readonly #child: Deno.ChildProcess;
  readonly #output: { text: string };

  private constructor(child: Deno.ChildProcess, origin: string, output: { text: string }) {
    this.#child = child;
    this.origin = origin;
    this.#output = output;
  }

  /** Starts one, and waits until it listens. @param env its variables, besides `PORT` @param options more of its options */
  static async start(env: Record<string, string>, options: readonly string[] = []): Promise<ServerProcess> {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-check", "--allow-all", "main.ts", "--port=0", ...options],
      env: { OPENAI_API_KEY: "", NO_COLOR: "1", ...env },
      cwd: ROOT,
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const output = { text: "" };
    const { promise: listening, resolve, reject } = Promise.withResolvers<string>();
    const collect = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
      for await (const text of stream.pipeThrough(new TextDecoderStream())) {
        output.text += text;
        const [, port] = /listening on http:\/\/localhost:(\d+)\n/.exec(output.text) ?? [];
        if (port !== undefined) resolve(`http://127.0.0.1:${port}`);
      }
    };
    Promise.all([collect(child.stdout), collect(child.stderr)])
      .then(() => reject(new Error(`The server ended:\n${output.text}`)));
    return new ServerProcess(child, await listening, output);
  }

  /** Everything that it has printed. */
  get output(): string {
    return this.#output.text;
  }

  /** Sends it a signal. */
  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Resolves when it has ended. */
  get ended(): Promise<Deno.CommandStatus> {
    return this.#child.status;
  }

  /** Asks it something. */
  chat(body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${this.origin}/api/chat`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#child.status;
  }
}
