/**
 * The checks of each level.
 * @module
 */
import { type Check, type Level, LEVELS } from "./check.ts";
import { CORE_CHECKS } from "./core_checks.ts";
import { GUARDED_CHECKS } from "./guarded_checks.ts";
import { RESUMABLE_CHECKS } from "./resumable_checks.ts";

const CHECKS: Readonly<Record<Level, readonly Check[]>> = {
  core: CORE_CHECKS,
  resumable: RESUMABLE_CHECKS,
  guarded: GUARDED_CHECKS,
};

/** The checks of a level and of those before it. */
export function checksUpTo(last: Level): ReadonlyMap<Level, readonly Check[]> {
  return new Map(LEVELS.slice(0, LEVELS.indexOf(last) + 1).map((level) => [level, CHECKS[level]]));
}
