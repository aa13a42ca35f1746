/**
 * Prints the flags that `deno task start` and the npm package run the server with: the permissions that the current
 * configuration needs (its own address, its providers' hosts and Redis, the files that the configuration names, the variables
 * that it reads) and no others, and the flags that are always the same. It takes the server's arguments, because `--port`
 * is one of them, and `--folder`, a folder that the server reads besides its own.
 * @module
 */
import { parseArgs } from "node:util";
import { type Config, ConfigError, readConfig } from "../config/config.ts";
import type { Environment } from "../config/config_values.ts";
import { readEnvironment } from "../config/environment.ts";
import { RUNTIME_FLAGS } from "./runtime_flags.ts";

/** The variables that the Redis client looks at. */
const REDIS_CLIENT_VARIABLES = ["REDIS_DEBUG_MAINTENANCE", "REDIS_EMIT_DIAGNOSTICS"];

if (import.meta.main) {
  const { folder } = parseArgs({ args: Deno.args, options: { folder: { type: "string" } }, strict: false }).values;
  const folders = folder === undefined ? [] : [String(folder)];
  console.log(serverFlags(serverEnvironment(Deno.args), Deno.readTextFileSync, folders).join(" "));
}

/** The environment of a server with these arguments. */
export function serverEnvironment(args: readonly string[]): Environment {
  const { port } = parseArgs({ args: [...args], options: { port: { type: "string" } }, strict: false }).values;
  // Without strict parsing, `--port` without a value is `true`. The server prints what is wrong.
  return readEnvironment({ PORT: port === undefined ? undefined : String(port) });
}

/** All flags for `deno run`. The parameters are those of `serverPermissions`. */
export function serverFlags(...parameters: Parameters<typeof serverPermissions>): string[] {
  return [...RUNTIME_FLAGS, ...serverPermissions(...parameters)];
}

/**
 * The permission flags for `deno run`. This reads the configuration in the same way as the server, and so learns what the
 * server will read. With a wrong configuration the server gets no network, and prints what is wrong.
 * @param environment the value of a variable
 * @param readText the content of a file; throws when there is none
 * @param moreFolders folders that the server reads besides its own
 */
export function serverPermissions(
  environment: Environment,
  readText: (path: string) => string,
  moreFolders: readonly string[] = [],
): string[] {
  const variables = new Set<string>();
  const files = new Set(["dist/static", "/dev/null", ...moreFolders, ".env"]);
  const config = tryToRead(
    (name) => {
      variables.add(name);
      return environment(name);
    },
    (path) => {
      files.add(path);
      return readText(path);
    },
  );
  const hosts = config && [ownAddress(config.listen), ...providerHosts(config), ...redisHost(config)];
  if (config?.redis !== undefined) { for (const name of REDIS_CLIENT_VARIABLES) variables.add(name); }
  return [
    ...(hosts === undefined ? [] : [`--allow-net=${hosts.join()}`]),
    // The shell splits the flags at spaces, and Deno splits the list at commas.
    [...files].some((path) => /[\s,]/.test(path)) ? "--allow-read" : `--allow-read=${[...files].join()}`,
    `--allow-env=${[...variables].join()}`,
  ];
}

function tryToRead(environment: Environment, readText: (path: string) => string): Config | undefined {
  try {
    return readConfig(environment, readText);
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

/** The address to listen on. With port 0 the system chooses the port, so that all of the host's are allowed. */
function ownAddress({ host, port }: Config["listen"]): string {
  const name = host.includes(":") ? `[${host}]` : host;
  return port === 0 ? name : `${name}:${port}`;
}

function redisHost({ redis }: Config): string[] {
  if (redis === undefined) return [];
  const { hostname, port } = new URL(redis.url);
  return [`${hostname}:${port || 6379}`];
}

function providerHosts({ providers: { source } }: Config): string[] {
  const providers = source.type === "catalog" ? source.providers : source.type === "single" ? [source.provider] : [];
  return [
    ...new Set(providers.map(({ baseURL }) => {
      const { hostname, port, protocol } = new URL(baseURL);
      return `${hostname}:${port || (protocol === "https:" ? 443 : 80)}`;
    })),
  ];
}
