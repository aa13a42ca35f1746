/**
 * Reads the part of the configuration that says who may use this server, and how much.
 * @module
 */
import { MAX_MESSAGES } from "../protocol/chat_request.ts";
import type { ConversationLimits } from "../routes/conversation_limits.ts";
import type { EmbedSecret } from "../routes/embed_token.ts";
import { digestProxyKey, type ProxyKeys } from "../routes/proxy_keys.ts";
import type { RateLimitRules } from "../routes/rate_limits.ts";
import { ConfigError, type Environment, list, wholeNumber } from "./config_values.ts";

/** The fewest characters of a key or secret that resists guessing. */
export const MIN_SECRET_CHARS = 16;

/** The keys of proxy mode; undefined where there are none. @throws {ConfigError} */
export function readProxyKeys(env: Environment): ProxyKeys | undefined {
  const entries = readSecrets(env, "PROXY_KEYS", PROXY_KEYS_FORM);
  return entries.length === 0 ? undefined : toProxyKeys(entries);
}

/** The secrets of embed tokens; empty where none is set. @throws {ConfigError} */
export function readEmbedSecrets(env: Environment): readonly EmbedSecret[] {
  return readSecrets(env, "EMBED_SECRET", EMBED_SECRET_FORM);
}

/** The names of the variables with a key or secret below {@linkcode MIN_SECRET_CHARS}. */
export function shortSecrets(env: Environment): string[] {
  const hasShort = (variable: string, form: string) =>
    readSecrets(env, variable, form).some(({ secret }) => secret.length < MIN_SECRET_CHARS);
  return [
    ...(hasShort("PROXY_KEYS", PROXY_KEYS_FORM) ? ["PROXY_KEYS"] : []),
    ...(hasShort("EMBED_SECRET", EMBED_SECRET_FORM) ? ["EMBED_SECRET"] : []),
  ];
}

const PROXY_KEYS_FORM = "name:key, each with a name of its own";
const EMBED_SECRET_FORM = "one secret, or name:secret, each with a name of its own";

/** The limits of a conversation. @throws {ConfigError} */
export function readConversationLimits(env: Environment): ConversationLimits {
  return {
    maxMessages: wholeNumber(env, "MAX_MESSAGES", MAX_MESSAGES, 1, MAX_MESSAGES),
    maxInputChars: wholeNumber(env, "MAX_INPUT_CHARS", 200_000, 1, 1024 ** 3),
    maxImages: wholeNumber(env, "MAX_IMAGES", 10, 0, 10_000),
  };
}

/** The rate limits. Local callers count where a limit is set, or where they come through a proxy. @throws {ConfigError} */
export function readRateLimits(env: Environment): RateLimitRules {
  const names = [
    "RATE_LIMIT_REQUESTS_PER_MINUTE",
    "RATE_LIMIT_READS_PER_MINUTE",
    "RATE_LIMIT_STREAMS_AT_ONCE",
    "RATE_LIMIT_TOKENS_PER_DAY",
    "RATE_LIMIT_SERVER_TOKENS_PER_DAY",
    "TRUSTED_PROXIES",
  ];
  return {
    requestsPerMinute: wholeNumber(env, "RATE_LIMIT_REQUESTS_PER_MINUTE", 30, 0, 1_000_000),
    readsPerMinute: wholeNumber(env, "RATE_LIMIT_READS_PER_MINUTE", 120, 0, 1_000_000),
    streamsAtOnce: wholeNumber(env, "RATE_LIMIT_STREAMS_AT_ONCE", 10, 0, 1_000_000),
    tokensPerDay: wholeNumber(env, "RATE_LIMIT_TOKENS_PER_DAY", 500_000, 0, 10 ** 12),
    serverTokensPerDay: wholeNumber(env, "RATE_LIMIT_SERVER_TOKENS_PER_DAY", 0, 0, 10 ** 12),
    limitLocal: names.some((name) => (env(name) ?? "0") !== "0"),
  };
}

/** The entries of a list of secrets. An error names the entry by its number: its text may be the secret. */
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
