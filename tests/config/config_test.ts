/** Every variable: its default, its form, and the one line that a wrong value gets. */
import { assertEquals, assertThrows } from "@std/assert";
import { type Config, ConfigError, readConfig } from "../../config/config.ts";

function read(variables: Record<string, string>, files: Record<string, string> = {}): Config {
  return readConfig((name) => variables[name], (path) => {
    const text = files[path];
    if (text === undefined) throw new Deno.errors.NotFound();
    return text;
  });
}

Deno.test("readConfig gives the documented defaults when nothing is set", () => {
  const config = read({});
  assertEquals([config.host, config.port, config.provider], ["127.0.0.1", 3001, undefined]);
  assertEquals([config.defaultModel, config.models], ["gpt-4o-mini", ["gpt-4o-mini"]]);
  assertEquals([config.maxBodyBytes, config.maxStreams, config.maxOutputTokens], [1_048_576, 1000, undefined]);
  assertEquals(config.timeouts, {
    heartbeatMs: 15_000,
    idleTimeoutMs: 120_000,
    maxStreamMs: 900_000,
    writeStallMs: 60_000,
  });
  assertEquals([config.firstByteTimeoutMs, config.drainMs], [60_000, 10_000]);
  assertEquals([config.allowedOrigins.exact.size, config.allowedOrigins.any], [0, false]);
});

Deno.test("readConfig takes an empty value for none", () => {
  assertEquals(read({ OPENAI_API_KEY: "", PORT: " ", ALLOWED_ORIGINS: "" }), read({}));
});

Deno.test("readConfig knows the provider by the key, the address or both", () => {
  assertEquals(read({ OPENAI_API_KEY: "k" }).provider, { baseURL: "https://api.openai.com/v1", apiKey: "k" });
  const baseURL = "http://localhost:11434/v1";
  assertEquals(read({ OPENAI_BASE_URL: baseURL }).provider, { baseURL });
  assertEquals(read({ OPENAI_BASE_URL: baseURL, OPENAI_API_KEY: "k" }).provider, { baseURL, apiKey: "k" });
});

Deno.test("readConfig always offers the default model", () => {
  assertEquals(read({ CHAT_MODEL: "a", CHAT_MODELS: "b, c,b" }).models, ["a", "b", "c"]);
  assertEquals(read({ CHAT_MODELS: "a,*" }).models, "*");
});

Deno.test("readConfig reads instructions as text or from a file", () => {
  assertEquals(read({ CHAT_SYSTEM_PROMPT: "Be kind." }).systemPrompt, "Be kind.");
  assertEquals(read({ CHAT_SYSTEM_PROMPT: "@p.txt" }, { "p.txt": "Be brief.\n" }).systemPrompt, "Be brief.");
});

Deno.test("readConfig reads origins as a set or as all", () => {
  const { allowedOrigins } = read({ ALLOWED_ORIGINS: "https://a.example, http://b.example:8080" });
  assertEquals([...allowedOrigins.exact], ["https://a.example", "http://b.example:8080"]);
  assertEquals(read({ ALLOWED_ORIGINS: "*" }).allowedOrigins.any, true);
});

const WRONG: [name: string, value: string, wanted: string][] = [
  ["PORT", "abc", "a whole number from 0 to 65535"],
  ["PORT", "65536", "a whole number from 0 to 65535"],
  ["PORT", "1e3", "a whole number from 0 to 65535"],
  ["MAX_STREAMS", "0", "a whole number from 1 to 1000000"],
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

Deno.test("readConfig wants a port of its own for several workers", () => {
  const error = assertThrows(() => read({ WORKERS: "2", PORT: "0" }), ConfigError);
  assertEquals(error.message, 'PORT is "0", wanted a port that several WORKERS can share');
  assertEquals(read({ WORKERS: "2" }).workers, 2);
});

Deno.test("readConfig never shows a key that is wrong", () => {
  const error = assertThrows(() => read({ OPENAI_API_KEY: "sk secret\n1" }), ConfigError);
  assertEquals(error.message.includes("secret"), false);
});
