/**
 * GET /api/models: the models that a client may name, without their providers, and how large a request may be.
 * @module
 */
import type { Models } from "../upstream/models.ts";
import type { Access } from "./access.ts";
import type { Limits } from "./limits.ts";

/** What the route works with. */
export interface ModelsParts {
  readonly models: Models;
  readonly limits: Limits;
  readonly access: Access;
}

/**
 * The handler of GET /api/models. It responds with
 * `{"defaultModel": "a", "models": [{"id": "a", "input": ["text"], "maxOutputTokens": 1000}, …], "maxBodyBytes": 8388608}`.
 */
export function listModels({ models, limits, access }: ModelsParts) {
  return function handle(request: Request): Response {
    access.assertOrigin(request);
    const { defaultName, offered } = models;
    const { maxBodyBytes } = limits.body;
    return Response.json({ defaultModel: defaultName, models: offered, maxBodyBytes }, {
      headers: { "cache-control": "no-store", "x-content-type-options": "nosniff" },
    });
  };
}
