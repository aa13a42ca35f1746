/**
 * What every attack is made of, and the figures that it is judged by.
 * @module
 */
import type { Program } from "../program.ts";

/** How often an attack repeats what it does: all of it, or as much as a change can wait for. */
export type Size = "full" | "short";

/** The result of an attack. */
export interface Outcome {
  readonly holds: boolean;
  /** What was measured, in a few words. */
  readonly figure: string;
}

/** An attack on a server that it starts itself, and on providers of its own, on loopback addresses only. */
export interface Attack {
  readonly name: string;
  /** What holds where the server withstands. */
  readonly wanted: string;
  /** Left out of a short run. */
  readonly onlyFull?: boolean;
  run(size: Size): Promise<Outcome>;
}

/** The open file descriptors of a process. */
export function countDescriptors({ pid }: Pick<Program, "pid">): number {
  return [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
}

/** The most memory that a process has had in RAM, in megabytes. */
export function peakMemoryMB({ pid }: Pick<Program, "pid">): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Math.round(Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024);
}

/** Resolves when `condition` holds, or after `timeoutMs`. @returns whether it held */
export async function within(timeoutMs: number, condition: () => boolean): Promise<boolean> {
  const end = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}

/** Runs `action` so often, and not more than `atOnce` at a time. */
export async function repeat(
  count: number,
  atOnce: number,
  action: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (next < count) await action(next++);
  }));
}

/** Asks a server for its health all the time, and keeps the longest wait: for so long the server stood still. */
export class Pulse {
  #longestMs = 0;
  #isOver = false;
  readonly #asking: Promise<void>;

  constructor({ origin }: Pick<Program, "origin">) {
    this.#asking = this.#ask(`${origin}/healthz`);
  }

  /** Stops asking. @returns the longest wait in milliseconds, that of the last request included */
  async stop(): Promise<number> {
    this.#isOver = true;
    await this.#asking;
    return this.#longestMs;
  }

  async #ask(url: string): Promise<void> {
    while (!this.#isOver) {
      const start = performance.now();
      await fetch(url).then((response) => response.body?.cancel()).catch(() => {});
      this.#longestMs = Math.max(this.#longestMs, Math.round(performance.now() - start));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}
