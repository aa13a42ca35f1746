/**
 * GET /api/models: the models that a client may name, without their providers.
 * @module
 */
import type { Models } from "../upstream/models.ts";
import type { Access } from "./access.ts";

/**
 * The handler of GET /api/models. It responds with
 * `{"defaultModel": "a", "models": [{"id": "a", "input": ["text"], "maxOutputTokens": 1000}, …]}`.
 */
export function listModels({ models, access }: { readonly models: Models; readonly access: Access }) {
  return function handle(request: Request): Response {
    access.assertOrigin(request);
    const { defaultName, offered } = models;
    return Response.json({ defaultModel: defaultName, models: offered }, {
      headers: { "cache-control": "no-store", "x-content-type-options": "nosniff" },
    });
  };
}
