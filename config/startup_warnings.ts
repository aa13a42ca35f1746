/**
 * The warnings at start: one line for each protection that is off where strangers can reach the server, and for each
 * dangerous setting.
 * @module
 */
import type { Config } from "./config.ts";

/** The file descriptors that the server needs besides those of streams: the runtime's, the log, the idle connections. */
const OTHER_DESCRIPTORS = 100;

/** The lines, without "WARNING:" before them. */
export function listStartupWarnings(config: Config): string[] {
  return [...dangers(config), ...(isLoopback(config.listen.host) ? [] : missingProtections(config))];
}

/**
 * The warning where the limit of open files is too low for `MAX_STREAMS`: a stream takes two, one socket to its client and
 * one to its provider. The server may not read its own limit, so the task that starts it calls this.
 * @param limit the most files that the process may open
 */
export function warnOfOpenFiles({ runs: { maxRuns } }: Config, limit: number): string | undefined {
  const needed = 2 * maxRuns + OTHER_DESCRIPTORS;
  if (needed <= limit) return undefined;
  const fitting = Math.max(1, Math.floor((limit - OTHER_DESCRIPTORS) / 2));
  return `MAX_STREAMS is ${maxRuns}, which needs ${needed} open files, but the limit is ${limit}: raise it (ulimit -n), or set MAX_STREAMS=${fitting}.`;
}

function dangers({ access, listen, redis, shortSecrets }: Config): string[] {
  return [
    ...(listen.reusePort && redis === undefined
      ? [
        "REUSE_PORT is true without REDIS_URL: each process counts rate limits and budgets for itself, and finds only its own answers again.",
      ]
      : []),
    ...(access.allowedOrigins.any
      ? ["ALLOWED_ORIGINS is *: the pages of every website may use this server and its key."]
      : []),
    ...shortSecrets.map((name) => `${name} has a secret of fewer than 16 characters: it can be guessed.`),
  ];
}

function missingProtections({ access, maxOutputTokens, rates }: Config): string[] {
  const { requestsPerMinute, streamsAtOnce, tokensPerDay, serverTokensPerDay } = rates;
  const off: readonly [isOff: boolean, line: string][] = [
    [
      access.embedSecrets.length === 0,
      "EMBED_SECRET is not set: everyone who reaches this server can chat, within the limits.",
    ],
    [maxOutputTokens === Infinity, "MAX_OUTPUT_TOKENS is not set: one answer may be as long as the model allows."],
    [requestsPerMinute === 0, "RATE_LIMIT_REQUESTS_PER_MINUTE is 0: one visitor may send any number of requests."],
    [streamsAtOnce === 0, "RATE_LIMIT_STREAMS_AT_ONCE is 0: one visitor may take all places."],
    [tokensPerDay === 0, "RATE_LIMIT_TOKENS_PER_DAY is 0: one visitor may use any number of tokens."],
    [serverTokensPerDay === 0, "RATE_LIMIT_SERVER_TOKENS_PER_DAY is not set: nothing bounds the cost of a day."],
  ];
  return off.filter(([isOff]) => isOff).map(([, line]) => line);
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}
