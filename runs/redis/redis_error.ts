/**
 * The two ways in which Redis fails: it cannot be reached, or it refuses a command.
 * @module
 */

/** Redis cannot be reached, or has not replied in time. */
export class RedisUnavailableError extends Error {
  override readonly name = "RedisUnavailableError";

  constructor(message = "Redis cannot be reached") {
    super(message);
  }
}

/** The codes of a Redis that is full, read-only, loading, or does not let this user write. */
const WRITE_REFUSALS: ReadonlySet<string> = new Set([
  "CLUSTERDOWN",
  "LOADING",
  "MASTERDOWN",
  "MISCONF",
  "NOAUTH",
  "NOPERM",
  "NOREPLICAS",
  "OOM",
  "READONLY",
]);

/** Redis has refused a command. */
export class RedisReplyError extends Error {
  override readonly name = "RedisReplyError";
  /** The first word of the reply: `OOM`, `READONLY`, `ERR` … */
  readonly code: string;

  constructor(message: string) {
    super(message);
    this.code = /^[A-Z]+/.exec(message)?.[0] ?? "ERR";
  }

  /** True where Redis would refuse every write at the moment. */
  get refusesWrites(): boolean {
    return WRITE_REFUSALS.has(this.code);
  }
}

/** True for the errors of this file. */
export function isRedisError(error: unknown): boolean {
  return error instanceof RedisUnavailableError || error instanceof RedisReplyError;
}
