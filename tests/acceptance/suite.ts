/**
 * What all acceptance parts need: a counter of cases, and the reading of other projects' data from the folder where it
 * lies. None of that data is copied into this project.
 * @module
 */

/** The outcome of one suite. */
export interface SuiteResult {
  readonly name: string;
  readonly passed: number;
  readonly total: number;
  /** One line for each case that failed. */
  readonly misses: readonly string[];
  /** Remarks that are no failures, for example where we differ from the source on purpose. */
  readonly notes?: readonly string[];
  readonly ok: boolean;
}

/** Runs and counts the cases of one suite. The suite passes when every case does. */
export class Suite {
  readonly #name: string;
  readonly #misses: string[] = [];
  readonly #notes: string[] = [];
  #total = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /** Runs a case, which fails by throwing. */
  async try(name: string, check: () => void | Promise<void>): Promise<void> {
    this.#total++;
    try {
      await check();
    } catch (error) {
      const [reason] = String(error instanceof Error ? error.message : error).split("\n");
      this.#misses.push(`${name}: ${reason}`);
    }
  }

  /** Adds a remark. */
  note(line: string): void {
    this.#notes.push(line);
  }

  /** The result so far. */
  get result(): SuiteResult {
    const { length } = this.#misses;
    return {
      name: this.#name,
      passed: this.#total - length,
      total: this.#total,
      misses: this.#misses,
      notes: this.#notes,
      ok: length === 0,
    };
  }
}

/** Reads a JSON file of the folder. @returns undefined when there is none of that name */
export async function readSuite<T>(suitesDir: string, path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(`${suitesDir}/${path}`)) as T;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Decodes base64. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** Compares two values as JSON. @throws {Error} with one line when they differ */
export function assertSame(what: string, actual: unknown, expected: unknown): void {
  const [found, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (found !== wanted) throw new Error(`${what} is ${shorten(found)}, expected ${shorten(wanted)}`);
}

function shorten(text: string | undefined): string {
  return text === undefined || text.length <= 200 ? `${text}` : `${text.slice(0, 200)}… (${text.length})`;
}
