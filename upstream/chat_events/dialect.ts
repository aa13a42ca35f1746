/**
 * The face of a provider's dialect: a checked request in, the provider's body out; the provider's bytes in, our events out.
 * Each dialect is a folder beside this one with one `Dialect`.
 * @module
 */
import type { ChatRequest } from "../../protocol/chat_request.ts";
import type { DecoderContext, ProviderDecoder } from "./chat_event_transformer.ts";
import type { ModelConfig, ProviderConfig } from "./provider_config.ts";

/** A checked request with its model's name at the provider. */
export type ProviderRequest = Omit<ChatRequest, "stream" | "resumable"> & { readonly model: string };

/** A request as the provider wants it. Authentication and the operator's `extraBody` are not part of it. */
export interface DialectRequest {
  /** Relative to the provider's base address, with a query where the API has one: `messages`. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Headers that the dialect needs, such as a version. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a dialect knows of the provider that gets a request. */
export interface DialectTarget {
  readonly provider: Omit<ProviderConfig, "name" | "models" | "apiKey">;
  /** Undefined for a model that the configuration does not list. */
  readonly model: ModelConfig | undefined;
}

/** A dialect. Everything in it is synchronous and pure. */
export interface Dialect {
  /** @throws {ChatError} `InvalidRequestFormat` with the path of a field that the API cannot express */
  toRequest(request: ProviderRequest, target: DialectTarget): DialectRequest;
  /**
   * Other settings, with which the request may succeed that the provider has refused with a 400 or a 422.
   * @param refusal the body of the refusal, as JSON text
   * @returns the changed settings of the provider; undefined where the refusal has another reason
   */
  adapt?(refusal: string, provider: DialectTarget["provider"]): DialectTarget["provider"] | undefined;
  /** Makes the decoder of one response. */
  createDecoder(context: DecoderContext): ProviderDecoder;
  /** A whole response, from a provider that ignored the request to stream, as the bytes of a stream; undefined where `json` is no answer. */
  toStream(json: Readonly<Record<string, unknown>>): string | undefined;
}
