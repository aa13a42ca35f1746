/**
 * Reads a response of events, so far as a test wants.
 * @module
 */
import { assertEquals } from "@std/assert";

/** Reads a response event by event. */
export class WireReader {
  readonly #reader: ReadableStreamDefaultReader<string>;
  #wire = "";

  constructor(response: Response) {
    assertEquals(response.status, 200);
    this.#reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Everything so far, once there are so many events. */
  async events(count: number): Promise<string> {
    while (this.#wire.split("\n\n").length - 1 < count) {
      const { done, value } = await this.#reader.read();
      if (done) throw new Error(`The stream ended before event ${count}:\n${this.#wire}`);
      this.#wire += value.replaceAll(": ping\n", "");
    }
    return this.#wire;
  }

  /** Leaves. */
  async cancel(): Promise<void> {
    await this.#reader.cancel().catch(() => {});
  }

  /** Everything, once the stream has ended. */
  async all(): Promise<string> {
    for (let read = await this.#reader.read(); !read.done; read = await this.#reader.read()) {
      this.#wire += read.value.replaceAll(": ping\n", "");
    }
    return this.#wire;
  }
}
