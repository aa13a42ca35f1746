/**
 * Reads the configuration, once, from the environment: typed, checked, with every default in one place. A wrong value
 * stops the start with one line that names the variable, what was found and what is wanted.
 * @module
 */
import { type AccessConfig, readAccess } from "./config_access.ts";
import { type CatalogConfig, parseConfigFile } from "./config_file.ts";
import { ConfigError, type Environment, isHttpUrl, list, milliseconds, wholeNumber, wrong } from "./config_values.ts";
import type { AllowedOrigins } from "../routes/origins.ts";
import type { StreamTimeouts } from "../upstream/chat_event_stream.ts";

export { ConfigError, type Environment };

/** Everything the server can be told. */
export interface Config extends AccessConfig {
  readonly host: string;
  readonly port: number;
  /** Absent: the demo provider answers. */
  readonly provider?: { readonly baseURL: string; readonly apiKey?: string };
  readonly defaultModel: string;
  /** The models a client may name; `"*"` for any. */
  readonly models: readonly string[] | "*";
  /** From the configuration file, in the place of the provider and its models. */
  readonly catalog?: CatalogConfig;
  /** The environment names a proxy on the way to the provider, which `fetch` knows how to use. */
  readonly isProxied: boolean;
  readonly systemPrompt?: string;
  readonly allowedOrigins: AllowedOrigins;
  readonly maxBodyBytes: number;
  readonly maxOutputTokens?: number;
  readonly maxStreams: number;
  readonly firstByteTimeoutMs: number;
  readonly timeouts: StreamTimeouts;
  readonly drainMs: number;
  /** How many servers share the port, each in a thread of its own. */
  readonly workers: number;
}

/** Where the configuration file is where `CONFIG` says nothing else. */
const CONFIG_FILE = "chat-stream.config.json";

/** Where `fetch` looks for a proxy, in capitals and in small letters. */
const PROXY_VARIABLES = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"];

const OPENAI_BASE_URL = "https://api.openai.com/v1";

/**
 * The configuration in an environment. An empty value counts as not set.
 * @param readText reads the file of an `@file` value
 * @throws {ConfigError} for the first variable that is wrong
 */
export function readConfig(environment: Environment, readText: (path: string) => string): Config {
  const env: Environment = (name) => environment(name)?.trim() || undefined;
  const provider = readProvider(env);
  const systemPrompt = readSystemPrompt(env, readText);
  const access = readAccess(env);
  const catalog = readCatalog(env, readText);
  if (access.proxyKeys !== undefined && provider === undefined && catalog === undefined) {
    throw new ConfigError("PROXY_KEYS is set without a provider, wanted OPENAI_API_KEY or OPENAI_BASE_URL beside it");
  }
  const defaultModel = env("CHAT_MODEL") ?? "gpt-4o-mini";
  const maxOutputTokens = env("MAX_OUTPUT_TOKENS") === undefined
    ? undefined
    : wholeNumber(env, "MAX_OUTPUT_TOKENS", 0, 1, 10_000_000);
  const workers = wholeNumber(env, "WORKERS", 1, 1, 64);
  const port = wholeNumber(env, "PORT", 3001, 0, 65_535);
  if (workers > 1 && port === 0) throw wrong("PORT", "0", "a port that several WORKERS can share");
  return {
    host: env("HOST") ?? "127.0.0.1",
    port,
    workers,
    ...(provider && { provider }),
    defaultModel,
    models: readModels(env, defaultModel),
    isProxied: PROXY_VARIABLES.some((name) => env(name) !== undefined || env(name.toLowerCase()) !== undefined),
    ...(catalog && { catalog }),
    ...(systemPrompt !== undefined && { systemPrompt }),
    allowedOrigins: readOrigins(env),
    ...access,
    maxBodyBytes: wholeNumber(env, "MAX_BODY_BYTES", 1024 * 1024, 1, 1024 ** 3),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    maxStreams: wholeNumber(env, "MAX_STREAMS", 1000, 1, 1_000_000),
    firstByteTimeoutMs: milliseconds(env, "FIRST_BYTE_TIMEOUT_MS", 60_000),
    timeouts: {
      heartbeatMs: milliseconds(env, "HEARTBEAT_MS", 15_000),
      idleTimeoutMs: milliseconds(env, "IDLE_TIMEOUT_MS", 120_000),
      maxStreamMs: milliseconds(env, "MAX_STREAM_MS", 15 * 60_000),
      writeStallMs: milliseconds(env, "WRITE_STALL_MS", 60_000),
    },
    drainMs: milliseconds(env, "DRAIN_MS", 10_000),
  };
}

/** A key alone means OpenAI; an address alone means a server that may want no key; neither means the demo. */
function readProvider(env: Environment): Config["provider"] {
  const apiKey = env("OPENAI_API_KEY");
  const baseURL = env("OPENAI_BASE_URL");
  if (apiKey === undefined && baseURL === undefined) return undefined;
  if (baseURL !== undefined && !isHttpUrl(baseURL)) {
    throw wrong("OPENAI_BASE_URL", baseURL, "an address such as http://localhost:11434/v1");
  }
  // A header value: anything else in it would be an error at each request, with the key in its message.
  if (apiKey !== undefined && !/^[\x21-\x7e]+$/.test(apiKey)) {
    throw new ConfigError("OPENAI_API_KEY has characters that no key has, wanted printable ASCII without spaces");
  }
  return { baseURL: baseURL ?? OPENAI_BASE_URL, ...(apiKey !== undefined && { apiKey }) };
}

/** The configuration file, where there is one. It must be there where `CONFIG` names it. */
function readCatalog(env: Environment, readText: (path: string) => string): CatalogConfig | undefined {
  const path = env("CONFIG") ?? CONFIG_FILE;
  let text: string;
  try {
    text = readText(path);
  } catch (error) {
    if (env("CONFIG") === undefined && error instanceof Deno.errors.NotFound) return undefined;
    throw wrong("CONFIG", path, "the path of a readable file");
  }
  const doubled = ["OPENAI_BASE_URL", "CHAT_MODEL", "CHAT_MODELS"].find((name) => env(name) !== undefined);
  if (doubled === undefined) return parseConfigFile(text, path, env);
  throw new ConfigError(`${doubled} is set beside ${path}, wanted one of the two: the file says it all`);
}

function readModels(env: Environment, defaultModel: string): Config["models"] {
  const names = list(env("CHAT_MODELS"));
  return names.includes("*") ? "*" : [...new Set([defaultModel, ...names])];
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
