/**
 * The warnings that are printed at start.
 * @module
 */
import { assertEquals } from "@std/assert";
import { readConfig } from "../../config/config.ts";
import { listStartupWarnings } from "../../config/startup_warnings.ts";

/** The variables in the warnings. */
function warned(env: Record<string, string>): string[] {
  const config = readConfig((name) => env[name], () => {
    throw new Deno.errors.NotFound();
  });
  return listStartupWarnings(config).map((line) => line.split(" ")[0]!);
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
