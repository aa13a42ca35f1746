/** The configuration variables: defaults, formats, and the error message of an invalid value. */
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { TLS_CERTIFICATE, TLS_KEY_FILE } from "../fake_openai.ts";
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

Deno.test("readConfig returns the documented defaults when nothing is set", () => {
  const config = read({});
  assertEquals(config.listen, { host: "127.0.0.1", port: 3001, reusePort: false, tls: undefined });
  assertEquals(config.providers.source, { type: "demo", defaultModel: "gpt-4o-mini", models: ["gpt-4o-mini"] });
  assertEquals([config.body.maxBodyBytes, config.body.maxPoolBytes], [8_388_608, 67_108_864]);
  assertEquals([config.runs.maxRuns, config.maxOutputTokens], [1000, Infinity]);
  assertEquals(config.runs.timeouts, {
    heartbeatMs: 15_000,
    idleTimeoutMs: 120_000,
    maxStreamMs: 900_000,
    writeStallMs: 60_000,
  });
  assertEquals([config.providers.firstByteTimeoutMs, config.drainMs], [60_000, 25_000]);
  assertEquals([config.providers.maxTries, config.providers.keepAlive], [2, true]);
  assertEquals(config.access.allowedOrigins, { exact: new Set<string>(), any: false, loopback: false });
});

Deno.test("readConfig reads the certificate and its key, and wants both", () => {
  const files = { "c.pem": Deno.readTextFileSync(TLS_CERTIFICATE), "k.pem": Deno.readTextFileSync(TLS_KEY_FILE) };
  const { listen } = read({ TLS_CERT: "c.pem", TLS_KEY: "k.pem" }, files);
  assertEquals(listen.tls, { certFile: "c.pem", keyFile: "k.pem" });
  const messages: [variables: Record<string, string>, message: string][] = [
    [{ TLS_CERT: "c.pem" }, "TLS_CERT is set without TLS_KEY, wanted both or neither"],
    [{ TLS_KEY: "k.pem" }, "TLS_KEY is set without TLS_CERT, wanted both or neither"],
    [
      { TLS_CERT: "none.pem", TLS_KEY: "k.pem" },
      'TLS_CERT is "none.pem", wanted the path of a certificate in PEM format',
    ],
    [
      { TLS_CERT: "c.pem", TLS_KEY: "c.pem" },
      'TLS_KEY is "c.pem", wanted the path of a private key in PEM format, without a password',
    ],
  ];
  for (const [variables, message] of messages) {
    assertEquals(assertThrows(() => read(variables, files), ConfigError).message, message);
  }
});

Deno.test("readConfig ignores a variable when its value is empty", () => {
  assertEquals(read({ OPENAI_API_KEY: "", PORT: " ", ALLOWED_ORIGINS: "" }), read({}));
});

Deno.test("readConfig returns a provider when the key, the address or both are set", () => {
  assertEquals(providerOf({ OPENAI_API_KEY: "k" }), { baseURL: "https://api.openai.com/v1", apiKey: "k" });
  const baseURL = "http://localhost:11434/v1";
  assertEquals(providerOf({ OPENAI_BASE_URL: baseURL }), { baseURL });
  assertEquals(providerOf({ OPENAI_BASE_URL: baseURL, OPENAI_API_KEY: "k" }), { baseURL, apiKey: "k" });
});

Deno.test("readConfig needs no more than one key to find its provider and a model", () => {
  const single = (variables: Record<string, string>) => {
    const { source } = read(variables).providers;
    return source.type === "single" &&
      [source.provider.baseURL, source.provider.apiKey, source.defaultModel, source.models];
  };
  assertEquals(single({ ANTHROPIC_API_KEY: "k" }), ["https://api.anthropic.com/v1", "k", "claude-haiku-4-5", [
    "claude-haiku-4-5",
  ]]);
  assertEquals(single({ GEMINI_API_KEY: "k" }), [
    "https://generativelanguage.googleapis.com/v1beta",
    "k",
    "gemini-flash-latest",
    ["gemini-flash-latest"],
  ]);
  assertEquals(single({ ANTHROPIC_API_KEY: "k", CHAT_MODEL: "claude-x", CHAT_MODELS: "*" }), [
    "https://api.anthropic.com/v1",
    "k",
    "claude-x",
    "*",
  ]);
});

Deno.test("readConfig offers the models of all providers whose keys are set", () => {
  const offer = (variables: Record<string, string>) => {
    const { source } = read(variables).providers;
    if (source.type !== "catalog") return source.type;
    return [source.defaultModel, source.providers.map(({ name, models }) => [name, models.map((model) => model.name)])];
  };
  const keys = { OPENAI_API_KEY: "a", ANTHROPIC_API_KEY: "b", GEMINI_API_KEY: "c" };
  assertEquals(offer(keys), ["gpt-4o-mini", [
    ["openai", ["gpt-4o-mini"]],
    ["anthropic", ["claude-haiku-4-5"]],
    ["gemini", ["gemini-flash-latest"]],
  ]]);
  assertEquals(offer({ ...keys, CHAT_MODEL: "claude-x", CHAT_MODELS: "own, gemini-y" }), ["claude-x", [
    ["openai", ["own"]],
    ["anthropic", ["claude-x", "claude-haiku-4-5"]],
    ["gemini", ["gemini-y", "gemini-flash-latest"]],
  ]]);
  assertThrows(() => offer({ ...keys, CHAT_MODELS: "*" }), ConfigError, "CHAT_MODELS is *, wanted the names of models");
});

Deno.test("readConfig splits the query from OPENAI_BASE_URL", () => {
  assertEquals(providerOf({ OPENAI_BASE_URL: "https://a.example/v1?api-version=1" }), {
    baseURL: "https://a.example/v1",
    query: { "api-version": "1" },
  });
});

Deno.test("readConfig always includes the default model", () => {
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

Deno.test("readConfig reads origins as a set, or as any", () => {
  const { allowedOrigins } = read({ ALLOWED_ORIGINS: "https://a.example, http://b.example:8080" }).access;
  assertEquals([...allowedOrigins.exact], ["https://a.example", "http://b.example:8080"]);
  assertEquals(read({ ALLOWED_ORIGINS: "*" }).access.allowedOrigins.any, true);
});

const PROVIDER_WANTED = "an address such as http://localhost:11434/v1, without a user name or a password";
const WRONG: [name: string, value: string, wanted: string][] = [
  ["PORT", "abc", "a whole number from 0 to 65535"],
  ["PORT", "65536", "a whole number from 0 to 65535"],
  ["PORT", "1e3", "a whole number from 0 to 65535"],
  ["MAX_STREAMS", "0", "a whole number from 1 to 1000000"],
  ["REUSE_PORT", "1", "true or false"],
  ["PROVIDER_TRIES", "0", "a whole number from 1 to 10"],
  ["PROVIDER_KEEP_ALIVE", "no", "true or false"],
  ["PROXY_STORE", "yes", "true or false"],
  ["REDIS_PREFIX", "a b", "up to 100 visible ASCII characters without braces"],
  ["REDIS_PREFIX", "{a}", "up to 100 visible ASCII characters without braces"],
  ["HEARTBEAT_MS", "15s", "a whole number from 1 to 86400000"],
  ["OPENAI_BASE_URL", "localhost:11434", PROVIDER_WANTED],
  ["ALLOWED_ORIGINS", "https://a.example/path", "origins such as https://example.com, without a path, or *"],
  ["ALLOWED_ORIGINS", "a.example", "origins such as https://example.com, without a path, or *"],
  ["CHAT_SYSTEM_PROMPT", "@missing.txt", "the path of a readable text file after the @"],
];
for (const [name, value, wanted] of WRONG) {
  Deno.test(`readConfig names ${name}, its value and the expected format when it is ${value}`, () => {
    const error = assertThrows(() => read({ [name]: value }), ConfigError);
    assertEquals(error.message, `${name} is "${value}", wanted ${wanted}`);
  });
}

const SECRETS: [name: string, value: string, shown: string][] = [
  ["OPENAI_BASE_URL", "https://user:hunter2@host/v1", "https://…@host/v1"],
  ["OPENAI_BASE_URL", "https://hunter2@host/v1", "https://…@host/v1"],
  ["OPENAI_BASE_URL", "HTTPS://user:hunter2@a@host/v1", "HTTPS://…@host/v1"],
  ["OPENAI_BASE_URL", "user:hunter2@host", "…@host"],
  ["OPENAI_BASE_URL", "https://host/v1?key=hunter2#a", "https://host/v1?…"],
  ["ALLOWED_ORIGINS", "https://user:hunter2@a.example", "https://…@a.example"],
];
for (const [name, value, shown] of SECRETS) {
  Deno.test(`readConfig shows no password of ${name} when it is ${value}`, () => {
    const { message } = assertThrows(() => read({ [name]: value }), ConfigError);
    assertEquals([message.startsWith(`${name} is "${shown}", wanted `), message.includes("hunter2")], [true, false]);
  });
}

Deno.test("readConfig names the replacement when WORKERS is set", () => {
  const error = assertThrows(() => read({ WORKERS: "2" }), ConfigError);
  assertEquals(error.message, "WORKERS is set, wanted REUSE_PORT=true and one process for each core instead");
});

Deno.test("readConfig throws when REUSE_PORT is set without a fixed port", () => {
  const error = assertThrows(() => read({ REUSE_PORT: "true", PORT: "0" }), ConfigError);
  assertEquals(error.message, 'PORT is "0", wanted a port that several processes can share');
  assertEquals(read({ REUSE_PORT: "true" }).listen.reusePort, true);
});

Deno.test("readConfig does not show the key when OPENAI_API_KEY is invalid", () => {
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
