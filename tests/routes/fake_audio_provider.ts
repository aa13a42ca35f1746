/**
 * A provider of transcriptions for tests, on its own port: it parses each form and keeps it.
 * @module
 */

/** A form that has arrived. */
export interface SeenForm {
  readonly path: string;
  readonly authorization: string | null;
  readonly contentType: string;
  /** The text fields, and the size of each file, in order. */
  readonly fields: readonly (readonly [name: string, value: string | number])[];
}

/** A running fake. Use it with `await using`. */
export class FakeAudioProvider implements AsyncDisposable {
  readonly forms: SeenForm[] = [];
  /** The bytes of forms that have arrived so far. */
  bytesReceived = 0;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  #onBytes = () => {};

  /** @param respond makes each response */
  constructor(respond: () => Response = () => Response.json({ text: "Hello" })) {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
      const counter = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
        transform: (bytes, controller) => {
          this.bytesReceived += bytes.byteLength;
          controller.enqueue(bytes);
          this.#onBytes();
        },
      });
      const body = new Response(request.body!.pipeThrough(counter), { headers: request.headers });
      const form = await body.formData().catch(() => new FormData());
      this.forms.push({
        path: new URL(request.url).pathname,
        authorization: request.headers.get("authorization"),
        contentType: request.headers.get("content-type") ?? "",
        fields: Array.from(form, ([name, value]) => [name, typeof value === "string" ? value : value.size] as const),
      });
      return respond();
    });
  }

  get baseURL(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/v1`;
  }

  /** Resolves when that many bytes have arrived. */
  async untilReceived(bytes: number): Promise<void> {
    while (this.bytesReceived < bytes) await new Promise<void>((resolve) => this.#onBytes = resolve);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}
