/**
 * Reads the providers that need no file: a key in the environment is enough. Several keys offer the models of all.
 * @module
 */
import type { ProviderAccess, ProviderConfig } from "../upstream/chat_events/provider_config.ts";
import type { ProviderSource } from "../upstream/providers.ts";
import { ConfigError, type Environment, isHttpUrl, list, wrong } from "./config_values.ts";
import { splitAddress } from "./provider_settings.ts";

/** A provider that its key alone names. */
interface KeyedProvider {
  readonly name: string;
  readonly key: string;
  readonly baseURL: string;
  readonly defaultModel: string;
  /** How the names of its models begin. */
  readonly prefix: RegExp;
}

/** The first whose key is set has the default model. Models that no prefix fits are the first one's, too. */
const KEYED_PROVIDERS: readonly KeyedProvider[] = [
  {
    name: "openai",
    key: "OPENAI_API_KEY",
    baseURL: "https://api.openai.com/v1",
    defaultModel: "gpt-4o-mini",
    prefix: /^(?:gpt|o\d|chatgpt)/,
  },
  {
    name: "anthropic",
    key: "ANTHROPIC_API_KEY",
    baseURL: "https://api.anthropic.com/v1",
    defaultModel: "claude-haiku-4-5",
    prefix: /^claude/,
  },
  {
    name: "gemini",
    key: "GEMINI_API_KEY",
    baseURL: "https://generativelanguage.googleapis.com/v1beta",
    defaultModel: "gemini-flash-latest",
    prefix: /^gem(?:ini|ma)/,
  },
];

interface FoundProvider extends KeyedProvider {
  readonly access: ProviderAccess;
}

/** The source of models in the environment. @throws {ConfigError} */
export function readKeyedProviders(env: Environment): ProviderSource {
  const providers = KEYED_PROVIDERS.map((provider) => find(provider, env)).filter((found) => found !== undefined);
  const [first] = providers;
  const defaultModel = env("CHAT_MODEL") ?? first?.defaultModel ?? KEYED_PROVIDERS[0]!.defaultModel;
  const names = list(env("CHAT_MODELS"));
  const models = names.includes("*") ? "*" : [...new Set([defaultModel, ...names])];
  if (first === undefined) return { type: "demo", defaultModel, models };
  if (providers.length === 1) return { type: "single", provider: first.access, defaultModel, models };
  if (models === "*") {
    const keys = providers.map(({ key }) => key).join(" and ");
    throw new ConfigError(
      `CHAT_MODELS is *, wanted the names of models: with ${keys} each has to be found at one of them`,
    );
  }
  return { type: "catalog", defaultModel, fallbacks: new Map(), providers: assignModels(providers, models) };
}

/** An address alone means a server that may need no key. */
function find(provider: KeyedProvider, env: Environment): FoundProvider | undefined {
  const apiKey = env(provider.key);
  const address = provider.name === "openai" ? env("OPENAI_BASE_URL") : undefined;
  if (apiKey === undefined && address === undefined) return undefined;
  if (address !== undefined && !isHttpUrl(address)) {
    throw wrong(
      "OPENAI_BASE_URL",
      address,
      "an address such as http://localhost:11434/v1, without a user name or a password",
    );
  }
  // The key becomes a header value. Other characters would fail each request, with the key in the message.
  if (apiKey !== undefined && !/^[\x21-\x7e]+$/.test(apiKey)) {
    throw new ConfigError(`${provider.key} has invalid characters, wanted printable ASCII without spaces`);
  }
  return {
    ...provider,
    access: { ...splitAddress(address ?? provider.baseURL), ...(apiKey !== undefined && { apiKey }) },
  };
}

/** Each model at the provider that its name fits, and the default model of every provider. */
function assignModels(providers: readonly FoundProvider[], names: readonly string[]): readonly ProviderConfig[] {
  const ownerOf = (name: string) => providers.find(({ prefix }) => prefix.test(name)) ?? providers[0];
  return providers.map((provider, index) => {
    const own = names.filter((name) => ownerOf(name) === provider);
    // The first one's own default is offered unless CHAT_MODEL has taken its place.
    const models = index === 0 && own.length > 0 ? own : [...new Set([...own, provider.defaultModel])];
    return { ...provider.access, name: provider.name, models: models.map((name) => ({ name })) };
  });
}
