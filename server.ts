/**
 * A server from its configuration: composed, listening, and with a stop that lets answers end. `main.ts` runs one, or several
 * in workers.
 * @module
 */
import type { Config } from "./config/config.ts";
import { createApp } from "./routes/app.ts";
import { withDevReload } from "./routes/dev_reload.ts";
import { serverBusy } from "./routes/exchange.ts";
import { RateLimits } from "./routes/rate_limits.ts";
import { withoutFiles, writeRequestLog } from "./routes/request_log.ts";
import { readStaticFiles } from "./routes/static.ts";
import { LiveStreams } from "./upstream/live_streams.ts";
import { createProviders } from "./upstream/providers.ts";

/** How long the last bytes of the last answers may take to leave, in milliseconds. */
const FLUSH_MS = 1000;

/** A server that listens. */
export interface RunningServer {
  readonly address: Deno.NetAddr;
  /** Refuses new chats, lets live ones end within the grace period, ends the rest, and closes. */
  stop(): Promise<void>;
}

/** How a server runs, besides its configuration. */
export interface ServerOptions {
  /** Pages reload when the server has been started anew. */
  readonly isDev?: boolean;
  /** Others may listen on the same port; the system shares connections out. */
  readonly reusePort?: boolean;
}

/** Starts to listen. @throws {Deno.errors.AddrInUse} and the like */
export async function startServer(config: Config, options: ServerOptions = {}): Promise<RunningServer> {
  const streams = new LiveStreams(tickMs(config));
  const { models, relay } = createProviders(config);
  const app = createApp({
    ...config,
    models,
    ...(config.proxyKeys && { proxy: { keys: config.proxyKeys, relay } }),
    staticFiles: await readStaticFiles(
      ...["dist/static", ...(options.isDev ? ["examples/pages"] : [])].map((path) => `${import.meta.dirname}/${path}`),
    ),
    streams,
    rateLimits: new RateLimits(config.rateLimits),
    log: options.isDev ? withoutFiles(writeRequestLog) : writeRequestLog,
  });
  const server = Deno.serve({
    hostname: config.host,
    port: config.port,
    reusePort: options.reusePort ?? false,
    onListen: () => {},
  }, options.isDev ? withDevReload(app.handle) : app.handle);
  return {
    address: server.addr,
    async stop() {
      app.startDraining();
      await streams.drain(config.drainMs, serverBusy("This server is shutting down."));
      await Promise.race([server.shutdown(), new Promise((resolve) => setTimeout(resolve, FLUSH_MS))]);
    },
  };
}

/** How often deadlines are looked at: four times within the shortest, at most once a second, so none is far off. */
function tickMs({ timeouts }: Config): number {
  return Math.max(10, Math.min(1000, ...Object.values(timeouts).map((timeout) => timeout / 4)));
}
