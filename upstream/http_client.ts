/**
 * How every provider is asked, by both ways: over HTTP/1.1, and no further than where configuration says.
 * @module
 */

/**
 * To be added to what `fetch` is told.
 *
 * *HTTP/1.1*, a connection for each answer under way: over HTTP/2 all answers share one connection, on which servers allow
 * a number of streams (often 100), and `fetch` lets every further request wait until one of these has ended, which for a
 * long answer is minutes (docs/decisions/0007). The client trusts whom Deno trusts, and goes through the proxy that the
 * environment names.
 *
 * *No redirects*: they lead where nobody has been asked to go.
 */
export const PROVIDER_FETCH = { client: Deno.createHttpClient({ http2: false }), redirect: "manual" } as const;
