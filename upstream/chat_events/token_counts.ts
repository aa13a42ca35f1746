/**
 * Token counts of providers. Every number is the provider's, or a sum or difference of its numbers. Nothing is estimated,
 * and inconsistent counts are left out.
 * @module
 */
import type { ModelUsage } from "../../protocol/chat_event.ts";

/** A count: not negative, and at most the largest safe integer, so that sums stay finite. */
export function readCount(value: unknown): number | undefined {
  return typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? value : undefined;
}

/** `whole` minus its parts; undefined where they exceed it: some providers send details that contradict their totals. */
export function lessParts(whole: number | undefined, ...parts: readonly (number | undefined)[]): number | undefined {
  if (whole === undefined) return undefined;
  const rest = parts.reduce<number>((left, part) => left - (part ?? 0), whole);
  return rest >= 0 ? rest : undefined;
}

/** The known totals, zero included, and the details above zero. */
export function toUsage(
  totals: Readonly<Record<string, number | undefined>>,
  details: Readonly<Record<string, number | undefined>>,
): ModelUsage {
  return Object.fromEntries([
    ...Object.entries(totals).filter(([, value]) => value !== undefined),
    ...Object.entries(details).filter(([, value]) => value !== undefined && value > 0),
  ]);
}
