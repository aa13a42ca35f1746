/**
 * What the configuration file says about how a provider differs from others, and where its secrets come from.
 * @module
 */
import * as v from "valibot";
import { JSON_OBJECT, NAME, oneOf } from "../routes/json_values.ts";
import type { ProviderAccess, ProviderApi, ProviderAuth } from "../upstream/chat_events/provider_config.ts";
import { ConfigError, type Environment } from "./config_values.ts";

const APIS = ["chat-completions", "responses", "anthropic", "gemini"] as const satisfies readonly ProviderApi[];
const AUTHS = ["bearer", "api-key", "x-api-key", "x-goog-api-key", "none"] as const satisfies readonly ProviderAuth[];
const OUTPUT_LIMIT_FIELDS = ["max_tokens", "max_completion_tokens"] as const;

const BOOLEAN = v.boolean("true or false");
const HEADER_NAME = /^[!#$%&'*+\-.^`|~\w]+$/;
const HEADER_VALUE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;
/** Headers of the connection, of the body and of each try, which are the server's. */
const RESERVED_HEADERS =
  /^(?:accept|accept-encoding|connection|content-.*|host|idempotency-key|te|trailer|transfer-encoding|upgrade)$/i;
/** Headers with secrets, which are not written into a file. */
const SECRET_HEADERS = /^(?:authorization|proxy-authorization|cookie|.*api-?key|.*token|.*secret)$/i;
/** The fields of a request that are the server's. */
const RESERVED_FIELDS = ["contents", "input", "messages", "model", "n", "stream", "stream_options"];

const HEADERS_MESSAGE = "an object of headers that the server does not set itself, with values of printable ASCII";
const SECRET_MESSAGE = "an object without secrets: headersEnv names the variables that hold them";
const STRINGS_MESSAGE = "an object of strings";
const EXTRA_BODY_MESSAGE = `an object without the fields ${RESERVED_FIELDS.join(", ")}`;

const STRINGS = v.pipe(JSON_OBJECT, v.record(v.string(), v.string(STRINGS_MESSAGE)));

/** Fields that go into the body of each request. */
export const EXTRA_BODY = v.pipe(
  JSON_OBJECT,
  v.record(v.string(), v.unknown()),
  v.check((json) => !RESERVED_FIELDS.some((field) => Object.hasOwn(json, field)), EXTRA_BODY_MESSAGE),
);

/** The keys of a provider that say how it differs. Each is optional; known hosts have defaults of their own. */
export const PROVIDER_SETTINGS = {
  api: optional(
    v.picklist(APIS, oneOf(APIS)),
    "The API that it speaks. Default: that of the host if it is known, else chat-completions.",
  ),
  auth: optional(
    v.picklist(AUTHS, oneOf(AUTHS)),
    "How the key is sent: as a bearer token, in the header of that name, or not at all. Default: as the API documents it.",
  ),
  headers: optional(
    v.pipe(
      STRINGS,
      v.check((json) => Object.entries(json).every(isHeader), HEADERS_MESSAGE),
      v.check((json) => !Object.keys(json).some((name) => SECRET_HEADERS.test(name)), SECRET_MESSAGE),
    ),
    "Headers of each request, without secrets.",
  ),
  headersEnv: optional(
    v.pipe(
      STRINGS,
      v.check((json) => Object.keys(json).every((name) => isHeader([name, "x"])), HEADERS_MESSAGE),
    ),
    "By header: the variable that holds its value.",
  ),
  query: optional(STRINGS, "Parameters in the query of each request, such as api-version."),
  outputLimitField: optional(
    v.picklist(OUTPUT_LIMIT_FIELDS, oneOf(OUTPUT_LIMIT_FIELDS)),
    "The field for the most tokens of an answer. Default: max_tokens; a refusal that names the field switches.",
  ),
  reasoningField: optional(
    NAME,
    "The field in which reasoning goes back in the history, such as reasoning_content. Default: it does not.",
  ),
  thoughtSignatures: optional(BOOLEAN, "Signatures of tool calls go back as Gemini's compatible endpoint wants them."),
  streamOptions: optional(BOOLEAN, "It accepts stream_options. Default: true; a refusal switches it off."),
  promptCaching: optional(BOOLEAN, "It is told what to cache, where its API has marks for that. Default: true."),
  extraBody: optional(EXTRA_BODY, "Fields added to the body of each request. Objects are merged."),
  honoursIdempotencyKey: optional(
    BOOLEAN,
    "It answers a repeated Idempotency-Key with its first answer, or refuses it. Only then is a request sent again that it may have read.",
  ),
};

function isHeader([name, value]: readonly [string, string]): boolean {
  return HEADER_NAME.test(name) && HEADER_VALUE.test(value) && !RESERVED_HEADERS.test(name);
}

function optional<S extends v.GenericSchema>(schema: S, description: string) {
  return v.exactOptional(v.pipe(schema, v.description(description)));
}

/** The headers whose values are in variables. @param path of the provider in the file, for messages @throws {ConfigError} */
export function readSecretHeaders(
  headersEnv: Readonly<Record<string, string>>,
  path: string,
  env: Environment,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headersEnv).map(([header, name]) => {
      const value = env(name);
      if (value !== undefined && HEADER_VALUE.test(value)) return [header, value];
      throw new ConfigError(
        `${path}.headersEnv.${header} must be the name of a variable that holds a value of printable ASCII`,
      );
    }),
  );
}

/**
 * An address without its query, which becomes a part of the settings, and without the path of the API at its end: Azure's
 * pages show addresses with both.
 */
export function splitAddress(address: string): Pick<ProviderAccess, "baseURL" | "query"> {
  const url = new URL(address);
  const query = Object.fromEntries(url.searchParams);
  url.search = "";
  url.pathname = url.pathname.replace(/\/chat\/completions\/?$/, "");
  // As it was written: URL adds a slash behind a bare host.
  const isPlain = address.split("?")[0] === address && !/\/chat\/completions\/?$/.test(address);
  return { baseURL: isPlain ? address : url.href, ...(Object.keys(query).length > 0 && { query }) };
}
