/**
 * The listening socket. It accepts connections with `Deno.serve`, pauses when the process runs out of file descriptors, and
 * resumes by itself. Open connections continue in a pause.
 * @module
 */
import type { App } from "./app.ts";
import type { Accepting } from "./health.ts";

/** Where the server listens. */
export interface ListenConfig {
  readonly host: string;
  /** 0 for a port that the system chooses. */
  readonly port: number;
  /** Several processes may listen on the port. */
  readonly reusePort: boolean;
}

/** How long a pause lasts before the listener tries to resume, in milliseconds. */
const RETRY_MS = 1000;

/** How long the last bytes of the last responses may take to leave after a stop, in milliseconds. */
const FLUSH_MS = 1000;

/** A listening socket, its connections, and those of the sockets before it. */
export class Listener implements Accepting {
  readonly #config: ListenConfig;
  readonly #spare = new SpareDescriptors();
  /** The servers that still have connections. Only the last one listens. */
  readonly #servers = new Set<Deno.HttpServer<Deno.NetAddr>>();
  #retry: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor(config: ListenConfig) {
    this.#config = config;
  }

  /** True while no connection is accepted, because there are too few file descriptors. */
  get isPaused(): boolean {
    return this.#retry !== undefined;
  }

  /**
   * Starts to listen.
   * @returns the address, with the port that the system chose
   * @throws {Deno.errors.AddrInUse} and other errors of the socket
   */
  listen(app: App): Deno.NetAddr {
    this.#spare.open();
    return this.#serve(app, this.#config.port);
  }

  /** Closes the socket and waits until the responses under way have been sent, but for {@linkcode FLUSH_MS} at most. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#spare.release();
    const closed = Promise.allSettled([...this.#servers].map((server) => server.shutdown()));
    let timer: ReturnType<typeof setTimeout> | undefined;
    await Promise.race([closed, new Promise((resolve) => timer = setTimeout(resolve, FLUSH_MS))]);
    clearTimeout(timer);
  }

  #serve(app: App, port: number): Deno.NetAddr {
    const { host: hostname, reusePort } = this.#config;
    const server = Deno.serve({ hostname, port, reusePort, onListen: () => {} }, app);
    this.#servers.add(server);
    // At the first failed accept, Deno ends its accept loop and closes the socket. Open connections continue.
    server.finished.catch((error: Error) => this.#pause(server, error, app));
    return server.addr;
  }

  #pause(server: Deno.HttpServer<Deno.NetAddr>, { message }: Error, app: App): void {
    if (this.#isClosed) return;
    this.#spare.release();
    console.warn(`WARNING: accepting connections is paused: ${message}. Open connections go on.`);
    const retry = () => this.#retry = setTimeout(() => this.#resume(server, app) || retry(), RETRY_MS);
    retry();
  }

  /** @returns whether connections are accepted again */
  #resume(failed: Deno.HttpServer<Deno.NetAddr>, app: App): boolean {
    if (!this.#spare.reopen()) return false;
    try {
      this.#serve(app, failed.addr.port);
    } catch {
      this.#spare.release();
      return false;
    }
    this.#retry = undefined;
    console.warn("Accepting connections again.");
    // The failed server's idle connections close now. In the pause a health check may have used one of them.
    void failed.shutdown().finally(() => this.#servers.delete(failed));
    return true;
  }
}

/** The number of file descriptors that are reserved for connections to providers in a pause. */
const SPARE_DESCRIPTORS = 16;

/** The file that the reserved descriptors are open on. `tools/permissions.ts` grants it. */
const SPARE_FILE = "/dev/null";

/**
 * Reserved file descriptors. They are closed when the process has no others. They also measure: accepting can resume when
 * twice as many can be opened. Without the permission, and on Windows, there are none.
 */
class SpareDescriptors {
  readonly #isAvailable = Deno.build.os !== "windows" && mayRead(SPARE_FILE);
  #files: Deno.FsFile[] = [];

  /** Opens the descriptors, or none where too few are left. */
  open(): boolean {
    return this.#open(SPARE_DESCRIPTORS);
  }

  /** Opens the descriptors if as many again are left. @returns whether that was so */
  reopen(): boolean {
    if (!this.#open(2 * SPARE_DESCRIPTORS)) return false;
    for (const file of this.#files.splice(SPARE_DESCRIPTORS)) file.close();
    return true;
  }

  /** Closes the descriptors. */
  release(): void {
    for (const file of this.#files.splice(0)) file.close();
  }

  #open(count: number): boolean {
    if (!this.#isAvailable) return true;
    try {
      while (this.#files.length < count) this.#files.push(Deno.openSync(SPARE_FILE));
      return true;
    } catch {
      this.release();
      return false;
    }
  }
}

/** Whether a file may be read. It does not prompt for the permission. */
function mayRead(path: string): boolean {
  return Deno.permissions.querySync({ name: "read", path }).state === "granted";
}
