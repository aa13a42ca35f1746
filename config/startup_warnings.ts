/**
 * What an operator should not overlook at start: one line for each protection that is off where strangers can reach the
 * server, and for what is dangerous anywhere.
 * @module
 */
import type { Config } from "./config.ts";

/** The lines, without "WARNING:" before them. */
export function listStartupWarnings(config: Config): string[] {
  return [...dangers(config), ...(isLoopback(config.host) ? [] : missingProtections(config))];
}

function dangers({ allowedOrigins, shortSecrets, workers }: Config): string[] {
  return [
    ...(workers > 1
      ? [
        `WORKERS is ${workers}: each counts for itself, so MAX_STREAMS, rate limits and budgets hold ${workers} times.`,
      ]
      : []),
    ...(allowedOrigins.any
      ? ["ALLOWED_ORIGINS is *: the pages of every website may use this server and its key."]
      : []),
    ...shortSecrets.map((name) => `${name} has a secret of fewer than 16 characters: it can be found by trying.`),
  ];
}

function missingProtections({ embedSecrets, maxOutputTokens, rateLimits }: Config): string[] {
  const { requestsPerMinute, streamsAtOnce, tokensPerDay, serverTokensPerDay } = rateLimits;
  const off: readonly [isOff: boolean, line: string][] = [
    [embedSecrets === undefined, "EMBED_SECRET is not set: whoever reaches this server can chat, within the limits."],
    [maxOutputTokens === undefined, "MAX_OUTPUT_TOKENS is not set: one answer may be as long as the model allows."],
    [requestsPerMinute === 0, "RATE_LIMIT_REQUESTS_PER_MINUTE is 0: a visitor may ask without end."],
    [streamsAtOnce === 0, "RATE_LIMIT_STREAMS_AT_ONCE is 0: one visitor may take all places."],
    [tokensPerDay === 0, "RATE_LIMIT_TOKENS_PER_DAY is 0: one visitor may use any number of tokens."],
    [serverTokensPerDay === 0, "RATE_LIMIT_SERVER_TOKENS_PER_DAY is not set: there is no end to a day's bill."],
  ];
  return off.filter(([isOff]) => isOff).map(([, line]) => line);
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}
