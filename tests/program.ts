/**
 * Starts the program in its own process, with its output, signals and limits.
 * @module
 */

const MAIN = new URL("../main.ts", import.meta.url).pathname;

/** Environment variables. Without a provider among them, none is set. Undefined leaves a variable to `.env`. */
type Environment = Readonly<Record<string, string | undefined>>;

/** How a program is started. */
export interface ProgramOptions {
  /** The current directory. By default this process's own. */
  readonly cwd?: string;
  /** By default the system chooses one. */
  readonly port?: number;
  /** The most files that the process may open. By default this process's own limit. */
  readonly openFiles?: number;
  /** A module to load before the program. */
  readonly preload?: string;
  /** A file that receives all output instead of this process. It requires `port`. */
  readonly output?: string;
}

/** A running server. Use it with `await using`. */
export class Program implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #output: Output;
  readonly #errors: Output;
  /** The server's own address, without a path. */
  readonly origin: string;

  private constructor(child: Deno.ChildProcess, output: Output, origin: string) {
    this.#child = child;
    this.#output = output;
    this.#errors = new Output(child.stderr);
    this.origin = origin;
  }

  /** Starts the program, and waits until it listens. */
  static async start(env: Environment, options: ProgramOptions = {}): Promise<Program> {
    const { port = 0 } = options;
    const child = programCommand([`--port=${port}`], env, options).spawn();
    const output = new Output(child.stdout);
    if (options.output !== undefined) {
      await untilListening(port);
      return new Program(child, output, `http://127.0.0.1:${port}`);
    }
    const printed = await output.printed("\nProvider").catch(async (error) => {
      throw new Error(`${error.message}\n${await new Response(child.stderr).text()}`);
    });
    return new Program(child, output, printed.match(/https?:\/\/\S+/)![0]);
  }

  get pid(): number {
    return this.#child.pid;
  }

  get port(): number {
    return Number(new URL(this.origin).port);
  }

  /** Everything printed to standard output, once it includes `text`. */
  printed(text: string): Promise<string> {
    return this.#output.printed(text);
  }

  /** Resolves when standard output has matched `pattern` `count` times. */
  async printedOften(pattern: RegExp, count: number): Promise<void> {
    await this.#output.until((text) => (text.match(pattern)?.length ?? 0) >= count);
  }

  /** Everything printed to standard error, once it includes `text`. */
  printedError(text: string): Promise<string> {
    return this.#errors.printed(text);
  }

  chat(init: RequestInit = {}): Promise<Response> {
    return fetch(`${this.origin}/api/chat`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"messages":[{"role":"user","content":"Hi"}]}',
      ...init,
    });
  }

  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** The exit status, once the process has ended. */
  async status(): Promise<Deno.CommandStatus> {
    await Promise.all([this.#output.end(), this.#errors.end()]);
    return await this.#child.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // Stopped already.
    }
    await this.status();
  }
}

/** The command that starts the program. Both outputs are piped. */
export function programCommand(
  args: readonly string[],
  env: Environment = {},
  { cwd = Deno.cwd(), openFiles, preload, output }: ProgramOptions = {},
): Deno.Command {
  const permissions = ["--allow-net", "--allow-read", "--allow-env"];
  const preloaded = preload === undefined ? [] : [`--preload=${preload}`];
  const deno = [Deno.execPath(), "run", "--no-check", ...permissions, ...preloaded, MAIN, ...args];
  const setUp = [
    ...(openFiles === undefined ? [] : [`ulimit -n ${openFiles};`]),
    'exec "$0" "$@"',
    ...(output === undefined ? [] : [`>${output} 2>&1`]),
  ];
  const [command, ...rest] = setUp.length === 1 ? deno : ["sh", "-c", setUp.join(" "), ...deno];
  const variables = Object.entries({
    OPENAI_API_KEY: "",
    OPENAI_BASE_URL: "",
    ANTHROPIC_API_KEY: "",
    GEMINI_API_KEY: "",
    ...env,
  });
  return new Deno.Command(command!, {
    args: rest,
    env: Object.fromEntries(variables.filter((entry): entry is [string, string] => entry[1] !== undefined)),
    cwd,
    stdout: "piped",
    stderr: "piped",
  });
}

/** A port that was free a moment ago: several processes cannot share one that the system chooses. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Tries until the port accepts a connection. */
async function untilListening(port: number): Promise<void> {
  for (;;) {
    try {
      using _ = await Deno.connect({ hostname: "127.0.0.1", port });
      return;
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
    }
  }
}

/** The output of a process. It is read continuously, so that the process never blocks. */
class Output {
  #text = "";
  #onText = Promise.withResolvers<void>();
  #isOver = false;
  readonly #reading: Promise<void>;

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reading = this.#read(stream);
  }

  printed(text: string): Promise<string> {
    return this.until((printed) => printed.includes(text));
  }

  /** The text, once `condition` holds for it. @throws {Error} when the process ends before */
  async until(condition: (text: string) => boolean): Promise<string> {
    while (!condition(this.#text)) {
      if (this.#isOver) throw new Error(`The server stopped after it had printed: ${this.#text}`);
      await this.#onText.promise;
    }
    return this.#text;
  }

  async end(): Promise<void> {
    await this.#reading;
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      this.#text += text;
      this.#notify();
    }
    this.#isOver = true;
    this.#notify();
  }

  #notify(): void {
    this.#onText.resolve();
    this.#onText = Promise.withResolvers();
  }
}
