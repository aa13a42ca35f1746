/**
 * The configured providers as the routes need them: the models of the chat, and the relay of proxy mode. One client is
 * made for each provider.
 * @module
 */
import { type CatalogModel, createCatalog } from "./catalog.ts";
import { createDemoFetch } from "./demo.ts";
import { createModels, type Models } from "./models.ts";
import { createOpenChat, type OpenAIOptions } from "./chat_completions/openai.ts";
import { fetchPost } from "./http/provider_fetch.ts";
import { createRelay, type Relay, type RelayOptions } from "./relay.ts";
import { createRelayByModel, type RelayModel } from "./relay_by_model.ts";

/** What is known of the providers. */
export interface ProvidersOptions {
  /** The one provider; absent, and no catalog either: the demo answers. */
  readonly provider?: RelayOptions;
  readonly defaultModel: string;
  readonly models: readonly string[] | "*";
  /** Several providers, in the place of all of the above. */
  readonly catalog?: ProviderCatalog;
  readonly firstByteTimeoutMs: number;
  /** There is a proxy on the way to the providers, which the runtime knows from the environment. */
  readonly isProxied?: boolean;
}

/** Several providers and their models. */
export interface ProviderCatalog {
  readonly providers: readonly (RelayOptions & { readonly models: readonly Omit<CatalogModel, "openChat">[] })[];
  readonly defaultModel: string;
  readonly fallbacks: ReadonlyMap<string, readonly string[]>;
}

/** The models that can be asked, and the way for requests that pass untouched. */
export interface Providers {
  readonly models: Models;
  readonly relay: Relay;
}

/** Makes the clients. */
export function createProviders(options: ProvidersOptions): Providers {
  const { catalog, firstByteTimeoutMs } = options;
  const common = { firstByteTimeoutMs, ...(options.isProxied && { post: fetchPost }) };
  if (catalog !== undefined) return createSeveral(catalog, common);
  const provider = options.provider ?? { baseURL: "http://demo.invalid/v1", post: createDemoFetch() };
  const openChat = createOpenChat({ ...common, ...provider });
  return { models: createModels(openChat, options.defaultModel, options.models), relay: createRelay(provider) };
}

function createSeveral(
  { providers, defaultModel, fallbacks }: ProviderCatalog,
  common: Pick<OpenAIOptions, "firstByteTimeoutMs" | "post">,
): Providers {
  const models: CatalogModel[] = [];
  const relayModels = new Map<string, RelayModel>();
  for (const provider of providers) {
    const openChat = createOpenChat({ ...common, ...provider });
    const relay = createRelay(provider);
    for (const model of provider.models) {
      models.push({ ...model, openChat });
      relayModels.set(model.alias ?? model.name, { name: model.name, relay });
    }
  }
  return { models: createCatalog({ models, defaultModel, fallbacks }), relay: createRelayByModel(relayModels) };
}
