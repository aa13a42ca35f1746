/**
 * A TCP proxy on a port of its own that holds back what a server replies, until the test lets it go.
 * @module
 */

/** The proxy. Use it with `await using`. */
export class SlowProxy implements AsyncDisposable {
  readonly #target: number;
  readonly #listener: Deno.TcpListener;
  readonly #accepting: Promise<void>;
  readonly #connections: Promise<unknown>[] = [];
  #gate = Promise.withResolvers<void>();

  /** @param target the port of the server, on this machine */
  constructor(target: number) {
    this.#target = target;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#gate.resolve();
    this.#accepting = this.#accept();
  }

  /** The address of a Redis behind it. */
  get url(): string {
    return `redis://127.0.0.1:${this.#listener.addr.port}`;
  }

  /** Holds replies back from now on. */
  hold(): void {
    this.#gate = Promise.withResolvers();
  }

  /** Sends what was held back. */
  release(): void {
    this.#gate.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.release();
    this.#listener.close();
    await this.#accepting;
    await Promise.all(this.#connections);
  }

  async #accept(): Promise<void> {
    for await (const client of this.#listener) {
      const server = await Deno.connect({ hostname: "127.0.0.1", port: this.#target });
      const held = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
        transform: async (chunk, controller) => {
          await this.#gate.promise;
          controller.enqueue(chunk);
        },
      });
      this.#connections.push(
        client.readable.pipeTo(server.writable).catch(() => {}),
        server.readable.pipeThrough(held).pipeTo(client.writable).catch(() => {}),
      );
    }
  }
}
