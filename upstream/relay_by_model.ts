/**
 * A relay to several providers. The model in a request selects the provider, and this server responds with its own list of
 * models. It parses each request, which a relay to a single provider does not.
 * @module
 */
import { ChatError } from "../protocol/chat_error.ts";
import { modelNotFound } from "./models.ts";
import type { Relay, RelayRequest } from "./relay.ts";

/** A model and the relay to its provider. */
export interface RelayModel {
  /** Its name at the provider. */
  readonly name: string;
  readonly relay: Relay;
}

/** The most uploads that are read at once: each is in memory until its model is known, which may be its last field. */
const MAX_UPLOADS = 4;

/** A {@linkcode Relay} to the providers of these models. @param models by the names that clients use */
export function createRelayByModel(models: ReadonlyMap<string, RelayModel>): Relay {
  let uploads = 0;

  function find(name: unknown): RelayModel {
    const model = typeof name === "string" ? models.get(name) : undefined;
    if (model === undefined) throw modelNotFound();
    return model;
  }

  /** The form is written anew: no provider can find another model in it than this server has. */
  async function relayForm(request: RelayRequest, body: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<Response> {
    if (uploads === MAX_UPLOADS) throw new ChatError("ServerBusy", "Too many uploads are being read.");
    uploads++;
    try {
      const form = await parseForm(body, request);
      const [name, ...others] = form.getAll("model");
      if (others.length > 0) throw new ChatError("InvalidRequestFormat", "The form has several models.");
      const model = find(name);
      form.set("model", model.name);
      return await model.relay({ ...request, body: form });
    } finally {
      uploads--;
    }
  }

  return function relay(request) {
    const { path, body } = request;
    if (body === undefined) return Promise.resolve(describeModels(path, [...models.keys()]));
    if (body instanceof ReadableStream) return relayForm(request, body);
    if (body instanceof FormData) throw new TypeError("A relay by model reads forms from their bytes");
    const json = parseObject(body);
    const model = find(json.model);
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

/** @throws {ChatError} `InvalidRequestFormat` @throws the reason of the request's signal */
async function parseForm(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  { headers, signal }: RelayRequest,
): Promise<FormData> {
  try {
    return await new Response(body, { headers: { "content-type": headers.get("content-type") ?? "" } }).formData();
  } catch {
    signal.throwIfAborted();
    throw new ChatError("InvalidRequestFormat", "The body is not a multipart form.");
  }
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
