/**
 * What the configuration file may hold, the JSON path in each refusal, and the JSON Schema in docs/.
 * @module
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { readConfig } from "../../config/config.ts";
import { parseConfigFile } from "../../config/config_file.ts";
import { ConfigError } from "../../config/config_values.ts";
import { configSchema, SCHEMA_FILE } from "../../tools/config_schema.ts";

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

Deno.test("parseConfigFile reads how a provider differs, with the values of secret headers in place of their names", () => {
  const settings = {
    api: "anthropic",
    auth: "bearer",
    query: { version: "2" },
    outputLimitField: "max_tokens",
    reasoningField: "reasoning_content",
    thoughtSignatures: true,
    streamOptions: false,
    promptCaching: false,
    extraBody: { top_k: 5, nested: { a: 1 } },
    honoursIdempotencyKey: true,
  };
  const models = [{ name: "m", input: ["text", "pdf"], extraBody: { b: 2 } }];
  const { providers: [provider] } = parse({
    providers: [{
      ...PROVIDER,
      ...settings,
      headers: { "x-title": "Chat" },
      headersEnv: { "x-portal-key": "KEY_A" },
      models,
    }],
  });
  assertEquals(provider as unknown, {
    ...PROVIDER,
    ...settings,
    headers: { "x-title": "Chat", "x-portal-key": "sk-a" },
    models,
  });
});

Deno.test("parseConfigFile takes an address as Azure shows it, with the path of the API and a query", () => {
  const baseURL = "https://a.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21";
  const { providers: [provider] } = parse({ providers: [{ ...PROVIDER, baseURL, query: { more: "1" } }] });
  assertEquals([provider?.baseURL, provider?.query], [
    "https://a.openai.azure.com/openai/deployments/d",
    { "api-version": "2024-10-21", more: "1" },
  ]);
});

Deno.test("parseConfigFile uses the first model as the default when the file names none", () => {
  assertEquals(parse({ providers: [{ ...PROVIDER, models: [{ name: "m", alias: "first" }] }] }).defaultModel, "first");
});

const NAME_WANTED = "must be a string of 1 to 256 characters";
const ADDRESS_WANTED = "must be an address such as http://localhost:11434/v1";
const KEY_WANTED = "must be the name of a variable that holds a key of printable ASCII without spaces";
const KNOWN_IN_FILE = "is not a known key, known are $schema, providers, defaultModel, fallbacks";
const PROVIDER_KEYS = [
  "name",
  "baseURL",
  "apiKeyEnv",
  "api",
  "auth",
  "headers",
  "headersEnv",
  "query",
  "outputLimitField",
  "reasoningField",
  "thoughtSignatures",
  "streamOptions",
  "promptCaching",
  "extraBody",
  "honoursIdempotencyKey",
  "models",
];
const KNOWN_IN_PROVIDER = `is not a known key, known are ${PROVIDER_KEYS.join(", ")}`;
const HEADERS_WANTED = "an object of headers that the server does not set itself, with values of printable ASCII";
const FIELDS_WANTED = "an object without the fields contents, input, messages, model, n, stream, stream_options";

const WRONG: readonly [json: unknown, message: string][] = [
  [[], "the file must be an object, found an array of 0"],
  ["null", "the file must be an object, found null"],
  [{}, "providers must be an array of at least 1 item, found nothing"],
  [{ providers: [] }, "providers must be an array of at least 1 item, found an array of 0"],
  [{ providers: {} }, "providers must be an array of at least 1 item, found an object"],
  [{ providers: [PROVIDER], provider: {} }, `provider ${KNOWN_IN_FILE}`],
  ['{"providers":[],"__proto__":{}}', `__proto__ ${KNOWN_IN_FILE}`],
  [{ providers: [PROVIDER], toString: 1 }, `toString ${KNOWN_IN_FILE}`],
  [{ providers: [3] }, "providers[0] must be an object, found the number 3"],
  [{ providers: [[]] }, "providers[0] must be an object, found an array of 0"],
  [{ providers: [{ ...PROVIDER, baseUrl: "x" }] }, `providers[0].baseUrl ${KNOWN_IN_PROVIDER}`],
  [{ providers: [{ name: "a", models: ["m"], baseUrl: "x" }] }, `providers[0].baseUrl ${KNOWN_IN_PROVIDER}`],
  [{ providers: [{ ...PROVIDER, name: "" }] }, `providers[0].name ${NAME_WANTED}, found an empty string`],
  [{ providers: [{ ...PROVIDER, name: null }] }, `providers[0].name ${NAME_WANTED}, found null`],
  [
    { providers: [PROVIDER, { ...PROVIDER, baseURL: "localhost" }] },
    `providers[1].baseURL ${ADDRESS_WANTED}, found a string of 9 characters`,
  ],
  [
    { providers: [{ ...PROVIDER, baseURL: "https://user:pass@a.example/" }] },
    `providers[0].baseURL ${ADDRESS_WANTED}, found a string of 28 characters`,
  ],
  [{ providers: [{ ...PROVIDER, apiKeyEnv: "KEY_B" }] }, `providers[0].apiKeyEnv ${KEY_WANTED}`],
  [{ providers: [{ ...PROVIDER, apiKeyEnv: "SPACED" }] }, `providers[0].apiKeyEnv ${KEY_WANTED}`],
  [{ providers: [{ ...PROVIDER, apiKey: "sk-1" }] }, `providers[0].apiKey ${KNOWN_IN_PROVIDER}`],
  [
    { providers: [{ ...PROVIDER, models: [] }] },
    "providers[0].models must be an array of at least 1 item, found an array of 0",
  ],
  [
    { providers: [{ ...PROVIDER, models: [7] }] },
    "providers[0].models[0] must be a name or an object, found the number 7",
  ],
  [
    { providers: [{ ...PROVIDER, models: ["m", ""] }] },
    `providers[0].models[1] ${NAME_WANTED}, found an empty string`,
  ],
  [
    { providers: [{ ...PROVIDER, models: ["m", { alias: "x" }] }] },
    `providers[0].models[1].name ${NAME_WANTED}, found nothing`,
  ],
  [
    { providers: [{ ...PROVIDER, models: [{ nmae: "m" }] }] },
    "providers[0].models[0].nmae is not a known key, known are name, alias, input, maxOutputTokens, extraBody",
  ],
  [
    { providers: [{ ...PROVIDER, models: [{ name: "m", alias: 1 }] }] },
    `providers[0].models[0].alias ${NAME_WANTED}, found the number 1`,
  ],
  [
    { providers: [{ ...PROVIDER, models: [{ name: "m", maxOutputTokens: 0 }] }] },
    "providers[0].models[0].maxOutputTokens must be a whole number above 0, found the number 0",
  ],
  [
    { providers: [PROVIDER, PROVIDER] },
    "providers[1].models[0] must have a name or alias that no other model has",
  ],
  [
    { providers: [PROVIDER], defaultModel: "x" },
    'defaultModel must be the name or alias of a model in this file, found "x"',
  ],
  [
    { providers: [PROVIDER], fallbacks: { x: ["m"] } },
    'the key fallbacks.x must be the name or alias of a model in this file, found "x"',
  ],
  [
    { providers: [PROVIDER], fallbacks: { m: ["x"] } },
    'fallbacks.m[0] must be the name or alias of a model in this file, found "x"',
  ],
  [
    { providers: [PROVIDER], fallbacks: { m: "m" } },
    "fallbacks.m must be an array of at least 1 item, found a string of 1 character",
  ],
  [
    { providers: [{ ...PROVIDER, api: "openai" }] },
    'providers[0].api must be one of "chat-completions", "responses", "anthropic", "gemini", found a string of 6 characters',
  ],
  [
    { providers: [{ ...PROVIDER, headers: { Authorization: "Bearer sk-1" } }] },
    "providers[0].headers must be an object without secrets: headersEnv names the variables that hold them, found an object",
  ],
  [
    { providers: [{ ...PROVIDER, headers: { host: "a" } }] },
    `providers[0].headers must be ${HEADERS_WANTED}, found an object`,
  ],
  [
    { providers: [{ ...PROVIDER, headers: { a: "b\r\nc" } }] },
    `providers[0].headers must be ${HEADERS_WANTED}, found an object`,
  ],
  [
    { providers: [{ ...PROVIDER, headersEnv: { "x-portal-key": "KEY_B" } }] },
    "providers[0].headersEnv.x-portal-key must be the name of a variable that holds a value of printable ASCII",
  ],
  [
    { providers: [{ ...PROVIDER, extraBody: { stream: false } }] },
    `providers[0].extraBody must be ${FIELDS_WANTED}, found an object`,
  ],
  [
    { providers: [{ ...PROVIDER, models: [{ name: "m", input: ["video"] }] }] },
    'providers[0].models[0].input[0] must be one of "text", "image", "pdf", found a string of 5 characters',
  ],
  [{ providers: [PROVIDER], fallbacks: [] }, "fallbacks must be an object, found an array of 0"],
];

for (const [json, message] of WRONG) {
  Deno.test(`parseConfigFile says "${message}" when it reads ${JSON.stringify(json)}`, () => {
    assertEquals(assertThrows(() => parse(json), ConfigError).message, `file.json: ${message}`);
  });
}

Deno.test("parseConfigFile names the file when it is not JSON", () => {
  assertThrows(() => parse("{"), ConfigError, "file.json: the file must be valid JSON: ");
});

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

Deno.test("readConfig reads chat-stream.config.json if there is one, or the file that CONFIG names", () => {
  assertEquals(read({}, {}).providers.source.type, "demo");
  assertEquals(read({}, { "chat-stream.config.json": FILE }).providers.source.defaultModel, "m");
  assertEquals(read({ CONFIG: "other.json" }, { "other.json": FILE }).providers.source.defaultModel, "m");
});

Deno.test("readConfig refuses a CONFIG that does not exist, and variables that the file replaces", () => {
  assertThrows(() => read({ CONFIG: "other.json" }, {}), ConfigError, "CONFIG is");
  const files = { "chat-stream.config.json": FILE };
  assertThrows(
    () => read({ CHAT_MODELS: "*" }, files),
    ConfigError,
    "CHAT_MODELS is set beside chat-stream.config.json",
  );
});

Deno.test("parseConfigFile accepts the example in docs/providers.md", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/providers.md", import.meta.url));
  const config = parseConfigFile(page.match(/```json\n(.*?)```/s)![1]!, "file.json", () => "key");
  assertEquals([config.defaultModel, config.fallbacks.get("smart")], ["smart", ["gpt-4o-mini", "private"]]);
});

Deno.test("docs/chat-stream.config.schema.json is what deno task schema writes", async () => {
  assertEquals(await Deno.readTextFile(SCHEMA_FILE), configSchema());
});

Deno.test("configSchema lists every key that the file may have, with a description, and refuses others", () => {
  const schema = JSON.parse(configSchema());
  const { provider, model } = schema.$defs;
  assertEquals(schema.$schema, "https://json-schema.org/draft/2020-12/schema");
  assertEquals(Object.keys(schema.properties), ["$schema", "providers", "defaultModel", "fallbacks"]);
  assertEquals(Object.keys(provider.properties), PROVIDER_KEYS);
  assertEquals(Object.keys(model.properties), ["name", "alias", "input", "maxOutputTokens", "extraBody"]);
  assertEquals([schema.required, provider.required, model.required], [
    ["providers"],
    ["name", "baseURL", "models"],
    ["name"],
  ]);
  for (const object of [schema, provider, model]) assertEquals(object.additionalProperties, false);
  for (const [key, value] of Object.entries<Record<string, unknown>>({ ...provider.properties, ...model.properties })) {
    assert(typeof value.description === "string", key);
  }
  assertEquals(provider.properties.baseURL.format, "uri");
  assertEquals(model.properties.maxOutputTokens.minimum, 1);
  assertEquals(provider.properties.models.minItems, 1);
});
