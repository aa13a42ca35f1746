/**
 * The warnings that are printed at start.
 * @module
 */
import { assertEquals } from "@std/assert";
import { type Config, readConfig } from "../../config/config.ts";
import { listStartupWarnings, warnOfOpenFiles } from "../../config/startup_warnings.ts";

function configOf(env: Record<string, string>): Config {
  return readConfig((name) => env[name], () => {
    throw new Deno.errors.NotFound();
  });
}

/** The variables in the warnings. */
function warned(env: Record<string, string>): string[] {
  return listStartupWarnings(configOf(env)).map((line) => line.split(" ")[0]!);
}

for (const HOST of ["127.0.0.1", "127.8.8.8", "::1", "localhost", ""]) {
  Deno.test(`listStartupWarnings returns nothing when HOST is ${HOST || "not set"}`, () => {
    assertEquals(warned({ HOST }), []);
  });
}

for (const HOST of ["0.0.0.0", "::", "192.168.0.2", "chat.example"]) {
  Deno.test(`listStartupWarnings names each protection that is off when HOST is ${HOST}`, () => {
    assertEquals(warned({ HOST }), ["EMBED_SECRET", "MAX_OUTPUT_TOKENS", "RATE_LIMIT_SERVER_TOKENS_PER_DAY"]);
  });
}

Deno.test("listStartupWarnings returns nothing when all protections are on", () => {
  const protections = {
    EMBED_SECRET: "0123456789abcdef",
    MAX_OUTPUT_TOKENS: "1000",
    RATE_LIMIT_SERVER_TOKENS_PER_DAY: "1000000",
  };
  assertEquals(warned({ HOST: "0.0.0.0", ...protections }), []);
});

Deno.test("listStartupWarnings names each limit that is set to 0", () => {
  const limits = ["REQUESTS_PER_MINUTE", "STREAMS_AT_ONCE", "TOKENS_PER_DAY"].map((name) => `RATE_LIMIT_${name}`);
  const found = warned({ HOST: "0.0.0.0", ...Object.fromEntries(limits.map((name) => [name, "0"])) });
  assertEquals(limits.filter((name) => !found.includes(name)), []);
});

Deno.test("listStartupWarnings warns of any origin and short secrets also on a loopback address", () => {
  assertEquals(warned({ ALLOWED_ORIGINS: "*", EMBED_SECRET: "short" }), ["ALLOWED_ORIGINS", "EMBED_SECRET"]);
});

Deno.test("warnOfOpenFiles names a MAX_STREAMS that fits when the limit is too low for it", () => {
  assertEquals(
    warnOfOpenFiles(configOf({}), 1024),
    "MAX_STREAMS is 1000, which needs 2100 open files, but the limit is 1024: raise it (ulimit -n), or set MAX_STREAMS=462.",
  );
  assertEquals(warnOfOpenFiles(configOf({ MAX_STREAMS: "462" }), 1024), undefined);
  assertEquals(warnOfOpenFiles(configOf({}), 2100), undefined);
});

Deno.test("listStartupWarnings warns of several processes that share nothing", () => {
  const env = { REUSE_PORT: "true" };
  assertEquals(warned(env), ["REUSE_PORT"]);
  assertEquals(warned({ ...env, REDIS_URL: "redis://localhost" }), []);
});
