/** Every variable: its default, its form, and the one line that a wrong value gets. */
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { type Config, ConfigError, readConfig } from "../../config/config.ts";

function read(variables: Record<string, string>, files: Record<string, string> = {}): Config {
  return readConfig((name) => variables[name], (path) => {
    const text = files[path];
    if (text === undefined) throw new Deno.errors.NotFound();
    return text;
  });
}

/** The provider of a configuration with exactly one. */
function providerOf(variables: Record<string, string>): unknown {
  const { source } = read(variables).providers;
  return source.type === "single" && source.provider;
}

Deno.test("readConfig gives the documented defaults when nothing is set", () => {
  const config = read({});
  assertEquals(config.listen, { host: "127.0.0.1", port: 3001, reusePort: false });
  assertEquals(config.providers.source, { type: "demo", defaultModel: "gpt-4o-mini", models: ["gpt-4o-mini"] });
  assertEquals([config.body.maxBodyBytes, config.runs.maxRuns, config.maxOutputTokens], [1_048_576, 1000, Infinity]);
  assertEquals(config.runs.timeouts, {
    heartbeatMs: 15_000,
    idleTimeoutMs: 120_000,
    maxStreamMs: 900_000,
    writeStallMs: 60_000,
  });
  assertEquals([config.providers.firstByteTimeoutMs, config.drainMs], [60_000, 25_000]);
  assertEquals(config.access.allowedOrigins, { exact: new Set<string>(), any: false, loopback: false });
});

Deno.test("readConfig takes an empty value for none", () => {
  assertEquals(read({ OPENAI_API_KEY: "", PORT: " ", ALLOWED_ORIGINS: "" }), read({}));
});

Deno.test("readConfig knows the provider by the key, the address or both", () => {
  assertEquals(providerOf({ OPENAI_API_KEY: "k" }), { baseURL: "https://api.openai.com/v1", apiKey: "k" });
  const baseURL = "http://localhost:11434/v1";
  assertEquals(providerOf({ OPENAI_BASE_URL: baseURL }), { baseURL });
  assertEquals(providerOf({ OPENAI_BASE_URL: baseURL, OPENAI_API_KEY: "k" }), { baseURL, apiKey: "k" });
});

Deno.test("readConfig always offers the default model", () => {
  const modelsOf = (variables: Record<string, string>) => {
    const { source } = read(variables).providers;
    return source.type === "demo" && source.models;
  };
  assertEquals(modelsOf({ CHAT_MODEL: "a", CHAT_MODELS: "b, c,b" }), ["a", "b", "c"]);
  assertEquals(modelsOf({ CHAT_MODELS: "a,*" }), "*");
});

Deno.test("readConfig reads instructions as text or from a file", () => {
  assertEquals(read({ CHAT_SYSTEM_PROMPT: "Be kind." }).systemPrompt, "Be kind.");
  assertEquals(read({ CHAT_SYSTEM_PROMPT: "@p.txt" }, { "p.txt": "Be brief.\n" }).systemPrompt, "Be brief.");
});

Deno.test("readConfig reads origins as a set or as all", () => {
  const { allowedOrigins } = read({ ALLOWED_ORIGINS: "https://a.example, http://b.example:8080" }).access;
  assertEquals([...allowedOrigins.exact], ["https://a.example", "http://b.example:8080"]);
  assertEquals(read({ ALLOWED_ORIGINS: "*" }).access.allowedOrigins.any, true);
});

const WRONG: [name: string, value: string, wanted: string][] = [
  ["PORT", "abc", "a whole number from 0 to 65535"],
  ["PORT", "65536", "a whole number from 0 to 65535"],
  ["PORT", "1e3", "a whole number from 0 to 65535"],
  ["MAX_STREAMS", "0", "a whole number from 1 to 1000000"],
  ["REUSE_PORT", "1", "true or false"],
  ["REDIS_PREFIX", "a b", "up to 100 visible ASCII characters without braces"],
  ["REDIS_PREFIX", "{a}", "up to 100 visible ASCII characters without braces"],
  ["HEARTBEAT_MS", "15s", "a whole number from 1 to 86400000"],
  ["OPENAI_BASE_URL", "localhost:11434", "an address such as http://localhost:11434/v1"],
  ["OPENAI_BASE_URL", "https://key@host/v1", "an address such as http://localhost:11434/v1"],
  ["ALLOWED_ORIGINS", "https://a.example/path", "origins such as https://example.com, without a path, or *"],
  ["ALLOWED_ORIGINS", "a.example", "origins such as https://example.com, without a path, or *"],
  ["CHAT_SYSTEM_PROMPT", "@missing.txt", "the path of a readable text file after the @"],
];
for (const [name, value, wanted] of WRONG) {
  Deno.test(`readConfig names ${name}, what it found and what it wants when it is ${value}`, () => {
    const error = assertThrows(() => read({ [name]: value }), ConfigError);
    assertEquals(error.message, `${name} is "${value}", wanted ${wanted}`);
  });
}

Deno.test("readConfig refuses WORKERS and names what replaces it", () => {
  const error = assertThrows(() => read({ WORKERS: "2" }), ConfigError);
  assertEquals(error.message, "WORKERS is set, wanted REUSE_PORT=true and one process for each core instead");
});

Deno.test("readConfig needs a fixed port where several processes share it", () => {
  const error = assertThrows(() => read({ REUSE_PORT: "true", PORT: "0" }), ConfigError);
  assertEquals(error.message, 'PORT is "0", wanted a port that several processes can share');
  assertEquals(read({ REUSE_PORT: "true" }).listen.reusePort, true);
});

Deno.test("readConfig never shows a key that is wrong", () => {
  const error = assertThrows(() => read({ OPENAI_API_KEY: "sk secret\n1" }), ConfigError);
  assertEquals(error.message.includes("secret"), false);
});

Deno.test("readConfig reads where Redis is, and quotes no address in its error: it may hold a password", () => {
  assertEquals(read({}).redis, undefined);
  const url = "rediss://user:secret@redis.example:6380";
  assertEquals(read({ REDIS_URL: url }).redis, { url, prefix: "chat-stream:" });
  assertEquals(read({ REDIS_URL: url, REDIS_PREFIX: "shop:" }).redis?.prefix, "shop:");
  for (const wrong of ["user:secret@redis", "http://user:secret@redis", "redis://"]) {
    const error = assertThrows(() => read({ REDIS_URL: wrong }), ConfigError);
    assert(!error.message.includes("secret"), error.message);
    assertStringIncludes(error.message, "REDIS_URL");
  }
});
