/**
 * What the configuration file may say, and the JSON path of what it may not.
 * @module
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { readConfig } from "../../config/config.ts";
import { parseConfigFile } from "../../config/config_file.ts";
import { ConfigError } from "../../config/config_values.ts";

const ENV: Readonly<Record<string, string>> = { KEY_A: "sk-a", SPACED: "sk a" };
const PROVIDER = { name: "a", baseURL: "https://a.example/v1", models: ["m"] };

function parse(json: unknown) {
  return parseConfigFile(typeof json === "string" ? json : JSON.stringify(json), "file.json", (name) => ENV[name]);
}

Deno.test("parseConfigFile reads providers, models, the default and fallbacks", () => {
  const config = parse({
    $schema: "./schema.json",
    providers: [
      {
        name: "a",
        baseURL: "https://a.example/v1",
        apiKeyEnv: "KEY_A",
        models: ["small", { name: "large", alias: "smart", maxOutputTokens: 500 }],
      },
      { name: "b", baseURL: "http://localhost:11434/v1", models: [{ name: "large", alias: "spare" }] },
    ],
    defaultModel: "smart",
    fallbacks: { smart: ["spare", "small"] },
  });
  assertEquals(config, {
    providers: [
      {
        name: "a",
        baseURL: "https://a.example/v1",
        apiKey: "sk-a",
        models: [{ name: "small" }, { name: "large", alias: "smart", maxOutputTokens: 500 }],
      },
      { name: "b", baseURL: "http://localhost:11434/v1", models: [{ name: "large", alias: "spare" }] },
    ],
    defaultModel: "smart",
    fallbacks: new Map([["smart", ["spare", "small"]]]),
  });
});

Deno.test("parseConfigFile takes the first model for the default", () => {
  assertEquals(parse({ providers: [{ ...PROVIDER, models: [{ name: "m", alias: "first" }] }] }).defaultModel, "first");
});

const WRONG: readonly [json: unknown, message: string][] = [
  ["{", "file.json: the file is wrong, wanted valid JSON"],
  [[], "the file is wrong, wanted an object"],
  [{}, "providers is wrong, wanted an array with at least one item"],
  [{ providers: [] }, "providers is wrong"],
  [{ providers: [PROVIDER], provider: {} }, "provider is wrong, wanted one of $schema, providers"],
  ['{"providers":[],"__proto__":{}}', "__proto__ is wrong"],
  [{ providers: [3] }, "providers[0] is wrong, wanted an object"],
  [{ providers: [{ ...PROVIDER, baseUrl: "x" }] }, "providers[0].baseUrl is wrong, wanted one of name, baseURL"],
  [{ providers: [{ ...PROVIDER, name: "" }] }, "providers[0].name is wrong"],
  [{ providers: [PROVIDER, { ...PROVIDER, baseURL: "localhost" }] }, "providers[1].baseURL is wrong"],
  [{ providers: [{ ...PROVIDER, baseURL: "https://user:pass@a.example/" }] }, "providers[0].baseURL is wrong"],
  [
    { providers: [{ ...PROVIDER, apiKeyEnv: "KEY_B" }] },
    "providers[0].apiKeyEnv is wrong, wanted the name of a variable",
  ],
  [{ providers: [{ ...PROVIDER, apiKeyEnv: "SPACED" }] }, "providers[0].apiKeyEnv is wrong"],
  [{ providers: [{ ...PROVIDER, apiKey: "sk-1" }] }, "providers[0].apiKey is wrong"],
  [{ providers: [{ ...PROVIDER, models: [] }] }, "providers[0].models is wrong"],
  [{ providers: [{ ...PROVIDER, models: ["m", { alias: "x" }] }] }, "providers[0].models[1].name is wrong"],
  [{ providers: [{ ...PROVIDER, models: [{ name: "m", alias: 1 }] }] }, "providers[0].models[0].alias is wrong"],
  [
    { providers: [{ ...PROVIDER, models: [{ name: "m", maxOutputTokens: 0 }] }] },
    "providers[0].models[0].maxOutputTokens is wrong, wanted a whole number above 0",
  ],
  [
    { providers: [PROVIDER, PROVIDER] },
    "providers[1].models[0] is wrong, wanted a name or alias that no other model has",
  ],
  [{ providers: [PROVIDER], defaultModel: "x" }, "defaultModel is wrong, wanted the name or alias"],
  [{ providers: [PROVIDER], fallbacks: { x: ["m"] } }, "fallbacks.x is wrong, wanted one of m"],
  [{ providers: [PROVIDER], fallbacks: { m: ["x"] } }, "fallbacks.m[0] is wrong"],
  [{ providers: [PROVIDER], fallbacks: { m: "m" } }, "fallbacks.m is wrong, wanted an array"],
];

for (const [json, message] of WRONG) {
  Deno.test(`parseConfigFile refuses ${JSON.stringify(json)}`, () => {
    assertThrows(() => parse(json), ConfigError, message);
  });
}

Deno.test("parseConfigFile never repeats a key", () => {
  const error = assertThrows(() => parse({ providers: [{ ...PROVIDER, apiKeyEnv: "SPACED" }] }), ConfigError);
  assert(!error.message.includes("sk a"));
});

function read(variables: Record<string, string>, files: Record<string, string>) {
  return readConfig((name) => variables[name], (path) => {
    if (files[path] === undefined) throw new Deno.errors.NotFound();
    return files[path];
  });
}

const FILE = JSON.stringify({ providers: [PROVIDER] });

Deno.test("readConfig reads chat-stream.config.json where it is, and the file of CONFIG in its place", () => {
  assertEquals(read({}, {}).providers.source.type, "demo");
  assertEquals(read({}, { "chat-stream.config.json": FILE }).providers.source.defaultModel, "m");
  assertEquals(read({ CONFIG: "other.json" }, { "other.json": FILE }).providers.source.defaultModel, "m");
});

Deno.test("readConfig refuses a CONFIG that is not there, and variables that the file replaces", () => {
  assertThrows(() => read({ CONFIG: "other.json" }, {}), ConfigError, "CONFIG is");
  const files = { "chat-stream.config.json": FILE };
  assertThrows(
    () => read({ CHAT_MODELS: "*" }, files),
    ConfigError,
    "CHAT_MODELS is set beside chat-stream.config.json",
  );
});

Deno.test("parseConfigFile takes the example in docs/providers.md", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/providers.md", import.meta.url));
  const config = parseConfigFile(page.match(/```json\n(.*?)```/s)![1]!, "file.json", () => "key");
  assertEquals([config.defaultModel, config.fallbacks.get("smart")], ["smart", ["gpt-4o-mini", "private"]]);
});

Deno.test("the JSON Schema in docs names exactly the keys that the file may have", async () => {
  const schema = JSON.parse(
    await Deno.readTextFile(new URL("../../docs/chat-stream.config.schema.json", import.meta.url)),
  );
  const { provider, model } = schema.$defs;
  assertEquals(Object.keys(schema.properties), ["$schema", "providers", "defaultModel", "fallbacks"]);
  assertEquals(Object.keys(provider.properties), ["name", "baseURL", "apiKeyEnv", "models"]);
  assertEquals(Object.keys(model.anyOf[1].properties), ["name", "alias", "maxOutputTokens"]);
  for (const object of [schema, provider, model.anyOf[1]]) assertEquals(object.additionalProperties, false);
});
