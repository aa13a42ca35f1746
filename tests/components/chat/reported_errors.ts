/**
 * Collects the errors that go to `reportError`, which would otherwise end the test run.
 * @module
 */

/** The messages of reported errors. Use it with `using`. */
export class ReportedErrors implements Disposable {
  readonly messages: string[] = [];
  readonly #onError = (event: ErrorEvent): void => {
    event.preventDefault();
    this.messages.push((event.error as Error).message);
  };

  constructor() {
    addEventListener("error", this.#onError);
  }

  [Symbol.dispose](): void {
    removeEventListener("error", this.#onError);
  }
}
