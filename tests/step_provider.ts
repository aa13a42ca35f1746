/**
 * The script of a provider that sends its next chunk when the test says so.
 * @module
 */
import { contentChunk, finishChunk, sse } from "./fake_openai.ts";

/** A provider's answer, step by step. */
export class StepProvider {
  /** The script for a fake provider. */
  readonly script = (): { body: AsyncIterable<string> } => ({ body: this.#body() });
  readonly #words: readonly string[];
  readonly #steps: (() => void)[] = [];
  readonly #waiting: (() => void)[] = [];

  constructor(...words: string[]) {
    this.#words = words;
  }

  /** The number of steps until everything has been sent. */
  get all(): number {
    return this.#words.length + 2;
  }

  /** Lets the provider send so many chunks. */
  send(count = 1): void {
    for (let left = count; left > 0; left--) {
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#steps.push(() => {});
      else waiting();
    }
  }

  async *#body(): AsyncGenerator<string> {
    for (const chunk of sse(...this.#words.map(contentChunk), finishChunk(), "[DONE]")) {
      if (this.#steps.shift() === undefined) await new Promise<void>((resolve) => this.#waiting.push(resolve));
      yield chunk;
    }
  }
}
