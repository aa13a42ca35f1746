/**
 * Whose request it is, as far as the network tells: the address that limits are counted by. Whatever a client can write
 * itself is not believed.
 * @module
 */

/** Where a request comes from. */
export interface ClientAddress {
  /** What to count by: an IPv4 address, or an IPv6 network of /64, which is the least that one person gets. */
  readonly network: string;
  /** From this very machine, and not passed on by a proxy on it. */
  readonly isLocal: boolean;
}

/**
 * The address of a request's client.
 * @param remote the other end of the socket
 * @param trustedProxies how many proxies of ours stand in front: each has written one entry at the end of
 * `X-Forwarded-For`, and what stands before those was written by the client
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readClientAddress } from "./client_address.ts";
 *
 * const headers = new Headers({ "x-forwarded-for": "6.6.6.6, 203.0.113.9" });
 * const remote = { transport: "tcp", hostname: "10.0.0.1", port: 1 } as const;
 * assertEquals(readClientAddress(headers, remote, 1), { network: "203.0.113.9", isLocal: false });
 * assertEquals(readClientAddress(headers, remote, 0).network, "10.0.0.1");
 * ```
 */
export function readClientAddress(headers: Headers, remote: Deno.Addr, trustedProxies: number): ClientAddress {
  const socket = "hostname" in remote ? toNetwork(remote.hostname) : undefined;
  const forwarded = headers.get("x-forwarded-for");
  // A socket file has no address: who opens one is on this machine.
  let network = socket ?? "local";
  const entries = trustedProxies === 0 ? [] : (forwarded ?? "").split(",").slice(-trustedProxies);
  for (const entry of entries.reverse()) {
    const previous = toNetwork(entry.trim());
    if (previous === undefined) break;
    network = previous;
  }
  return { network, isLocal: forwarded === null && isLoopback(network) };
}

function isLoopback(network: string): boolean {
  return network === "local" || network === LOOPBACK_V6 || network.startsWith("127.");
}

const LOOPBACK_V6 = "0:0:0:0::/64";

/** The network of an address as proxies write it, with a port or without; undefined where it is none. */
function toNetwork(text: string): string | undefined {
  const v4 = /^(?:\[?::ffff:)?(\d{1,3}(?:\.\d{1,3}){3})\]?(?::\d+)?$/i.exec(text)?.[1];
  if (v4 !== undefined) return v4.split(".").every((part) => Number(part) < 256) ? v4 : undefined;
  const v6 = /^\[?([\da-f:.]{2,45})(?:%[\w.]+)?(?:\]:\d+|\])?$/i.exec(text)?.[1];
  // The URL parser knows every way to write one address, and writes it in one.
  const host = v6?.includes(":") ? URL.parse(`http://[${v6}]/`)?.hostname.slice(1, -1) : undefined;
  if (host === undefined) return undefined;
  const [left = "", right] = host.split("::");
  const head = left === "" ? [] : left.split(":");
  const tail = right === undefined || right === "" ? [] : right.split(":");
  const zeros = right === undefined ? [] : Array<string>(8 - head.length - tail.length).fill("0");
  return `${[...head, ...zeros, ...tail].slice(0, 4).join(":")}::/64`;
}
