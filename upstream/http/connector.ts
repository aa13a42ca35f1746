/**
 * Opens connections to one host without leaking sockets, also when a request is aborted while it connects, and when the
 * host is silent in the TLS handshake.
 *
 * The runtime has two traps. `Deno.connect` with a signal leaks the socket when the signal aborts just after the connection
 * was made, so connections are made without one. And nothing, not even `close()`, frees the socket of a pending TLS
 * handshake before the host sends something or closes. So handshakes are only started with a host that finishes them. Other
 * requests are sent with `fetch`, which frees its sockets.
 * @module
 */

/** A TLS handshake that takes longer counts as stuck, in milliseconds. */
const SLOW_HANDSHAKE_MS = 1000;

/** Opens connections to one host. */
export class Connector {
  readonly #isSecure: boolean;
  readonly #address: { readonly hostname: string; readonly port: number };
  #finishesHandshakes = false;
  /** Handshakes that are slow or whose request was aborted. Each holds a socket until the host reacts. */
  #stuckHandshakes = 0;

  /** @param host any address at the host, with `http:` or `https:` */
  constructor({ protocol, hostname, port }: URL) {
    this.#isSecure = protocol === "https:";
    this.#address = {
      // `Deno.connect` takes an IPv6 address without brackets.
      hostname: hostname.replace(/^\[|\]$/g, ""),
      port: Number(port || (this.#isSecure ? 443 : 80)),
    };
  }

  /** False when a TLS handshake might never end: the host has finished none yet, or one is stuck. */
  get canConnect(): boolean {
    return !this.#isSecure || (this.#finishesHandshakes && this.#stuckHandshakes === 0);
  }

  /** Records that the host has finished a TLS handshake with another client of this process. */
  confirmHandshake(): void {
    this.#finishesHandshakes = true;
  }

  /**
   * Opens a connection. When `signal` aborts, the call ends at once, and the connection is closed as soon as it is open.
   * @throws the signal's reason
   * @throws {Error} when the host cannot be reached or is not trusted
   */
  connect(signal: AbortSignal): Promise<Deno.Conn> {
    if (signal.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const abort = () => reject(signal.reason);
      signal.addEventListener("abort", abort, { once: true });
      this.#open(signal).then((conn) => {
        if (signal.aborted) conn.close();
        else resolve(conn);
      }, reject).finally(() => signal.removeEventListener("abort", abort));
    });
  }

  async #open(signal: AbortSignal): Promise<Deno.Conn> {
    const conn = await Deno.connect(this.#address);
    // An aborted request needs no handshake.
    if (!this.#isSecure || signal.aborted) return conn;
    // Ends a pending handshake, after minutes, with a host that is gone.
    conn.setKeepAlive(true);
    const secure = await Deno.startTls(conn, { hostname: this.#address.hostname, alpnProtocols: ["http/1.1"] });
    try {
      await this.#watch(secure.handshake(), signal);
    } catch (error) {
      secure.close();
      throw error;
    }
    this.#finishesHandshakes = true;
    return secure;
  }

  /** Counts a handshake as stuck when it is slow or its request is aborted, until it ends. */
  async #watch(handshake: Promise<unknown>, signal: AbortSignal): Promise<void> {
    let isStuck = false;
    const markStuck = () => {
      if (!isStuck) this.#stuckHandshakes++;
      isStuck = true;
    };
    const slow = setTimeout(markStuck, SLOW_HANDSHAKE_MS);
    Deno.unrefTimer(slow);
    signal.addEventListener("abort", markStuck, { once: true });
    try {
      await handshake;
    } finally {
      clearTimeout(slow);
      signal.removeEventListener("abort", markStuck);
      if (isStuck) this.#stuckHandshakes--;
    }
  }
}
