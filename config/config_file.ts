/**
 * Reads `chat-stream.config.json`: several providers, their models under names of the operator's choice, and fallbacks.
 * Unknown keys are errors, and every error names the file and the JSON path. The file holds no API keys, only the names
 * of the variables that do. `deno task schema` writes the JSON Schema for editors from the same definitions.
 * @see docs/chat-stream.config.schema.json
 * @module
 */
import * as v from "valibot";
import { JSON_OBJECT, jsonFault, keyMessage, NAME, oneOf, POSITIVE_INTEGER } from "../routes/json_values.ts";
import type { ModelConfig, ModelInput, ProviderConfig } from "../upstream/chat_events/provider_config.ts";
import { ConfigError, type Environment, isHttpUrl } from "./config_values.ts";
import { EXTRA_BODY, PROVIDER_SETTINGS, readSecretHeaders, splitAddress } from "./provider_settings.ts";

/** The content of the configuration file. */
export interface CatalogConfig {
  readonly providers: readonly ProviderConfig[];
  /** The name or alias of the model for requests that name none. */
  readonly defaultModel: string;
  /** By name or alias of a model: the names or aliases of the models to try next, in order. */
  readonly fallbacks: ReadonlyMap<string, readonly string[]>;
}

const ADDRESS_MESSAGE = "an address such as http://localhost:11434/v1";
const MODEL_NAME = v.pipe(NAME, v.description("The model's name at the provider."));

const INPUTS = ["text", "image", "pdf"] as const satisfies readonly ModelInput[];

// A new field of a model takes one line here and one in upstream/chat_events/provider_config.ts; one of a provider is in
// provider_settings.ts.

/** A model with more settings than its name. */
export const MODEL = object({
  name: MODEL_NAME,
  alias: optional(NAME, "The name that clients see instead."),
  input: optional(
    listOf(v.picklist(INPUTS, oneOf(INPUTS))),
    "What it accepts: clients learn it from GET /api/models.",
  ),
  maxOutputTokens: optional(POSITIVE_INTEGER, "The most tokens of one answer, whatever a client requests."),
  extraBody: optional(
    EXTRA_BODY,
    "Fields added to the body of each request, after the provider's. Objects are merged.",
  ),
});

/** A provider and its models. */
export const PROVIDER = object({
  name: v.pipe(NAME, v.description("For you: clients never see it.")),
  baseURL: v.pipe(
    v.string(ADDRESS_MESSAGE),
    v.url(ADDRESS_MESSAGE),
    v.check(isHttpUrl, ADDRESS_MESSAGE),
    v.description("The address that the paths of the API are appended to, such as https://api.openai.com/v1."),
  ),
  apiKeyEnv: optional(NAME, "The variable that holds the key, in the environment or in .env. Default: no key is sent."),
  ...PROVIDER_SETTINGS,
  models: v.pipe(
    listOf(v.union([MODEL_NAME, MODEL], "a name or an object")),
    v.description("The models to offer: names, or objects with more settings."),
  ),
});

/** The whole file. */
export const CONFIG_FILE = v.pipe(
  object({
    $schema: v.exactOptional(v.string("a string")),
    providers: listOf(PROVIDER),
    defaultModel: optional(NAME, "The name or alias of the model for requests that name none. Default: the first one."),
    fallbacks: optional(
      v.pipe(JSON_OBJECT, v.record(v.string(), listOf(NAME))),
      "By name or alias of a model: the models to try next, in order, if its provider fails before the first byte.",
    ),
  }),
  v.title("chat-stream.config.json"),
  v.description(
    "Several providers for one chat-stream server. It replaces the variables OPENAI_BASE_URL, CHAT_MODEL and CHAT_MODELS.",
  ),
);

/**
 * The checked content of a configuration file.
 * @param text the file's text
 * @param file its path, for messages
 * @param env holds the API keys that the file names
 * @throws {ConfigError} for the first fault, with its JSON path
 */
export function parseConfigFile(text: string, file: string, env: Environment): CatalogConfig {
  const json = parseJson(text, file);
  const result = v.safeParse(CONFIG_FILE, json, { abortPipeEarly: true });
  if (!result.success) {
    const { path, problem } = jsonFault(result.issues, json);
    throw new ConfigError(`${file}: ${path || "the file"} ${problem}`);
  }
  const { providers, fallbacks = {}, defaultModel } = result.output;
  const catalog: CatalogConfig = {
    providers: providers.map((provider, index) => toProvider(provider, `${file}: providers[${index}]`, env)),
    defaultModel: defaultModel ?? publicName(toModel(providers[0]!.models[0]!)),
    fallbacks: new Map(Object.entries(fallbacks)),
  };
  checkNames(catalog, file);
  return catalog;
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ConfigError(`${file}: the file must be valid JSON: ${error instanceof Error ? error.message : error}`);
  }
}

/** A provider with its key from the environment in place of the key's name. */
function toProvider(provider: v.InferOutput<typeof PROVIDER>, path: string, env: Environment): ProviderConfig {
  const { apiKeyEnv, models, baseURL, query, headers, headersEnv, ...rest } = provider;
  const address = splitAddress(baseURL);
  const config = {
    ...rest,
    ...address,
    ...((query ?? address.query) && { query: { ...address.query, ...query } }),
    ...((headers ?? headersEnv) && { headers: { ...headers, ...readSecretHeaders(headersEnv ?? {}, path, env) } }),
    models: models.map(toModel),
  };
  if (apiKeyEnv === undefined) return config;
  const apiKey = env(apiKeyEnv);
  if (apiKey !== undefined && /^[\x21-\x7e]+$/.test(apiKey)) return { ...config, apiKey };
  throw new ConfigError(
    `${path}.apiKeyEnv must be the name of a variable that holds a key of printable ASCII without spaces`,
  );
}

function toModel(model: v.InferOutput<typeof PROVIDER>["models"][number]): ModelConfig {
  return typeof model === "string" ? { name: model } : model;
}

/** The name that clients see. */
function publicName({ name, alias }: ModelConfig): string {
  return alias ?? name;
}

/**
 * Checks that no two models have the same public name, and that all other names in the file are names of models.
 * @throws {ConfigError}
 */
function checkNames({ providers, defaultModel, fallbacks }: CatalogConfig, file: string): void {
  const names = new Set<string>();
  for (const [at, { models }] of providers.entries()) {
    for (const [index, model] of models.entries()) {
      const path = `${file}: providers[${at}].models[${index}]`;
      if (names.has(publicName(model))) {
        throw new ConfigError(`${path} must have a name or alias that no other model has`);
      }
      names.add(publicName(model));
    }
  }
  for (const { models } of providers) for (const { name } of models) names.add(name);
  const check = (path: string, name: string) => {
    if (names.has(name)) return;
    throw new ConfigError(`${file}: ${path} must be the name or alias of a model in this file, found "${name}"`);
  };
  check("defaultModel", defaultModel);
  for (const [name, others] of fallbacks) {
    check(`the key fallbacks.${name}`, name);
    others.forEach((other, index) => check(`fallbacks.${name}[${index}]`, other));
  }
}

/** An object with these keys and no others. */
function object<const E extends v.ObjectEntries>(entries: E) {
  // Without a prototype, names such as __proto__ and toString are unknown keys as well.
  const known: E = Object.assign(Object.create(null), entries);
  return v.pipe(JSON_OBJECT, v.strictObject(known, keyMessage(known)));
}

function optional<S extends v.GenericSchema>(schema: S, description: string) {
  return v.exactOptional(v.pipe(schema, v.description(description)));
}

function listOf<S extends v.GenericSchema>(item: S) {
  const message = "an array of at least 1 item";
  return v.pipe(v.array(item, message), v.minLength(1, message));
}
