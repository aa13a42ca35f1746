/**
 * Reads the configuration, once, from the environment: typed, checked, with every default in one place. A wrong value
 * stops the start with one line that names the variable, what was found and what is wanted.
 * @module
 */
import type { AllowedOrigins } from "./routes/origins.ts";
import { digestProxyKey, type ProxyKeys } from "./routes/proxy_keys.ts";
import type { StreamTimeouts } from "./upstream/chat_event_stream.ts";

/** Everything the server can be told. */
export interface Config {
  readonly host: string;
  readonly port: number;
  /** Absent: the demo provider answers. */
  readonly provider?: { readonly baseURL: string; readonly apiKey?: string };
  readonly defaultModel: string;
  /** The models a client may name; `"*"` for any. */
  readonly models: readonly string[] | "*";
  readonly systemPrompt?: string;
  readonly allowedOrigins: AllowedOrigins;
  /** Absent: proxy mode is off. */
  readonly proxyKeys?: ProxyKeys;
  readonly maxBodyBytes: number;
  readonly maxOutputTokens?: number;
  readonly maxStreams: number;
  readonly firstByteTimeoutMs: number;
  readonly timeouts: StreamTimeouts;
  readonly drainMs: number;
}

/** Thrown for a value that makes no sense. The message is the one line to print. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** Looks up a variable: undefined where it is not set. */
export type Environment = (name: string) => string | undefined;

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
  const proxyKeys = readProxyKeys(env, provider);
  const defaultModel = env("CHAT_MODEL") ?? "gpt-4o-mini";
  const maxOutputTokens = env("MAX_OUTPUT_TOKENS") === undefined
    ? undefined
    : wholeNumber(env, "MAX_OUTPUT_TOKENS", 0, 1, 10_000_000);
  return {
    host: env("HOST") ?? "127.0.0.1",
    port: wholeNumber(env, "PORT", 3001, 0, 65_535),
    ...(provider && { provider }),
    defaultModel,
    models: readModels(env, defaultModel),
    ...(systemPrompt !== undefined && { systemPrompt }),
    allowedOrigins: readOrigins(env),
    ...(proxyKeys && { proxyKeys }),
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

function isHttpUrl(value: string): boolean {
  const url = URL.parse(value);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "" &&
    url.search === "" && url.hash === "";
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

/** `name:key` pairs. The messages repeat names only: the rest of an entry may be a key. */
function readProxyKeys(env: Environment, provider: Config["provider"]): ProxyKeys | undefined {
  const entries = list(env("PROXY_KEYS"));
  if (entries.length === 0) return undefined;
  if (provider === undefined) {
    throw new ConfigError("PROXY_KEYS is set without a provider, wanted OPENAI_API_KEY or OPENAI_BASE_URL beside it");
  }
  const keys = new Map<string, Uint8Array>();
  for (const [index, entry] of entries.entries()) {
    const [, name, key] = /^([\w.-]{1,64}):([\x21-\x7e]+)$/.exec(entry) ?? [];
    if (name === undefined || key === undefined || keys.has(name)) {
      throw new ConfigError(
        `PROXY_KEYS has a wrong entry, number ${index + 1}, wanted name:key with a name of its own`,
      );
    }
    keys.set(name, digestProxyKey(key));
  }
  return keys;
}

function list(value: string | undefined): string[] {
  return (value ?? "").split(",").map((item) => item.trim()).filter((item) => item !== "");
}

function milliseconds(env: Environment, name: string, fallback: number): number {
  return wholeNumber(env, name, fallback, 1, 24 * 60 * 60_000);
}

function wholeNumber(env: Environment, name: string, fallback: number, min: number, max: number): number {
  const value = env(name);
  if (value === undefined) return fallback;
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= min && number <= max) return number;
  throw wrong(name, value, `a whole number from ${min} to ${max}`);
}

function wrong(name: string, found: string, wanted: string): ConfigError {
  return new ConfigError(`${name} is ${JSON.stringify(found.slice(0, 100))}, wanted ${wanted}`);
}
