/**
 * Reads the configuration from the environment, once: typed, checked, every default in one place. A wrong value stops the
 * start with one line that names the variable, the value and what is wanted.
 * @module
 */
import { BODY_DEADLINE_MS, type BodyLimits } from "../routes/read_json.ts";
import type { AccessRules } from "../routes/access.ts";
import type { ConversationLimits } from "../routes/conversation_limits.ts";
import { CertificateError, type CertificateFiles, readCertificate } from "../routes/certificate.ts";
import type { ListenConfig } from "../routes/listener.ts";
import type { AllowedOrigins } from "../routes/origins.ts";
import type { ProxyKeys } from "../routes/proxy_keys.ts";
import type { RateLimitRules } from "../routes/rate_limits.ts";
import type { RedisOptions } from "../runs/redis/redis_connection.ts";
import { DEFAULT_RESUME_LIMITS } from "../runs/resumable_runs.ts";
import type { RunLimits } from "../runs/run_registry.ts";
import { DEFAULT_TIMEOUTS, type StreamTimeouts } from "../upstream/openai_to_chat_events.ts";
import { DEFAULT_MAX_TRIES } from "../upstream/sdk_client.ts";
import type { ProviderCatalog, ProvidersConfig, ProviderSource } from "../upstream/providers.ts";
import {
  readConversationLimits,
  readEmbedSecrets,
  readProxyKeys,
  readRateLimits,
  shortSecrets,
} from "./config_access.ts";
import { parseConfigFile } from "./config_file.ts";
import { readKeyedProviders } from "./provider_keys.ts";
import { boolean, ConfigError, type Environment, list, milliseconds, wholeNumber, wrong } from "./config_values.ts";

export { ConfigError, type Environment };

/** The configuration, in the parts that the server is built from. */
export interface Config {
  readonly listen: ListenConfig;
  readonly providers: ProvidersConfig;
  readonly systemPrompt: string | undefined;
  readonly access: AccessRules;
  /** Undefined: proxy mode is off. */
  readonly proxyKeys: ProxyKeys | undefined;
  /** Whether requests of proxy mode may store something at the provider. */
  readonly proxyStore: boolean;
  readonly body: Omit<BodyLimits, "pool"> & { readonly maxPoolBytes: number };
  readonly conversation: ConversationLimits;
  /** The most tokens of one answer; `Infinity` for no limit. */
  readonly maxOutputTokens: number;
  readonly rates: RateLimitRules;
  readonly runs: RunLimits;
  /** Where runs, limits and budgets are shared; undefined: they are this process's own. */
  readonly redis: RedisOptions | undefined;
  /** How long a stop waits for answers, in milliseconds. */
  readonly drainMs: number;
  /** The variables with a key or secret that is too short. */
  readonly shortSecrets: readonly string[];
}

/** Room for a PDF of almost 6 MiB, which grows by a third as base64. */
const DEFAULT_MAX_BODY_BYTES = 8 * 1024 * 1024;
/** Nine of the largest bodies at once. With a full pool the process takes about 470 MB. */
const DEFAULT_MAX_BODY_POOL_BYTES = 64 * 1024 * 1024;

/** The configuration file where `CONFIG` names none. */
const CONFIG_FILE = "chat-stream.config.json";

/** The variables in which `fetch` finds a proxy, in upper or lower case. */
const PROXY_VARIABLES = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"];

/**
 * The configuration in an environment. An empty value counts as not set.
 * @param readText reads the file of an `@file` value
 * @throws {ConfigError} for the first wrong variable
 */
export function readConfig(environment: Environment, readText: (path: string) => string): Config {
  const env: Environment = (name) => environment(name)?.trim() || undefined;
  if (env("WORKERS") !== undefined) {
    throw new ConfigError("WORKERS is set, wanted REUSE_PORT=true and one process for each core instead");
  }
  const timeouts = {
    heartbeatMs: milliseconds(env, "HEARTBEAT_MS", DEFAULT_TIMEOUTS.heartbeatMs),
    idleTimeoutMs: milliseconds(env, "IDLE_TIMEOUT_MS", DEFAULT_TIMEOUTS.idleTimeoutMs),
    maxStreamMs: milliseconds(env, "MAX_STREAM_MS", DEFAULT_TIMEOUTS.maxStreamMs),
    writeStallMs: milliseconds(env, "WRITE_STALL_MS", DEFAULT_TIMEOUTS.writeStallMs),
  };
  const source = readProviderSource(env, readText);
  const proxyKeys = readProxyKeys(env);
  if (proxyKeys !== undefined && source.type === "demo") {
    throw new ConfigError("PROXY_KEYS is set without a provider, wanted a provider's key or OPENAI_BASE_URL beside it");
  }
  return {
    listen: { ...readListen(env), tls: readTls(env, readText) },
    providers: {
      source,
      firstByteTimeoutMs: milliseconds(env, "FIRST_BYTE_TIMEOUT_MS", 60_000),
      relayTimeoutMs: timeouts.maxStreamMs,
      maxTries: wholeNumber(env, "PROVIDER_TRIES", DEFAULT_MAX_TRIES, 1, 10),
      keepAlive: boolean(env, "PROVIDER_KEEP_ALIVE", true),
      usesProxy: PROXY_VARIABLES.some((name) => env(name) !== undefined || env(name.toLowerCase()) !== undefined),
    },
    systemPrompt: readSystemPrompt(env, readText),
    access: {
      allowedOrigins: readOrigins(env),
      trustedProxies: wholeNumber(env, "TRUSTED_PROXIES", 0, 0, 10),
      embedSecrets: readEmbedSecrets(env),
    },
    proxyKeys,
    proxyStore: boolean(env, "PROXY_STORE", false),
    body: {
      maxBodyBytes: wholeNumber(env, "MAX_BODY_BYTES", DEFAULT_MAX_BODY_BYTES, 1, 1024 ** 3),
      maxPoolBytes: wholeNumber(env, "MAX_BODY_POOL_BYTES", DEFAULT_MAX_BODY_POOL_BYTES, 0, 64 * 1024 ** 3),
      bodyDeadlineMs: BODY_DEADLINE_MS,
    },
    conversation: readConversationLimits(env),
    maxOutputTokens: env("MAX_OUTPUT_TOKENS") === undefined
      ? Infinity
      : wholeNumber(env, "MAX_OUTPUT_TOKENS", 0, 1, 10_000_000),
    rates: readRateLimits(env),
    runs: readRunLimits(env, timeouts),
    redis: readRedis(env),
    drainMs: milliseconds(env, "DRAIN_MS", 25_000),
    shortSecrets: shortSecrets(env),
  };
}

function readRunLimits(env: Environment, timeouts: StreamTimeouts): RunLimits {
  const maxRuns = wholeNumber(env, "MAX_STREAMS", 1000, 1, 1_000_000);
  return {
    maxRuns,
    timeouts,
    resume: {
      abandonMs: milliseconds(env, "ABANDON_MS", DEFAULT_RESUME_LIMITS.abandonMs),
      keepMs: milliseconds(env, "RUN_KEEP_MS", DEFAULT_RESUME_LIMITS.keepMs),
      maxAnswerBytes: wholeNumber(env, "MAX_ANSWER_BYTES", DEFAULT_RESUME_LIMITS.maxAnswerBytes, 1, 1024 ** 3),
      maxLogBytes: wholeNumber(env, "MAX_RUN_LOG_BYTES", DEFAULT_RESUME_LIMITS.maxLogBytes, 0, 64 * 1024 ** 3),
      maxReaders: wholeNumber(env, "MAX_READERS", DEFAULT_RESUME_LIMITS.maxReaders, 1, 1_000_000),
      maxAllReaders: maxRuns,
    },
  };
}

/** The address may hold a password, so no message quotes it. */
function readRedis(env: Environment): RedisOptions | undefined {
  const url = env("REDIS_URL");
  const prefix = env("REDIS_PREFIX") ?? "chat-stream:";
  // Braces choose what a cluster hashes.
  if (!/^[\x21-\x7e]{1,100}$/.test(prefix) || /[{}]/.test(prefix)) {
    throw wrong("REDIS_PREFIX", prefix, "up to 100 visible ASCII characters without braces");
  }
  if (url === undefined) return undefined;
  const { protocol, hostname } = URL.parse(url) ?? {};
  if ((protocol === "redis:" || protocol === "rediss:") && hostname !== "") return { url, prefix };
  throw new ConfigError(
    "REDIS_URL is no address of a Redis, wanted redis://host:6379 or rediss://user:password@host:6379",
  );
}

function readListen(env: Environment): Omit<ListenConfig, "tls"> {
  const port = wholeNumber(env, "PORT", 3001, 0, 65_535);
  const reusePort = boolean(env, "REUSE_PORT", false);
  if (reusePort && port === 0) throw wrong("PORT", "0", "a port that several processes can share");
  return { host: env("HOST") ?? "127.0.0.1", port, reusePort };
}

/** The files of the certificate. Both are read here once, so that a wrong one stops the start. */
function readTls(env: Environment, readText: (path: string) => string): CertificateFiles | undefined {
  const [certFile, keyFile] = [env("TLS_CERT"), env("TLS_KEY")];
  if (certFile === undefined && keyFile === undefined) return undefined;
  if (certFile === undefined) throw new ConfigError("TLS_KEY is set without TLS_CERT, wanted both or neither");
  if (keyFile === undefined) throw new ConfigError("TLS_CERT is set without TLS_KEY, wanted both or neither");
  const files = { certFile, keyFile };
  try {
    readCertificate(files, readText);
    return files;
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    const name = error.file === "certFile" ? "TLS_CERT" : "TLS_KEY";
    throw new ConfigError(`${name} is ${JSON.stringify(files[error.file])}, ${error.message}`);
  }
}

function readProviderSource(env: Environment, readText: (path: string) => string): ProviderSource {
  return readCatalog(env, readText) ?? readKeyedProviders(env);
}

/** The configuration file, if there is one. The file that `CONFIG` names must exist. */
function readCatalog(env: Environment, readText: (path: string) => string): ProviderCatalog | undefined {
  const path = env("CONFIG") ?? CONFIG_FILE;
  let text: string;
  try {
    text = readText(path);
  } catch (error) {
    if (env("CONFIG") === undefined && error instanceof Deno.errors.NotFound) return undefined;
    throw wrong("CONFIG", path, "the path of a readable file");
  }
  const doubled = ["OPENAI_BASE_URL", "CHAT_MODEL", "CHAT_MODELS"].find((name) => env(name) !== undefined);
  if (doubled === undefined) return { type: "catalog", ...parseConfigFile(text, path, env) };
  throw new ConfigError(`${doubled} is set beside ${path}, wanted one of the two: the file replaces them`);
}

function readSystemPrompt(env: Environment, readText: (path: string) => string): string | undefined {
  const value = env("CHAT_SYSTEM_PROMPT");
  if (value === undefined || !value.startsWith("@")) return value;
  try {
    return readText(value.slice(1)).trim();
  } catch {
    throw wrong("CHAT_SYSTEM_PROMPT", value, "the path of a readable text file after the @");
  }
}

function readOrigins(env: Environment): AllowedOrigins {
  const origins = list(env("ALLOWED_ORIGINS"));
  for (const origin of origins) {
    if (origin !== "*" && URL.parse(origin)?.origin !== origin) {
      throw wrong("ALLOWED_ORIGINS", origin, "origins such as https://example.com, without a path, or *");
    }
  }
  return { exact: new Set(origins), any: origins.includes("*"), loopback: false };
}
