/**
 * Prints the flags that `deno task start` and the npm package run the server with: the permissions that the current
 * configuration needs (its own address and its providers' hosts, the files that the configuration names, the variables
 * that it reads) and no others, and the flags that are always the same. Arguments are the folders that the server reads.
 * @module
 */
import { type Config, ConfigError, readConfig } from "../config/config.ts";
import type { Environment } from "../config/config_values.ts";
import { readEnvironment } from "../config/environment.ts";
import { RUNTIME_FLAGS } from "./runtime_flags.ts";

/** The folder that the server reads, relative to the project. */
export const STATIC_FOLDER = "dist/static";

if (import.meta.main) {
  const folders = Deno.args.length === 0 ? [STATIC_FOLDER] : Deno.args;
  console.log(serverFlags(readEnvironment(), Deno.readTextFileSync, folders).join(" "));
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
 * @param folders the folders that the server reads
 */
export function serverPermissions(
  environment: Environment,
  readText: (path: string) => string,
  folders: readonly string[] = [STATIC_FOLDER],
): string[] {
  const variables = new Set<string>();
  const files = new Set([...folders, ".env"]);
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
  return [
    ...(config === undefined ? [] : [`--allow-net=${[ownHost(config.listen.host), ...providerHosts(config)].join()}`]),
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

/** The host without its port, which `--port` may still change. */
function ownHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
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
