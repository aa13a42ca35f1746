/**
 * The listening socket. It accepts connections with `Deno.serve`, pauses when the process runs out of file descriptors, and
 * resumes by itself. With a certificate it speaks HTTPS, over HTTP/2 where the client can, and takes a new certificate
 * without a restart. Open connections continue in a pause and after a new certificate.
 * @module
 */
import { ChatError } from "../protocol/chat_error.ts";
import type { App } from "./app.ts";
import { Certificate, type CertificateFiles } from "./certificate.ts";
import type { Accepting } from "./health.ts";

/** Where the server listens. */
export interface ListenConfig {
  readonly host: string;
  /** 0 for a port that the system chooses. */
  readonly port: number;
  /** Several processes may listen on the port. */
  readonly reusePort: boolean;
  /** Undefined for HTTP without encryption. */
  readonly tls: CertificateFiles | undefined;
}

/** How long a pause lasts before the listener tries to resume, in milliseconds. */
const RETRY_MS = 1000;

/** How often the files of the certificate are read, in milliseconds. */
const CERTIFICATE_CHECK_MS = 60_000;

/** How soon the port is tried again that the socket before it has just closed, in milliseconds. */
const REBIND_MS = 5;

/** How long the last bytes of the last responses may take to leave after a stop, in milliseconds. */
const FLUSH_MS = 1000;

/** A listening socket, its connections, and those of the sockets before it. */
export class Listener implements Accepting {
  readonly #config: ListenConfig;
  readonly #spare = new SpareDescriptors();
  /** The servers that still have connections. Only the last one listens. */
  readonly #servers = new Set<Deno.HttpServer<Deno.NetAddr>>();
  readonly #certificate: Certificate | undefined;
  readonly #certificateCheckMs: number;
  #check: ReturnType<typeof setInterval> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #rebind: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  /** @throws {CertificateError} when the certificate's files cannot be used */
  constructor(config: ListenConfig, { certificateCheckMs = CERTIFICATE_CHECK_MS } = {}) {
    this.#config = config;
    this.#certificate = config.tls && new Certificate(config.tls);
    this.#certificateCheckMs = certificateCheckMs;
  }

  /** True while no connection is accepted: there are too few file descriptors, or the port is not free again yet. */
  get isPaused(): boolean {
    return this.#retry !== undefined || this.#rebind !== undefined;
  }

  /**
   * Starts to listen.
   * @returns the address, with the port that the system chose
   * @throws {Deno.errors.AddrInUse} and other errors of the socket
   */
  listen(app: App): Deno.NetAddr {
    this.#spare.open();
    const server = this.#serve(app, this.#config.port);
    if (this.#certificate !== undefined) this.#check = setInterval(() => this.#renew(app), this.#certificateCheckMs);
    return server.addr;
  }

  /** Closes the socket and waits until the responses under way have been sent, but for {@linkcode FLUSH_MS} at most. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#check);
    clearTimeout(this.#rebind);
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#spare.release();
    const closed = Promise.allSettled([...this.#servers].map((server) => server.shutdown()));
    let timer: ReturnType<typeof setTimeout> | undefined;
    await Promise.race([closed, new Promise((resolve) => timer = setTimeout(resolve, FLUSH_MS))]);
    clearTimeout(timer);
  }

  #serve(app: App, port: number): Deno.HttpServer<Deno.NetAddr> {
    const { host: hostname, reusePort } = this.#config;
    const options = { hostname, port, reusePort, onListen: () => {}, onError: reportBrokenBody };
    const server = Deno.serve({ ...options, ...this.#certificate?.pair }, app);
    this.#servers.add(server);
    // At the first failed accept, Deno ends its accept loop and closes the socket. Open connections continue.
    server.finished.catch((error: Error) => this.#pause(server, error, app));
    return server;
  }

  /** Listens anew where there is a new certificate. The runtime cannot change that of an open socket. */
  #renew(app: App): void {
    const current = [...this.#servers].at(-1);
    // The resumption after a pause takes the newest certificate anyway.
    if (this.isPaused || current === undefined || !this.#certificate!.refresh()) return;
    this.#retire(current);
    this.#listenAgain(app, current.addr.port);
  }

  /** Tries until the port is free, at growing intervals: the old socket closes a moment after its shutdown began. */
  #listenAgain(app: App, port: number, delayMs = REBIND_MS): void {
    if (this.#isClosed) return;
    try {
      this.#serve(app, port);
      this.#rebind = undefined;
      console.warn("New connections use the new certificate.");
    } catch {
      const nextMs = Math.min(2 * delayMs, RETRY_MS);
      this.#rebind = setTimeout(() => this.#listenAgain(app, port, nextMs), delayMs);
    }
  }

  /** Accepts no more connections on a socket. Its responses go on, and its idle connections close now. */
  #retire(server: Deno.HttpServer<Deno.NetAddr>): void {
    void server.shutdown().finally(() => this.#servers.delete(server));
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
    this.#retire(failed);
    return true;
  }
}

/**
 * Called when the stream of a response errors, as the application never rejects. The runtime would print the error with its
 * stack. A `ChatError` is already in the log line of its request.
 */
function reportBrokenBody(error: unknown): Response {
  if (!(error instanceof ChatError)) {
    console.error(`A response broke off: ${error instanceof Error ? error.message : error}`);
  }
  return new Response(null, { status: 500 });
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
