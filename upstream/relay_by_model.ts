/**
 * A relay to several providers. The model in a request selects the provider, and this server responds with its own list of
 * models. It parses each request, which a relay to a single provider does not.
 * @module
 */
import { ChatError } from "../protocol/chat_error.ts";
import { modelNotFound } from "./models.ts";
import type { Relay } from "./relay.ts";

/** A model and the relay to its provider. */
export interface RelayModel {
  /** Its name at the provider. */
  readonly name: string;
  readonly relay: Relay;
}

/** A {@linkcode Relay} to the providers of these models. @param models by the names that clients use */
export function createRelayByModel(models: ReadonlyMap<string, RelayModel>): Relay {
  return function relay(request) {
    const { path, body } = request;
    if (body === undefined) return Promise.resolve(describeModels(path, [...models.keys()]));
    const json = parseObject(body);
    const model = typeof json.model === "string" ? models.get(json.model) : undefined;
    if (model === undefined) throw modelNotFound();
    // The bytes are changed only where the model has another name at the provider.
    if (model.name === json.model) return model.relay(request);
    return model.relay({ ...request, body: new TextEncoder().encode(JSON.stringify({ ...json, model: model.name })) });
  };
}

/** The response to `models` and `models/{id}`. @throws {ChatError} `ModelNotFound` */
function describeModels(path: string, names: readonly string[]): Response {
  const describe = (id: string) => ({ id, object: "model", created: 0, owned_by: "chat-stream" });
  if (path === "models") return Response.json({ object: "list", data: names.map(describe) });
  const id = decodeURIComponent(path.slice("models/".length));
  if (!names.includes(id)) throw modelNotFound();
  return Response.json(describe(id));
}

function parseObject(body: Uint8Array<ArrayBuffer>): Record<string, unknown> {
  try {
    const value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)) as unknown;
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // V8's message would quote the body.
  }
  throw new ChatError("InvalidRequestFormat", "The body is not a JSON object.");
}
