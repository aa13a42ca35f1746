/**
 * GET /api/models: what a client may ask for. Never who answers, or where.
 * @module
 */
import type { Models } from "../upstream/models.ts";

/** The answer of /api/models: `{"defaultModel": "a", "models": [{"id": "a"}, …]}`. */
export function listModels({ defaultName, names }: Models): Response {
  return Response.json({ defaultModel: defaultName, models: names.map((id) => ({ id })) }, {
    headers: { "cache-control": "no-store", "x-content-type-options": "nosniff" },
  });
}
