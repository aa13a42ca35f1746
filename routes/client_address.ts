/**
 * The client's address, and the networks that its limits are counted by. Entries that a client can forge do not count.
 * @module
 */

/** Where a request comes from. */
export interface ClientAddress {
  /** The networks to count by, the smallest first: one IPv4 address, or an IPv6 /64 and the larger networks around it. */
  readonly networks: readonly Network[];
  /** The request comes from this machine, and not through a proxy on it. */
  readonly isLocal: boolean;
}

/** A network that requests are counted by. */
export interface Network {
  readonly name: string;
  /** The factor by which the limits of one client are multiplied. */
  readonly multiple: number;
}

/**
 * The sizes of IPv6 networks. A client has at least a /64, and may have a /56 or a /48, which contain 256 or 65,536 of
 * those. The limits of the larger networks bound such a client.
 */
const V6_TIERS = [
  { prefixBits: 64, multiple: 1 },
  { prefixBits: 56, multiple: 4 },
  { prefixBits: 48, multiple: 16 },
] as const;

/**
 * The address of a request's client.
 * @param remote the other end of the socket
 * @param trustedProxies the number of our own proxies in front. Each has added one entry at the end of `X-Forwarded-For`;
 * the client may have written the entries before those.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readClientAddress } from "./client_address.ts";
 *
 * const headers = new Headers({ "x-forwarded-for": "6.6.6.6, 203.0.113.9" });
 * const remote = { transport: "tcp", hostname: "10.0.0.1", port: 1 } as const;
 * const { networks, isLocal } = readClientAddress(headers, remote, 1);
 * assertEquals(networks, [{ name: "203.0.113.9", multiple: 1 }]);
 * assertEquals(isLocal, false);
 * assertEquals(readClientAddress(headers, remote, 0).networks[0]?.name, "10.0.0.1");
 * ```
 */
export function readClientAddress(headers: Headers, remote: Deno.Addr, trustedProxies: number): ClientAddress {
  const forwarded = headers.get("x-forwarded-for");
  const socket = "hostname" in remote ? toNetworks(remote.hostname) : undefined;
  let networks = socket ?? LOCAL_SOCKET;
  const entries = trustedProxies === 0 ? [] : (forwarded ?? "").split(",").slice(-trustedProxies);
  for (const entry of entries.reverse()) {
    const previous = toNetworks(entry.trim());
    if (previous === undefined) break;
    networks = previous;
  }
  return { networks, isLocal: forwarded === null && isLoopback(networks) };
}

/** A Unix socket has no address: its clients are on this machine. */
const LOCAL_SOCKET: readonly Network[] = [{ name: "local", multiple: 1 }];
const LOOPBACK_V6 = "0:0:0:0::/64";

function isLoopback([smallest]: readonly Network[]): boolean {
  const { name = "" } = smallest ?? {};
  return name === "local" || name === LOOPBACK_V6 || name.startsWith("127.");
}

/** The networks of an address as proxies write it, with a port or without; undefined for anything else. */
function toNetworks(text: string): readonly Network[] | undefined {
  const v4 = /^(?:\[?::ffff:)?(\d{1,3}(?:\.\d{1,3}){3})\]?(?::\d+)?$/i.exec(text)?.[1];
  if (v4 !== undefined) {
    return v4.split(".").every((part) => Number(part) < 256) ? [{ name: v4, multiple: 1 }] : undefined;
  }
  const groups = parseV6(text);
  return groups && V6_TIERS.map(({ prefixBits, multiple }) => ({ name: networkName(groups, prefixBits), multiple }));
}

/** The eight groups of an IPv6 address, in hexadecimal digits; undefined for anything else. */
function parseV6(text: string): readonly string[] | undefined {
  const v6 = /^\[?([\da-f:.]{2,45})(?:%[\w.]+)?(?:\]:\d+|\])?$/i.exec(text)?.[1];
  // The URL parser accepts every spelling of an address and writes it in one.
  const host = v6?.includes(":") ? URL.parse(`http://[${v6}]/`)?.hostname.slice(1, -1) : undefined;
  if (host === undefined) return undefined;
  const [left = "", right] = host.split("::");
  const head = left === "" ? [] : left.split(":");
  const tail = right === undefined || right === "" ? [] : right.split(":");
  const zeros = right === undefined ? [] : Array<string>(8 - head.length - tail.length).fill("0");
  return [...head, ...zeros, ...tail];
}

/** The first `prefixBits` bits of an address, from 48 to 64, as a name. */
function networkName(groups: readonly string[], prefixBits: number): string {
  const [a, b, c, d = "0"] = groups;
  if (prefixBits === 48) return `${a}:${b}:${c}::/48`;
  const subnet = Number.parseInt(d, 16) & (0xffff << (64 - prefixBits));
  return `${a}:${b}:${c}:${subnet.toString(16)}::/${prefixBits}`;
}
