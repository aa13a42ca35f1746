/**
 * `fetch` as a client for providers: for bodies that are forwarded from socket to socket (`relay.ts`), where the environment
 * names a proxy, and for hosts that have not finished a TLS handshake yet (`connector.ts`).
 * @module
 */
import { providerBytesIn, readProviderBytes } from "./provider_bytes.ts";
import { type SendRequest, UnsentError } from "./send_request.ts";

/**
 * How long an idle connection is kept, in milliseconds. If the host closes a connection while a request is on its way, the
 * request fails and must not be sent again. Hosts keep idle connections for at least 5 seconds (Node, uvicorn, llama.cpp):
 * with a shorter time, this client closes first.
 */
export const MAX_IDLE_MS = 4000;

/**
 * Over HTTP/2 all responses share one connection, on which a server limits the number of streams, often to 100. Further
 * requests wait until a stream ends, which takes minutes for a long answer (docs/decisions/0007).
 */
const CLIENT = Deno.createHttpClient({ http2: false, poolIdleTimeout: MAX_IDLE_MS });
/** The same, with a connection for each request. */
const CLOSING_CLIENT = Deno.createHttpClient({ http2: false, poolMaxIdlePerHost: 0 });

/**
 * A `fetch` over HTTP/1.1 and without redirects, as those lead to hosts that the configuration does not name. Call it with
 * the header `accept-encoding: identity`: without one, `fetch` requests compression and decodes it.
 * @param keepAlive false for a connection of its own for each request
 */
export function createProviderFetch(keepAlive: boolean): typeof fetch {
  const options = { client: keepAlive ? CLIENT : CLOSING_CLIENT, redirect: "manual" } as const;
  return (input, init) => fetch(input, { ...init, ...options });
}

/** A {@linkcode SendRequest} by any `fetch`. */
export function sendByFetch(fetch: typeof globalThis.fetch): SendRequest {
  return async ({ url, headers: requestHeaders, body, signal }) => {
    if (signal.aborted) throw new UnsentError(signal.reason);
    const headers = { ...requestHeaders, "accept-encoding": "identity" };
    const response = await fetch(url, { method: "POST", headers, body, signal }).catch(rethrow);
    return {
      status: response.status,
      headers: response.headers,
      body: response.body === null ? providerBytesIn([]) : readProviderBytes(response.body),
    };
  };
}

/** @throws {UnsentError} when `fetch` could not connect, which only the message of the cause shows */
function rethrow(error: unknown): never {
  const cause = error instanceof TypeError ? error.cause : undefined;
  throw cause instanceof Error && cause.message.includes("client error (Connect)") ? new UnsentError(cause) : error;
}
