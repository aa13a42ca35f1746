/**
 * Reads the part of the configuration that says who may use this server, and how much of it.
 * @module
 */
import { ConfigError, type Environment, list, wholeNumber } from "./config_values.ts";
import { MAX_MESSAGES } from "../protocol/chat_request.ts";
import type { EmbedSecret } from "../routes/embed_token.ts";
import { digestProxyKey, type ProxyKeys } from "../routes/proxy_keys.ts";
import type { RateLimitOptions } from "../routes/rate_limits.ts";
import type { RequestLimits } from "../routes/request_limits.ts";

/** Who may use this server, and how much of it. */
export interface AccessConfig {
  /** Absent: proxy mode is off. */
  readonly proxyKeys?: ProxyKeys;
  /** Absent: the pages of every allowed origin may chat. */
  readonly embedSecrets?: readonly EmbedSecret[];
  readonly trustedProxies: number;
  readonly rateLimits: RateLimitOptions;
  readonly requestLimits: RequestLimits;
  /** The variables that hold a key or secret so short that it can be found by trying. */
  readonly shortSecrets: readonly string[];
}

/** The fewest characters that a key or secret should have. */
export const MIN_SECRET_CHARS = 16;

/** The access rules in an environment. @throws {ConfigError} for the first variable that is wrong */
export function readAccess(env: Environment): AccessConfig {
  const proxyKeys = readSecrets(env, "PROXY_KEYS", "name:key, each with a name of its own");
  const embedSecrets = readSecrets(env, "EMBED_SECRET", "one secret, or name:secret, each with a name of its own");
  const isShort = ({ secret }: EmbedSecret) => secret.length < MIN_SECRET_CHARS;
  return {
    ...(proxyKeys.length > 0 && { proxyKeys: toProxyKeys(proxyKeys) }),
    ...(embedSecrets.length > 0 && { embedSecrets }),
    trustedProxies: wholeNumber(env, "TRUSTED_PROXIES", 0, 0, 10),
    rateLimits: readRateLimits(env),
    requestLimits: {
      maxMessages: wholeNumber(env, "MAX_MESSAGES", MAX_MESSAGES, 1, MAX_MESSAGES),
      maxInputChars: wholeNumber(env, "MAX_INPUT_CHARS", 200_000, 1, 1024 ** 3),
      maxImages: wholeNumber(env, "MAX_IMAGES", 10, 0, 10_000),
    },
    shortSecrets: [
      ...(proxyKeys.some(isShort) ? ["PROXY_KEYS"] : []),
      ...(embedSecrets.some(isShort) ? ["EMBED_SECRET"] : []),
    ],
  };
}

/** As soon as one limit is set by hand, or visitors come through a proxy on this machine, local visitors count too. */
function readRateLimits(env: Environment): RateLimitOptions {
  const names = [
    "RATE_LIMIT_REQUESTS_PER_MINUTE",
    "RATE_LIMIT_STREAMS_AT_ONCE",
    "RATE_LIMIT_TOKENS_PER_DAY",
    "RATE_LIMIT_SERVER_TOKENS_PER_DAY",
    "TRUSTED_PROXIES",
  ];
  return {
    requestsPerMinute: wholeNumber(env, "RATE_LIMIT_REQUESTS_PER_MINUTE", 30, 0, 1_000_000),
    streamsAtOnce: wholeNumber(env, "RATE_LIMIT_STREAMS_AT_ONCE", 10, 0, 1_000_000),
    tokensPerDay: wholeNumber(env, "RATE_LIMIT_TOKENS_PER_DAY", 500_000, 0, 10 ** 12),
    serverTokensPerDay: wholeNumber(env, "RATE_LIMIT_SERVER_TOKENS_PER_DAY", 0, 0, 10 ** 12),
    limitLocal: names.some((name) => (env(name) ?? "0") !== "0"),
  };
}

/** The entries of a list of secrets. The error tells which by its number: all else about it may be the secret. */
function readSecrets(env: Environment, variable: string, wanted: string): EmbedSecret[] {
  const entries = list(env(variable)).map((entry, index): EmbedSecret => {
    const [, id, secret] = /^(?:([\w.-]{1,64}):)?([\x21-\x7e]+)$/.exec(entry) ?? [];
    if (secret === undefined) {
      throw new ConfigError(`${variable} has a wrong entry, number ${index + 1}, wanted ${wanted}`);
    }
    return id === undefined ? { secret } : { id, secret };
  });
  if (new Set(entries.map(({ id }) => id)).size === entries.length) return entries;
  throw new ConfigError(`${variable} has two entries of the same name, wanted ${wanted}`);
}

function toProxyKeys(entries: readonly EmbedSecret[]): ProxyKeys {
  return new Map(entries.map(({ id, secret }, index) => {
    if (id !== undefined) return [id, digestProxyKey(secret)];
    throw new ConfigError(`PROXY_KEYS has an entry without a name, number ${index + 1}, wanted name:key`);
  }));
}
