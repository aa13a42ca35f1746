/**
 * The log: one JSON object a line for each request, when it is over. It never holds message text, a header, a query or
 * a key, and nothing a stranger sends can break a line or fill it.
 * @module
 */

/** The longest path and method written, in UTF-16 code units. */
const MAX_LOGGED_CHARS = 200;

/** One request, as it is logged. Times in milliseconds. */
export interface RequestLogEntry {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** `ok`, `stop`, `passed_on` (proxy mode: the provider's answer, unread), `client_left`, or the error's type. */
  readonly outcome: string;
  readonly reason?: string;
  readonly events?: number;
  readonly firstEventMs?: number;
  readonly totalMs: number;
  /** The name of the proxy key that was used. */
  readonly key?: string;
  readonly model?: string;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  /** What was counted where the provider gave no count, input and output together. */
  readonly estimatedTokens?: number;
}

/** Takes the entries; the default writes them to standard output. */
export type RequestLog = (entry: RequestLogEntry) => void;

/** The same log without the files that were served, for development: one page is a dozen of them. */
export function withoutFiles(log: RequestLog): RequestLog {
  return (entry) => {
    const isFile = entry.status < 400 && !/^\/(?:api|v1)\//.test(entry.path);
    if (!isFile) log(entry);
  };
}

const encoder = new TextEncoder();

/** Writes an entry as a line. Straight to the descriptor: `console.log` costs several times as much. */
export const writeRequestLog: RequestLog = (entry) => {
  const line = JSON.stringify({
    time: new Date().toISOString(),
    ...entry,
    method: entry.method.slice(0, MAX_LOGGED_CHARS),
    path: entry.path.slice(0, MAX_LOGGED_CHARS),
    totalMs: Math.round(entry.totalMs),
    ...(entry.firstEventMs !== undefined && { firstEventMs: Math.round(entry.firstEventMs) }),
  });
  try {
    Deno.stdout.writeSync(encoder.encode(`${line}\n`));
  } catch {
    // Nobody reads the log any more (a closed pipe, a full disk): answers go on without it.
  }
};
