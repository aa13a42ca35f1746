/**
 * A provider for tests whose answers pause until the test continues them.
 * @module
 */
import { answerOf, contentChunk, FakeOpenAI, sse } from "./fake_openai.ts";

/** Sends "first ", and "last" after `finish`. Use it with `await using`. */
export class PausingProvider extends FakeOpenAI {
  readonly #finished: PromiseWithResolvers<void>;

  constructor() {
    const finished = Promise.withResolvers<void>();
    super(() => ({ body: body() }));
    this.#finished = finished;

    async function* body() {
      yield* sse(contentChunk("first "));
      await finished.promise;
      yield* answerOf("last");
    }
  }

  /** Completes all answers. */
  finish(): void {
    this.#finished.resolve();
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    this.finish();
    await super[Symbol.asyncDispose]();
  }
}
