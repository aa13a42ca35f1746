/**
 * A real Redis for tests: `redis-server` as a process of its own, on a free port, which can be killed, frozen and started
 * again. Tests that need it are skipped where it is not installed.
 * @module
 */
import { type RedisCommand, RedisConnection } from "../runs/redis/redis_connection.ts";

/** True where `redis-server` is installed. */
export const HAS_REDIS = isInstalled("redis-server");

/** Registers a test that needs Redis. It is skipped by name where that is not installed. */
export function redisTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !HAS_REDIS, fn });
}

/** True where a program can be run. */
export function isInstalled(program: string): boolean {
  try {
    return new Deno.Command(program, { args: ["-v"], stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

/** A running Redis. Use it with `await using`. */
export class RedisServer implements AsyncDisposable {
  readonly port: number;
  readonly #folder: string;
  readonly #args: readonly string[];
  #process!: Deno.ChildProcess;

  private constructor(port: number, folder: string, args: readonly string[]) {
    this.port = port;
    this.#folder = folder;
    this.#args = args;
  }

  /** Starts one, empty. @param args options of `redis-server` */
  static async start(...args: string[]): Promise<RedisServer> {
    const server = new RedisServer(freePort(), await Deno.makeTempDir({ prefix: "redis-" }), args);
    await server.restart();
    return server;
  }

  /** Where it is. */
  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it again on the same port after {@linkcode kill}. It has what it wrote to its files: by default nothing. */
  async restart(): Promise<void> {
    const fixed = ["--port", String(this.port), "--bind", "127.0.0.1", "--save", "", "--dir", this.#folder];
    this.#process = new Deno.Command("redis-server", { args: [...fixed, ...this.#args], stdout: "piped" }).spawn();
    const reader = this.#process.stdout.pipeThrough(new TextDecoderStream()).getReader();
    for (let output = ""; !output.includes("Ready to accept connections");) {
      const { done, value } = await reader.read();
      if (done) throw new Error(`redis-server did not start:\n${output}`);
      output += value;
    }
    // Whatever it prints is read, so that it never waits for room in the pipe.
    void (async () => {
      while (!(await reader.read()).done);
    })();
  }

  /** Kills it. Connections end at once. */
  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.status;
  }

  /** Stops its process, so that it accepts connections and replies to nothing. */
  freeze(): void {
    this.#process.kill("SIGSTOP");
  }

  /** Lets a frozen process go on. */
  thaw(): void {
    this.#process.kill("SIGCONT");
  }

  /** Opens a connection as the server does. */
  async connect(prefix = "test:"): Promise<RedisConnection> {
    return await RedisConnection.open({ url: this.url, prefix });
  }

  /** Sends one command on a connection of its own. */
  async send(...command: RedisCommand): Promise<unknown> {
    await using connection = await this.connect();
    return await connection.send(command);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.kill();
    } catch {
      // A test has killed it.
    }
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** Resolves when a connection has come up again. */
export function comesUp(redis: RedisConnection): Promise<void> {
  return new Promise((resolve) => redis.onBeat((isFirst) => isFirst && resolve()));
}

/** A port that is free at the moment. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
