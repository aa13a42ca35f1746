/**
 * The configured providers as the routes use them: models for the chat, and a relay for proxy mode.
 * @module
 */
import { type CatalogModel, createCatalog } from "./catalog.ts";
import type { ProviderAccess, ProviderConfig } from "./chat_events/provider_config.ts";
import { createDemoFetch } from "./demo.ts";
import type { DemoContext } from "./demo_answers.ts";
import { HttpClient } from "./http/http_client.ts";
import { createProviderFetch, sendByFetch } from "./http/provider_fetch.ts";
import type { SendRequest } from "./http/send_request.ts";
import { withHostDefaults } from "./known_hosts.ts";
import { createModels, type Models } from "./models.ts";
import { createOpenChat } from "./open_chat.ts";
import { createProviderRelay } from "./provider_relay.ts";
import type { Relay } from "./relay.ts";
import { createRelayByModel, type RelayModel } from "./relay_by_model.ts";

/** The providers of a server. */
export interface ProvidersConfig {
  readonly source: ProviderSource;
  /** How long a provider may take until the first byte of an answer, in milliseconds. */
  readonly firstByteTimeoutMs: number;
  /** How long a relayed request may take until the head of its response, in milliseconds. */
  readonly relayTimeoutMs: number;
  /** The environment names a proxy on the way to the providers. Only `fetch` supports one. */
  readonly usesProxy: boolean;
  /** How many requests one question may have to pay for, over retries and fallbacks. */
  readonly maxTries: number;
  /** False: each request to a provider has a connection of its own. */
  readonly keepAlive: boolean;
}

/** Which providers there are. */
export type ProviderSource =
  | { readonly type: "demo"; readonly defaultModel: string; readonly models: readonly string[] | "*" }
  | {
    readonly type: "single";
    readonly provider: ProviderAccess;
    readonly defaultModel: string;
    /** The models that clients may name, `"*"` for any. */
    readonly models: readonly string[] | "*";
  }
  | ProviderCatalog;

/** Several providers and their models. */
export interface ProviderCatalog {
  readonly type: "catalog";
  readonly providers: readonly ProviderConfig[];
  readonly defaultModel: string;
  readonly fallbacks: ReadonlyMap<string, readonly string[]>;
}

/** The clients of the providers. */
export interface Providers {
  readonly models: Models;
  /** Sends requests of proxy mode on. */
  readonly relay: Relay;
}

const DEMO: ProviderAccess = { baseURL: "http://demo.invalid/v1" };

/** Makes the clients, one for each provider. @param demo how the server was started, for the demo's instructions */
export function createProviders(config: ProvidersConfig, demo?: () => DemoContext): Providers {
  const { source, firstByteTimeoutMs, relayTimeoutMs, maxTries, keepAlive } = config;
  const openChatOf = (
    provider: ProviderAccess & Pick<Partial<ProviderConfig>, "models">,
    send: SendRequest = sendFor(provider, config),
  ) => createOpenChat({ ...withHostDefaults(provider), send, firstByteTimeoutMs, maxTries });
  const relayOf = (provider: ProviderAccess) =>
    createProviderRelay(withHostDefaults(provider), relayTimeoutMs, createProviderFetch(keepAlive));
  switch (source.type) {
    case "demo":
      return {
        models: createModels(
          openChatOf(DEMO, sendByFetch(createDemoFetch({ context: demo }))),
          source.defaultModel,
          source.models,
        ),
        relay: relayOf(DEMO),
      };
    case "single":
      return {
        models: createModels(openChatOf(source.provider), source.defaultModel, source.models),
        relay: relayOf(source.provider),
      };
    case "catalog":
      return createCatalogProviders(source, maxTries, openChatOf, relayOf);
    default:
      return source satisfies never;
  }
}

/** The client for a provider: our own, or `fetch` where a proxy is on the way. */
function sendFor({ baseURL }: ProviderAccess, { usesProxy, keepAlive }: ProvidersConfig): SendRequest {
  return usesProxy ? sendByFetch(createProviderFetch(keepAlive)) : new HttpClient(baseURL, { keepAlive }).send;
}

function createCatalogProviders(
  { providers, defaultModel, fallbacks }: ProviderCatalog,
  maxTries: number,
  openChatOf: (provider: ProviderConfig) => CatalogModel["openChat"],
  relayOf: (provider: ProviderAccess) => Relay,
): Providers {
  const models: CatalogModel[] = [];
  const relayModels = new Map<string, RelayModel>();
  for (const provider of providers) {
    const openChat = openChatOf(provider);
    const relay = relayOf(provider);
    for (const model of provider.models) {
      models.push({ ...model, openChat });
      relayModels.set(model.alias ?? model.name, { name: model.name, relay });
    }
  }
  return {
    models: createCatalog({ models, defaultModel, fallbacks, maxTries }),
    relay: createRelayByModel(relayModels),
  };
}
