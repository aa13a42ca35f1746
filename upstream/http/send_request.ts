/**
 * The interface of an HTTP client for providers: a request goes in, its response comes out. `http_client.ts` and
 * `provider_fetch.ts` implement it.
 * @module
 */
import type { ProviderBytes } from "./provider_bytes.ts";

/** A request to a provider. */
export interface HttpRequest {
  readonly url: string;
  /** Names and values that `Headers` accepts: no line breaks. */
  readonly headers: Readonly<Record<string, string>>;
  /** Sent by POST. */
  readonly body: string;
  /** Aborts the request, and the body of its response while that is being read. */
  readonly signal: AbortSignal;
}

/** A provider's response. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Headers;
  /** The body as it was sent: no content coding is removed. */
  readonly body: ProviderBytes;
}

/**
 * Sends a request once and resolves with its response when the head has arrived. Redirects are not followed, and no content
 * coding is requested.
 * @throws {UnsentError} when no byte of the request was written; an abort of `signal` may be the cause
 * @throws any other error when the host may have read the request
 */
export type SendRequest = (request: HttpRequest) => Promise<HttpResponse>;

/** Thrown when no byte of a request was written: it can be sent again without being paid twice. */
export class UnsentError extends Error {
  override readonly name = "UnsentError";

  /** @param cause why the request was not sent */
  constructor(cause: unknown) {
    super(`The request was not sent: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}
