/**
 * A request's body that is sent on while it arrives, within a size and a deadline. It is never in memory as a whole.
 * @module
 */
import { ChatError } from "../protocol/chat_error.ts";
import { LinkedController } from "../upstream/http/linked_controller.ts";

/** The limits of an upload. */
export interface UploadLimits {
  readonly maxBytes: number;
  /** How long the client may take to send the body, in milliseconds. */
  readonly deadlineMs: number;
}

/** OpenAI accepts audio files of 25 MB. The rest is for the other fields of the form. */
export const UPLOAD_LIMITS: UploadLimits = { maxBytes: 26 * 1024 * 1024, deadlineMs: 120_000 };

/** One upload. Use {@linkcode signal} for everything that is done with the body. */
export class LimitedUpload implements Disposable {
  /** The size that the client has named, else the largest. */
  readonly expectedBytes: number;
  /** The body. It errors with the reason of {@linkcode signal}. */
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly #limits: UploadLimits;
  readonly #controller: LinkedController;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | undefined;
  readonly #deadline: ReturnType<typeof setTimeout>;
  readonly #ended = Promise.withResolvers<void>();
  #size = 0;
  #isComplete = false;
  #isCancelled = false;

  /** @param parent aborts when the client has left @throws {ChatError} `PayloadTooLarge` for a body that says so */
  constructor(request: Request, limits: UploadLimits, parent: AbortSignal) {
    const length = request.headers.get("content-length");
    this.expectedBytes = length === null ? limits.maxBytes : Number(length);
    if (this.expectedBytes > limits.maxBytes) {
      request.body?.cancel().catch(() => {});
      throw tooLarge(limits);
    }
    this.#limits = limits;
    this.#controller = new LinkedController(parent);
    this.#reader = request.body?.getReader();
    this.#deadline = setTimeout(() => {
      this.#fail(new ChatError("RequestTimeout", `The body did not arrive within ${limits.deadlineMs} ms.`));
    }, limits.deadlineMs);
    this.body = new ReadableStream(
      { pull: (controller) => this.#pull(controller), cancel: () => this.cancel() },
      { highWaterMark: 0 },
    );
    this.signal.addEventListener("abort", () => this.#ended.resolve());
  }

  /** Aborts when the client has left, and with a {@linkcode ChatError} when the body exceeds a limit. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** True where the whole body has been read. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Resolves when nothing more is read: the body is complete, it was cancelled, or the signal has aborted. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** Reads nothing more. A body that is not complete errors, so that no provider takes its beginning for the whole. */
  cancel(): void {
    this.#isCancelled = true;
    clearTimeout(this.#deadline);
    this.#reader?.cancel().catch(() => {});
    this.#ended.resolve();
  }

  /** The request has ended. */
  [Symbol.dispose](): void {
    this.cancel();
    this.#controller.unlink();
  }

  async #pull(controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>): Promise<void> {
    const chunk = await this.#read();
    if (this.signal.aborted) return controller.error(this.signal.reason);
    if (chunk !== undefined) return controller.enqueue(chunk);
    if (this.#isCancelled) return controller.error(new Error("Cannot read on: the upload was cancelled"));
    this.#isComplete = true;
    clearTimeout(this.#deadline);
    this.#ended.resolve();
    controller.close();
  }

  async #read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    try {
      const { value } = await this.#reader?.read() ?? {};
      this.#size += value?.byteLength ?? 0;
      if (this.#size > this.#limits.maxBytes) this.#fail(tooLarge(this.#limits));
      return value;
    } catch (cause) {
      // A body breaks off when its connection does.
      this.#fail(new ChatError("ClientLeft", "The client left before its request was complete.", { cause }));
      return undefined;
    }
  }

  #fail(error: ChatError): void {
    this.#controller.abort(error);
    this.#reader?.cancel().catch(() => {});
  }
}

function tooLarge({ maxBytes }: UploadLimits): ChatError {
  return new ChatError("PayloadTooLarge", `The body is larger than ${maxBytes} bytes.`);
}
