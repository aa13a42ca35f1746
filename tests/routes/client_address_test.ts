/** Tests that only the entries of trusted proxies count, and that an address has one spelling. @module */
import { assertEquals } from "@std/assert";
import { readClientAddress } from "../../routes/client_address.ts";

const CASES: readonly [name: string, remote: string, forwarded: string | null, trusted: number, network: string][] = [
  ["the socket's address", "203.0.113.9", null, 0, "203.0.113.9"],
  ["the socket's where no proxy is trusted", "203.0.113.9", "6.6.6.6", 0, "203.0.113.9"],
  ["the socket's where the trusted proxy wrote nothing", "203.0.113.9", null, 1, "203.0.113.9"],
  ["the last entry behind one proxy", "10.0.0.1", "6.6.6.6, 203.0.113.9", 1, "203.0.113.9"],
  ["the last but one behind two", "10.0.0.1", "6.6.6.6, 203.0.113.9, 10.0.0.2", 2, "203.0.113.9"],
  ["the first where there are fewer than trusted", "10.0.0.1", "203.0.113.9", 3, "203.0.113.9"],
  ["the proxy's own where its entry is no address", "10.0.0.1", "6.6.6.6, unknown", 1, "10.0.0.1"],
  ["the nearest address before a malformed entry", "10.0.0.1", "x\ty, 10.0.0.2", 2, "10.0.0.2"],
  ["an entry with a port", "10.0.0.1", "203.0.113.9:4711", 1, "203.0.113.9"],
  ["an entry of IPv6 in brackets with a port", "10.0.0.1", "[2001:db8:1:2:3::1]:443", 1, "2001:db8:1:2::/64"],
  ["no address beyond 255", "10.0.0.1", "203.0.113.900", 1, "10.0.0.1"],
  ["no address that is only digits", "10.0.0.1", "3232235777", 1, "10.0.0.1"],
  ["IPv6 by /64", "2001:db8:1:2:3:4:5:6", null, 0, "2001:db8:1:2::/64"],
  ["IPv6 by /64, shortened", "2001:db8::1", null, 0, "2001:db8:0:0::/64"],
  ["IPv6 in capitals, with zeros", "2001:0DB8:0001:0002::", null, 0, "2001:db8:1:2::/64"],
  ["IPv6 with a zone", "fe80::1%eth0", null, 0, "fe80:0:0:0::/64"],
  ["IPv4 within IPv6 as IPv4", "::ffff:203.0.113.9", null, 0, "203.0.113.9"],
];

for (const [name, hostname, forwarded, trusted, network] of CASES) {
  Deno.test(`readClientAddress takes ${name}`, () => {
    const headers = new Headers(forwarded === null ? {} : { "x-forwarded-for": forwarded });
    const remote = { transport: "tcp", hostname, port: 1 } as const;
    assertEquals(readClientAddress(headers, remote, trusted).networks[0]?.name, network);
  });
}

for (
  const [name, hostname, forwarded, isLocal] of [
    ["IPv4's own network", "127.0.0.1", null, true],
    ["IPv6's own address", "::1", null, true],
    ["a proxy on this machine", "127.0.0.1", "203.0.113.9", false],
    ["another machine", "192.168.0.2", null, false],
  ] as const
) {
  Deno.test(`readClientAddress decides whether a client is local for ${name}`, () => {
    const headers = new Headers(forwarded === null ? {} : { "x-forwarded-for": forwarded });
    assertEquals(readClientAddress(headers, { transport: "tcp", hostname, port: 1 }, 0).isLocal, isLocal);
  });
}

Deno.test("readClientAddress counts a Unix socket as this machine", () => {
  const remote = { transport: "unix", path: "/run/chat" } as const;
  assertEquals(readClientAddress(new Headers(), remote, 0), {
    networks: [{ name: "local", multiple: 1 }],
    isLocal: true,
  });
});

Deno.test("readClientAddress names the networks of an IPv6 address, the smallest first", () => {
  const remote = { transport: "tcp", hostname: "2001:db8:1:abcd:2::3", port: 1 } as const;
  assertEquals(readClientAddress(new Headers(), remote, 0).networks, [
    { name: "2001:db8:1:abcd::/64", multiple: 1 },
    { name: "2001:db8:1:ab00::/56", multiple: 4 },
    { name: "2001:db8:1::/48", multiple: 16 },
  ]);
});
