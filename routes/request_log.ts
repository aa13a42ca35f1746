/**
 * The log: one line of JSON for each request, when it has ended. It contains no message text, query or key, and no client can
 * break a line or make it long.
 * @module
 */

/** The longest path, method and origin written, in UTF-16 code units. */
const MAX_LOGGED_CHARS = 200;

/** The log entry of a request. Times are in milliseconds. */
export interface RequestLogEntry {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** `ok`, `stop`, `passed_on` (proxy mode: the provider's response), `client_left`, or the error's type. */
  readonly outcome: string;
  readonly reason?: string;
  /** The environment variable with the limit that refused the request. */
  readonly setting?: string;
  readonly events?: number;
  /** The provider's events that are not known here: a newer version of its API may have them. */
  readonly unknownEvents?: number;
  readonly firstEventMs?: number;
  readonly totalMs: number;
  /** The origin of a page that was refused. */
  readonly refusedOrigin?: string;
  /** The name of the proxy key that was used. */
  readonly key?: string;
  readonly model?: string;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  /** The estimated tokens, where the provider sent no count; input and output together. */
  readonly estimatedTokens?: number;
}

/** Receives the entries. */
export type RequestLog = (entry: RequestLogEntry) => void;

/** The same log without the files that were served, for development: one page loads a dozen. */
export function withoutFiles(log: RequestLog): RequestLog {
  return (entry) => {
    const isFile = entry.status < 400 && !/^\/(?:api|v1)\//.test(entry.path);
    if (!isFile) log(entry);
  };
}

const encoder = new TextEncoder();

/** Writes an entry to standard output. `console.log` would cost several times as much. */
export const writeRequestLog: RequestLog = (entry) => {
  const line = JSON.stringify({
    time: new Date().toISOString(),
    ...entry,
    method: entry.method.slice(0, MAX_LOGGED_CHARS),
    path: entry.path.slice(0, MAX_LOGGED_CHARS),
    ...(entry.refusedOrigin !== undefined && {
      refusedOrigin: entry.refusedOrigin.slice(0, MAX_LOGGED_CHARS),
      hint: "ALLOWED_ORIGINS names the origins that may use this server",
    }),
    totalMs: Math.round(entry.totalMs),
    ...(entry.firstEventMs !== undefined && { firstEventMs: Math.round(entry.firstEventMs) }),
  });
  try {
    Deno.stdout.writeSync(encoder.encode(`${line}\n`));
  } catch {
    // A closed pipe or a full disk: the server goes on without its log.
  }
};
