/**
 * `fetch` as a client for providers: for bodies that go from socket to socket (`relay.ts`), and where the environment
 * names a proxy.
 * @module
 */
import type { SendRequest } from "./http_client.ts";
import { providerBytesIn, readProviderBytes } from "./provider_bytes.ts";

/**
 * Options for every `fetch` to a provider.
 *
 * *HTTP/1.1*: over HTTP/2 all responses share one connection, on which a server allows a number of streams, often 100.
 * `fetch` lets further requests wait until a stream ends, which takes minutes for a long answer (docs/decisions/0007).
 *
 * *No redirects*: they lead to hosts that the configuration does not name.
 */
export const PROVIDER_FETCH = { client: Deno.createHttpClient({ http2: false }), redirect: "manual" } as const;

/** A {@linkcode SendRequest} by any `fetch`. */
export function sendByFetch(fetch: typeof globalThis.fetch): SendRequest {
  return async ({ url, headers, body, signal }) => {
    const response = await fetch(url, { method: "POST", headers, body, signal, ...PROVIDER_FETCH });
    return {
      status: response.status,
      headers: response.headers,
      body: response.body === null ? providerBytesIn([]) : readProviderBytes(response.body),
    };
  };
}
