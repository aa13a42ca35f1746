/**
 * The models of several providers under the names that clients use, with fallbacks.
 * @module
 */
import { openFirstOf } from "./fallback.ts";
import type { ModelConfig } from "./chat_events/provider_config.ts";
import { type Model, modelNotFound, type Models, type OfferedModel } from "./models.ts";

/** A model of one of the providers. */
export interface CatalogModel extends Model, Pick<ModelConfig, "alias" | "input"> {}

/** The parts of a catalog. Every name in it has been checked. */
export interface CatalogOptions {
  readonly models: readonly CatalogModel[];
  /** The name or alias of the default model. */
  readonly defaultModel: string;
  /** By name or alias: the names or aliases of its fallbacks, in order. */
  readonly fallbacks: ReadonlyMap<string, readonly string[]>;
  /** How many requests one question may have to pay for, fallbacks included. */
  readonly maxTries: number;
}

/**
 * Finds each model by its alias, and by its own name where no other model has that as its alias. Two providers may have a
 * model of the same name: the first one counts.
 */
export function createCatalog({ models, defaultModel, fallbacks, maxTries }: CatalogOptions): Models {
  const byName = new Map(models.map((model) => [publicName(model), model]));
  for (const model of models) if (!byName.has(model.name)) byName.set(model.name, model);
  const chains = new Map(models.map((model) => [model, toChain(model, [], maxTries)]));
  for (const [name, others] of fallbacks) {
    const model = byName.get(name);
    const next = others.map((other) => byName.get(other)).filter((found) => found !== undefined);
    if (model !== undefined) chains.set(model, toChain(model, next, maxTries));
  }
  return {
    defaultName: defaultModel,
    offered: models.map(offer),
    resolve(name = defaultModel, allowed) {
      const model = byName.get(name);
      const isAllowed = allowed === undefined || allowed.includes(name) ||
        (model !== undefined && allowed.includes(publicName(model)));
      const chain = model !== undefined && isAllowed ? chains.get(model) : undefined;
      if (chain === undefined) throw modelNotFound();
      return chain;
    },
  };
}

function offer({ input, maxOutputTokens, ...model }: CatalogModel): OfferedModel {
  return {
    id: publicName(model),
    ...(input !== undefined && { input }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
  };
}

/** The name that clients see. */
function publicName({ name, alias }: Pick<CatalogModel, "name" | "alias">): string {
  return alias ?? name;
}

/** A model with its fallbacks. The smallest output limit counts, as any of them may answer. */
function toChain(model: CatalogModel, next: readonly CatalogModel[], maxTries: number): Model {
  const models = [model, ...next];
  const limits = models.map(({ maxOutputTokens }) => maxOutputTokens).filter((limit) => limit !== undefined);
  return {
    name: model.name,
    openChat: openFirstOf(models, maxTries),
    ...(limits.length > 0 && { maxOutputTokens: Math.min(...limits) }),
  };
}
