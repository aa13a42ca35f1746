/**
 * Writes `docs/chat-stream.config.schema.json`, the JSON Schema with which an editor completes the configuration file.
 * Run it as `deno task schema` after every change of `config/config_file.ts`.
 * @module
 */
import { toJsonSchema } from "@valibot/to-json-schema";
import { CONFIG_FILE, MODEL, PROVIDER } from "../config/config_file.ts";

/** Where the schema lies. */
export const SCHEMA_FILE = new URL("../docs/chat-stream.config.schema.json", import.meta.url);

if (import.meta.main) await Deno.writeTextFile(SCHEMA_FILE, configSchema());

/** The schema as JSON text. */
export function configSchema(): string {
  const schema = toJsonSchema(CONFIG_FILE, {
    target: "draft-2020-12",
    // Of a pipe with two schemas, the second says more: the first one only refuses arrays in place of objects.
    typeMode: "output",
    // JSON Schema cannot express these.
    ignoreActions: ["check"],
    definitions: { provider: PROVIDER, model: MODEL },
  });
  return `${JSON.stringify(schema, null, 2)}\n`;
}
