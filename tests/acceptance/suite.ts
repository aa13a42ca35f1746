/**
 * What the parts of the acceptance run have in common: counting cases, and reading other projects' data from the folder
 * in which it lies. None of it is copied into this project.
 * @module
 */

/** The outcome of one suite. */
export interface SuiteResult {
  readonly name: string;
  readonly passed: number;
  readonly total: number;
  /** A line for each case that was missed. */
  readonly misses: readonly string[];
  /** Lines worth reading though they are no misses, such as where we differ from the source on purpose. */
  readonly notes?: readonly string[];
  readonly ok: boolean;
}

/** Counts cases as they are tried. A suite is good when every case is. */
export class Suite {
  readonly #name: string;
  readonly #misses: string[] = [];
  readonly #notes: string[] = [];
  #total = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /** Tries a case, which misses by throwing. */
  async try(name: string, check: () => void | Promise<void>): Promise<void> {
    this.#total++;
    try {
      await check();
    } catch (error) {
      const [reason] = String(error instanceof Error ? error.message : error).split("\n");
      this.#misses.push(`${name}: ${reason}`);
    }
  }

  /** Adds a line to read. */
  note(line: string): void {
    this.#notes.push(line);
  }

  /** How it went so far. */
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

/** A JSON file of the folder, or undefined where the folder has none of that name. */
export async function readSuite<T>(suitesDir: string, path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(`${suitesDir}/${path}`)) as T;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Bytes from base64. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** Two values that should be the same, compared in one line. @throws {Error} when they are not */
export function assertSame(what: string, actual: unknown, expected: unknown): void {
  const [found, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (found !== wanted) throw new Error(`${what} is ${shorten(found)}, expected ${shorten(wanted)}`);
}

function shorten(text: string | undefined): string {
  return text === undefined || text.length <= 200 ? `${text}` : `${text.slice(0, 200)}… (${text.length})`;
}
