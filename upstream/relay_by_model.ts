/**
 * A relay to several providers. The model in a request selects the provider, and this server responds with its own list of
 * models. It parses each request, which a relay to a single provider does not.
 * @module
 */
import { ChatError } from "../protocol/chat_error.ts";
import { parseJsonObject, withJsonType, writeJsonObject } from "./json_object.ts";
import { modelNotFound } from "./models.ts";
import type { Relay, RelayRequest } from "./relay.ts";
import { readUploadForm, writeUploadForm } from "./upload_form.ts";

/** A model and the relay to its provider. */
export interface RelayModel {
  /** Its name at the provider. */
  readonly name: string;
  readonly relay: Relay;
}

/** A {@linkcode Relay} to the providers of these models. @param models by the names that clients use */
export function createRelayByModel(models: ReadonlyMap<string, RelayModel>): Relay {
  function find(name: unknown): RelayModel {
    const model = typeof name === "string" ? models.get(name) : undefined;
    if (model === undefined) throw modelNotFound();
    return model;
  }

  /**
   * The form is in memory until its model is known, which may be its last field. It is written anew: no provider can find
   * another model in it than this server has.
   */
  async function relayForm(request: RelayRequest, body: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<Response> {
    const form = await readForm(body, request);
    const [name, ...others] = form.getAll("model");
    if (others.length > 0) throw new ChatError("InvalidRequestFormat", "The form has several models.");
    const model = find(name);
    form.set("model", model.name);
    return await model.relay({ ...request, body: writeUploadForm(form) });
  }

  return function relay(request) {
    const { path, body } = request;
    if (body === undefined) return Promise.resolve(describeModels(path, [...models.keys()]));
    if (body instanceof ReadableStream) return relayForm(request, body);
    if (body instanceof Blob) throw new TypeError("A relay by model reads forms from their bytes");
    const json = parseJsonObject(body);
    assertOneModel(json);
    const model = find(json.model);
    // The bytes are changed only where the model has another name at the provider, or a parser could find another one.
    const isSame = model.name === json.model && new TextDecoder().decode(body).match(MODEL_FIELD)?.length === 1;
    const sent = isSame ? body : writeJsonObject({ ...json, model: model.name });
    return model.relay({ ...request, headers: withJsonType(request.headers), body: sent });
  };
}

/** A field with the name `model` at any depth, in any case and also with escapes. */
const MODEL_FIELD = /"(?:m|\\u00[46]d)(?:o|\\u00[46]f)(?:d|\\u00[46]4)(?:e|\\u00[46]5)(?:l|\\u00[46]c)"\s*:/gi;

/** The response to `models` and `models/{id}`. @throws {ChatError} `ModelNotFound` */
function describeModels(path: string, names: readonly string[]): Response {
  const describe = (id: string) => ({ id, object: "model", created: 0, owned_by: "chat-stream" });
  if (path === "models") return Response.json({ object: "list", data: names.map(describe) });
  const id = decodeURIComponent(path.slice("models/".length));
  if (!names.includes(id)) throw modelNotFound();
  return Response.json(describe(id));
}

/** @throws {ChatError} `InvalidRequestFormat` @throws the reason of the request's signal */
async function readForm(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  { headers, signal, takeMemory }: RelayRequest,
): Promise<FormData> {
  try {
    return await readUploadForm(body, headers.get("content-type") ?? "", takeMemory);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

/**
 * Refuses a body with a second model in another case, which a parser of Go could take.
 * @throws {ChatError} `InvalidRequestFormat`
 */
function assertOneModel(json: Readonly<Record<string, unknown>>): void {
  if (Object.keys(json).filter((name) => name.toLowerCase() === "model").length > 1) {
    throw new ChatError("InvalidRequestFormat", "The body has several models.");
  }
}
