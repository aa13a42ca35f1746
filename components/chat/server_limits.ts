/**
 * What the chat server tells about itself at `/api/models`: which input a model takes, and how large a request may be.
 * @module
 */
import { type CallOptions, send } from "./chat_call.ts";

/** How long the server may take, in milliseconds. Without a response, nothing is known and everything is allowed. */
const DEADLINE_MS = 5000;

/** What the server tells. Nothing is known of a server that tells nothing. */
export class ServerLimits {
  /** The maximum size of a request's body, in bytes. */
  readonly maxBodyBytes: number | undefined;
  readonly #defaultModel: unknown;
  readonly #models: readonly { readonly id?: unknown; readonly input?: unknown }[];

  /** @param json the response of `/api/models`, not checked yet */
  constructor(json: unknown = {}) {
    const { maxBodyBytes, defaultModel, models } = (json ?? {}) as Readonly<Record<string, unknown>>;
    this.maxBodyBytes = typeof maxBodyBytes === "number" && maxBodyBytes > 0 ? maxBodyBytes : undefined;
    this.#defaultModel = defaultModel;
    this.#models = Array.isArray(models) ? models.filter((model) => typeof model === "object" && model !== null) : [];
  }

  /** What a model takes, such as `text`, `image` and `pdf`; undefined if that is not known. @param model empty for the default */
  inputOf(model = ""): readonly unknown[] | undefined {
    const input = this.#models.find(({ id }) => id === (model || this.#defaultModel))?.input;
    return Array.isArray(input) ? input : undefined;
  }
}

/**
 * Requests the limits from the server of `endpoint`.
 * @param endpoint the URL of `POST /api/chat`; the models are beside it
 * @returns undefined if the server cannot be reached
 */
export async function readServerLimits(
  endpoint: string | URL,
  options: CallOptions,
): Promise<ServerLimits | undefined> {
  try {
    const url = new URL("models", new URL(endpoint, document.baseURI));
    const response = await send({ url, headers: {}, signal: AbortSignal.timeout(DEADLINE_MS) }, options);
    return new ServerLimits(response.ok ? await response.json() : undefined);
  } catch {
    return undefined;
  }
}
