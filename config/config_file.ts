/**
 * Reads `chat-stream.config.json`: several providers, their models under names of one's own, and whom to ask next. It is
 * checked to the last key, and what is wrong is said with its JSON path. Keys are named in it by their variables and
 * never written into it.
 * @see docs/chat-stream.config.schema.json
 * @module
 */
import { ConfigError, type Environment, isHttpUrl } from "./config_values.ts";
import { MAX_NAME_CHARS } from "../protocol/chat_request.ts";

/** A model of a provider. */
export interface ModelConfig {
  /** Its name at the provider. */
  readonly name: string;
  /** The name that clients see in its place. */
  readonly alias?: string;
  readonly maxOutputTokens?: number;
}

/** A provider and its models. */
export interface ProviderConfig {
  readonly name: string;
  readonly baseURL: string;
  readonly apiKey?: string;
  readonly models: readonly ModelConfig[];
}

/** All that the file says. */
export interface CatalogConfig {
  readonly providers: readonly ProviderConfig[];
  readonly defaultModel: string;
  readonly fallbacks: ReadonlyMap<string, readonly string[]>;
}

type Json = Readonly<Record<string, unknown>>;

/**
 * The file's content.
 * @param file its path, for messages
 * @param env holds the keys that the file names
 * @throws {ConfigError} for the first thing that is wrong, with its JSON path
 */
export function parseConfigFile(text: string, file: string, env: Environment): CatalogConfig {
  return new ConfigFile(file, env).parse(text);
}

class ConfigFile {
  readonly #file: string;
  readonly #env: Environment;

  constructor(file: string, env: Environment) {
    this.#file = file;
    this.#env = env;
  }

  parse(text: string): CatalogConfig {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch (error) {
      throw this.#wrong("the file", `valid JSON: ${error instanceof Error ? error.message : error}`);
    }
    const root = this.#object(json, "the file", ["$schema", "providers", "defaultModel", "fallbacks"]);
    const providers = this.#list(root.providers, "providers", (value, path) => this.#provider(value, path));
    const names = this.#names(providers);
    const isOffered = (value: unknown, path: string): string => {
      if (typeof value === "string" && names.has(value)) return value;
      throw this.#wrong(path, "the name or alias of a model in this file");
    };
    const fallbacks = root.fallbacks === undefined ? {} : this.#object(root.fallbacks, "fallbacks", [...names]);
    return {
      providers,
      defaultModel: root.defaultModel === undefined
        ? firstName(providers)
        : isOffered(root.defaultModel, "defaultModel"),
      fallbacks: new Map(
        Object.entries(fallbacks).map(([name, value]) => [name, this.#list(value, `fallbacks.${name}`, isOffered)]),
      ),
    };
  }

  #provider(value: unknown, path: string): ProviderConfig {
    const json = this.#object(value, path, ["name", "baseURL", "apiKeyEnv", "models"]);
    const apiKey = json.apiKeyEnv === undefined ? undefined : this.#apiKey(json.apiKeyEnv, `${path}.apiKeyEnv`);
    if (typeof json.baseURL !== "string" || !isHttpUrl(json.baseURL)) {
      throw this.#wrong(`${path}.baseURL`, "an address such as http://localhost:11434/v1");
    }
    return {
      name: this.#name(json.name, `${path}.name`),
      baseURL: json.baseURL,
      ...(apiKey !== undefined && { apiKey }),
      models: this.#list(json.models, `${path}.models`, (model, at) => this.#model(model, at)),
    };
  }

  #model(value: unknown, path: string): ModelConfig {
    if (typeof value === "string") return { name: this.#name(value, path) };
    const { name, alias, maxOutputTokens } = this.#object(value, path, ["name", "alias", "maxOutputTokens"]);
    if (maxOutputTokens !== undefined && !(Number.isSafeInteger(maxOutputTokens) && maxOutputTokens as number > 0)) {
      throw this.#wrong(`${path}.maxOutputTokens`, "a whole number above 0");
    }
    return {
      name: this.#name(name, `${path}.name`),
      ...(alias !== undefined && { alias: this.#name(alias, `${path}.alias`) }),
      ...(maxOutputTokens !== undefined && { maxOutputTokens: maxOutputTokens as number }),
    };
  }

  #apiKey(value: unknown, path: string): string {
    const variable = this.#name(value, path);
    const key = this.#env(variable);
    if (key === undefined || !/^[\x21-\x7e]+$/.test(key)) {
      throw this.#wrong(path, "the name of a variable that holds a key of printable ASCII without spaces");
    }
    return key;
  }

  /** All names that a client may use. What it is told, alias or name, must mean one model. */
  #names(providers: readonly ProviderConfig[]): ReadonlySet<string> {
    const told = new Set<string>();
    for (const [at, { models }] of providers.entries()) {
      for (const [index, { name, alias }] of models.entries()) {
        if (told.has(alias ?? name)) {
          throw this.#wrong(`providers[${at}].models[${index}]`, "a name or alias that no other model has");
        }
        told.add(alias ?? name);
      }
    }
    return told.union(new Set(providers.flatMap(({ models }) => models.map(({ name }) => name))));
  }

  #object(value: unknown, path: string, known: readonly string[]): Json {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw this.#wrong(path, "an object");
    const unknown = Object.keys(value).find((key) => !known.includes(key));
    if (unknown === undefined) return value as Json;
    throw this.#wrong(path === "the file" ? unknown : `${path}.${unknown}`, `one of ${known.join(", ")} in its place`);
  }

  #list<T>(value: unknown, path: string, read: (item: unknown, path: string) => T): T[] {
    if (!Array.isArray(value) || value.length === 0) throw this.#wrong(path, "an array with at least one item");
    return value.map((item, index) => read(item, `${path}[${index}]`));
  }

  #name(value: unknown, path: string): string {
    if (typeof value === "string" && value !== "" && value.length <= MAX_NAME_CHARS) return value;
    throw this.#wrong(path, `a string of 1 to ${MAX_NAME_CHARS} characters`);
  }

  #wrong(path: string, wanted: string): ConfigError {
    return new ConfigError(`${this.#file}: ${path} is wrong, wanted ${wanted}`);
  }
}

function firstName(providers: readonly ProviderConfig[]): string {
  const first = providers[0]?.models[0];
  return first?.alias ?? first?.name ?? "";
}
