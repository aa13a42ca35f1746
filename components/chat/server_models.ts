/**
 * What the chat server tells at `GET /api/models`: its models, what they take, and how large a request may be.
 * @module
 */
import { type CallOptions, send } from "./chat_call.ts";

/** The maximum time of the request, in milliseconds. */
const MODELS_DEADLINE_MS = 15_000;

/** What a server tells. By default nothing is known, as of a server without such a list. */
export class ServerModels {
  /** The model of a request that names none; empty if that is not known. */
  readonly defaultModel: string;
  /** The names that a request may use as `model`. */
  readonly names: readonly string[];
  /** The maximum size of a request's body, in bytes. */
  readonly maxBodyBytes: number | undefined;
  readonly #inputs: ReadonlyMap<unknown, unknown>;

  /** @param json the response, not checked yet */
  constructor(json: unknown = {}) {
    const { maxBodyBytes, defaultModel, models } = (json ?? {}) as Readonly<Record<string, unknown>>;
    const listed: readonly { readonly id?: unknown; readonly input?: unknown }[] = Array.isArray(models)
      ? models.filter((model) => typeof model?.id === "string")
      : [];
    this.maxBodyBytes = typeof maxBodyBytes === "number" && maxBodyBytes > 0 ? maxBodyBytes : undefined;
    this.defaultModel = typeof defaultModel === "string" ? defaultModel : "";
    this.names = listed.map(({ id }) => id as string);
    this.#inputs = new Map(listed.map(({ id, input }) => [id, input]));
  }

  /** What a model takes, such as `text`, `image` and `pdf`; undefined if that is not known. @param model empty for the default */
  inputOf(model = ""): readonly unknown[] | undefined {
    const input = this.#inputs.get(model || this.defaultModel);
    return Array.isArray(input) ? input : undefined;
  }
}

/** The URL of `GET /api/models` beside that of `POST /api/chat`. */
export function modelsUrl(endpoint: string | URL, base: string): string {
  return new URL("models", new URL(endpoint, base)).href;
}

/**
 * Requests what the server tells.
 * @param url the result of `modelsUrl`
 * @returns undefined if the server cannot be reached, or not within the deadline; a server without a list tells nothing
 */
export async function fetchModels(url: string, options: CallOptions): Promise<ServerModels | undefined> {
  try {
    const signal = AbortSignal.timeout(MODELS_DEADLINE_MS);
    const response = await send({ url, headers: { accept: "application/json" }, signal }, options);
    if (response.ok) return new ServerModels(await response.json());
    await response.body?.cancel();
    return new ServerModels();
  } catch {
    return undefined;
  }
}
