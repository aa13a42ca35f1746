/**
 * How `fetch` is told to ask a provider: for what goes from socket to socket (`relay.ts`), and where there is a proxy on
 * the way.
 * @module
 */
import type { Post } from "./http_client.ts";

/**
 * To be added to what `fetch` is told.
 *
 * *HTTP/1.1*, a connection for each answer under way: over HTTP/2 all answers share one connection, on which servers allow
 * a number of streams (often 100), and `fetch` lets every further request wait until one of these has ended, which for a
 * long answer is minutes (docs/decisions/0007).
 *
 * *No redirects*: they lead where nobody has been asked to go.
 */
export const PROVIDER_FETCH = { client: Deno.createHttpClient({ http2: false }), redirect: "manual" } as const;

/** Asks by `fetch`, which goes through the proxy that the environment names. */
export const fetchPost: Post = (url, request) => fetch(url, { ...request, ...PROVIDER_FETCH });
