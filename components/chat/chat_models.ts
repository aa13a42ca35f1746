/**
 * Lists the models that the chat server offers, from `GET /api/models`.
 * @module
 */
import { type CallOptions, send } from "./chat_call.ts";

/** The maximum time of the request, in milliseconds. */
const MODELS_DEADLINE_MS = 15_000;

/** The models of a server. */
export interface ChatModels {
  readonly defaultModel: string;
  /** The names that a request may use as `model`. */
  readonly names: readonly string[];
}

/** The URL of `GET /api/models` beside that of `POST /api/chat`. */
export function modelsUrl(endpoint: string | URL, base: string): string {
  return new URL("models", new URL(endpoint, base)).href;
}

/**
 * Requests the list.
 * @param url the result of `modelsUrl`
 * @throws {TypeError} if the server cannot be reached or its response is not a list of models
 * @throws {DOMException} `TimeoutError` after the deadline
 */
export async function fetchModels(url: string, options: CallOptions): Promise<ChatModels> {
  const signal = AbortSignal.timeout(MODELS_DEADLINE_MS);
  const response = await send({ url, headers: { accept: "application/json" }, signal }, options);
  if (!response.ok) {
    await response.body?.cancel();
    throw new TypeError(`Cannot list the models: the server responded with status ${response.status}`);
  }
  const { defaultModel, models } = await response.json() as { defaultModel?: unknown; models?: unknown };
  if (!Array.isArray(models)) throw new TypeError("Cannot list the models: the response has no array `models`");
  const names = models.map((model: { readonly id?: unknown }) => model?.id).filter((id) => typeof id === "string");
  return { defaultModel: typeof defaultModel === "string" ? defaultModel : "", names };
}
