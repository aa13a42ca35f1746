/**
 * The HTTP client for all providers. HTTP/1.1, a connection for each answer under way: over HTTP/2 all answers share one
 * connection, on which servers allow a number of streams (often 100), and `fetch` lets every further request wait until
 * one of these has ended, which for a long answer is minutes (docs/decisions/0007).
 * @module
 */

/** To be passed to `fetch` as `client`. It trusts whom Deno trusts, and goes through the proxy that the environment names. */
export const httpClient: Deno.HttpClient = Deno.createHttpClient({ http2: false });
