/**
 * The bodies of proxy mode that are still arriving, by the key of their client. Each holds one of the server's places, so a key
 * that sends slowly must not hold all of them.
 * @module
 */
import { noFreePlace } from "../runs/run_error.ts";

/** The bodies that are arriving. */
export class Arrivals {
  readonly #maxOfKey: number;
  readonly #counts = new Map<string, number>();

  /** @param places those of the server, of which one key may hold half */
  constructor(places: number) {
    this.#maxOfKey = Math.max(1, Math.floor(places / 2));
  }

  /** A body begins to arrive. Dispose of the result when it has. @throws {ChatError} `ServerBusy` */
  begin(key: string): Disposable {
    const count = this.#counts.get(key) ?? 0;
    if (count >= this.#maxOfKey) throw noFreePlace();
    this.#counts.set(key, count + 1);
    return { [Symbol.dispose]: () => this.#end(key) };
  }

  #end(key: string): void {
    const count = this.#counts.get(key)! - 1;
    if (count === 0) this.#counts.delete(key);
    else this.#counts.set(key, count);
  }
}
