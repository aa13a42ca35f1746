/**
 * Opens connections to one host, and never leaves a socket behind: not for a request that is aborted while it connects, and
 * not for a host that is silent in the TLS handshake.
 *
 * Two traps of the runtime shape this file. `Deno.connect` with a signal leaks the socket when the signal aborts just after
 * the connection was made, so connections are made without one. And nothing frees the socket of a pending TLS handshake,
 * `close()` included, before the host sends something or closes. So a handshake is only started with a host that finishes
 * them; otherwise the request is left to `fetch`, which frees its sockets.
 * @module
 */

/** A TLS handshake that takes longer counts as stuck, in milliseconds. */
const SLOW_HANDSHAKE_MS = 1000;

/** Opens connections to one host. */
export class Connector {
  readonly #isSecure: boolean;
  readonly #address: { readonly hostname: string; readonly port: number };
  #finishesHandshakes = false;
  /** Handshakes that are slow or whose request has left. Each holds a socket until the host reacts. */
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

  /** False where a TLS handshake might never end: the host has not finished one yet, or not all of them. */
  get canConnect(): boolean {
    return !this.#isSecure || (this.#finishesHandshakes && this.#stuckHandshakes === 0);
  }

  /** Says that the host has finished a TLS handshake with somebody else. */
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
      const leave = () => reject(signal.reason);
      signal.addEventListener("abort", leave, { once: true });
      this.#open(signal).then((conn) => {
        if (signal.aborted) conn.close();
        else resolve(conn);
      }, reject).finally(() => signal.removeEventListener("abort", leave));
    });
  }

  async #open(signal: AbortSignal): Promise<Deno.Conn> {
    const conn = await Deno.connect(this.#address);
    // Without a handshake that its request no longer needs.
    if (!this.#isSecure || signal.aborted) return conn;
    // Finds out, in the end, that the host of a pending handshake is gone.
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

  /** Counts a handshake as stuck from when it is slow or not needed any more until it ends. */
  async #watch(handshake: Promise<unknown>, signal: AbortSignal): Promise<void> {
    let isStuck = false;
    const getStuck = () => {
      if (!isStuck) this.#stuckHandshakes++;
      isStuck = true;
    };
    const slow = setTimeout(getStuck, SLOW_HANDSHAKE_MS);
    Deno.unrefTimer(slow);
    signal.addEventListener("abort", getStuck, { once: true });
    try {
      await handshake;
    } finally {
      clearTimeout(slow);
      signal.removeEventListener("abort", getStuck);
      if (isStuck) this.#stuckHandshakes--;
    }
  }
}
