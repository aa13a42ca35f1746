/**
 * Prints the flags that the server is to run with: the permissions that it needs with the configuration at hand, and no
 * others (its providers' hosts and its own address, the files that the configuration names, the variables that it reads),
 * and those that are always the same. `deno task start` runs it so.
 * @module
 */
import { type Config, ConfigError, readConfig } from "../config/config.ts";
import type { Environment } from "../config/config_values.ts";
import { readEnvironment } from "../config/environment.ts";
import { RUNTIME_FLAGS } from "./runtime_flags.ts";

if (import.meta.main) console.log(serverFlags(readEnvironment(), Deno.readTextFileSync).join(" "));

/** All flags for `deno run`. */
export function serverFlags(environment: Environment, readText: (path: string) => string): string[] {
  return [...RUNTIME_FLAGS, ...serverPermissions(environment, readText)];
}

/**
 * The permissions among them. The configuration is read as the server will read it, so that what is asked for here is what
 * it will ask for; where it is wrong, the server is the one to say so, and gets as far as that.
 */
export function serverPermissions(environment: Environment, readText: (path: string) => string): string[] {
  const variables = new Set<string>();
  const files = new Set(["static", ".env"]);
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
    // Flags are cut at spaces and lists at commas: a path with either cannot be given.
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

/** Without its port, which `--port` may still change. */
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
