/**
 * The arithmetic of token counts that all dialects share. Every number is the provider's, or a sum or difference of its
 * numbers. Nothing is estimated, and inconsistent counts are left out.
 * @module
 */
import type { ModelUsage } from "../../protocol/chat_event.ts";

/** A count of tokens, or nothing where the provider sent no usable one. */
export type TokenCount = number | undefined;

/** A count: not negative, and at most the largest safe integer, so that sums stay finite. */
export function count(value: unknown): TokenCount {
  return typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? value : undefined;
}

/** The sum of the known counts; undefined where none is known. */
export function sumOfKnown(...counts: readonly TokenCount[]): TokenCount {
  const known = counts.filter((each) => each !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, each) => sum + each);
}

/** `whole` minus its parts; undefined where they exceed it: some providers send details that contradict their totals. */
export function less(whole: TokenCount, ...parts: readonly TokenCount[]): TokenCount {
  if (whole === undefined) return undefined;
  const rest = parts.reduce<number>((left, part) => left - (part ?? 0), whole);
  return rest >= 0 ? rest : undefined;
}

/** The known totals, zero included, and the details above zero. */
export function presentCounts(
  totals: Readonly<Record<string, TokenCount>>,
  details: Readonly<Record<string, TokenCount>>,
): ModelUsage {
  return Object.fromEntries([
    ...Object.entries(totals).filter(([, value]) => value !== undefined),
    ...Object.entries(details).filter(([, value]) => value !== undefined && value > 0),
  ]);
}
