/**
 * Asks a running server on this machine whether it is alive, for supervisors that can only start a program.
 * @module
 */
import type { ListenConfig } from "./routes/listener.ts";

/** How long the server may take to respond, in milliseconds. */
const TIMEOUT_MS = 3000;

const REQUEST = "GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";

/** True when `/healthz` of the server with this address responds with 200 in time. */
export async function isAlive(address: Pick<ListenConfig, "host" | "port" | "tls">): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<boolean>((resolve) => timer = setTimeout(() => resolve(false), TIMEOUT_MS));
  try {
    return await Promise.race([requestHealth(address), timeout]);
  } catch (error) {
    // The server has shown a certificate that this machine does not trust, and a server that does so is alive.
    return error instanceof Deno.errors.InvalidData;
  } finally {
    clearTimeout(timer);
  }
}

async function requestHealth({ host, port, tls }: Pick<ListenConfig, "host" | "port" | "tls">): Promise<boolean> {
  const address = { hostname: reachable(host), port };
  using connection = tls === undefined
    ? await Deno.connect(address)
    // The certificate is for the server's public name.
    : await Deno.connectTls({ ...address, unsafelyDisableHostnameVerification: true });
  await connection.write(new TextEncoder().encode(REQUEST));
  return (await new Response(connection.readable).text()).startsWith("HTTP/1.1 200");
}

/** An address that means "all addresses" cannot be connected to. */
function reachable(host: string): string {
  return host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
}
