/**
 * The recorded contract of a version: what its server sent and accepted, and the names that pages and operators use.
 * `docs/compatibility.md` promises that later versions keep it.
 * @module
 */
import { CHAT_ERROR_STATUS } from "../../protocol/chat_error.ts";
import { CHAT_STREAM_HEADERS } from "../../protocol/chat_event.ts";
import { readConfig } from "../../config/config.ts";
import { generateManifest, MANIFEST_NAME } from "../../tools/manifest.ts";
import { TestServer } from "../test_server.ts";

/** The folder with one folder for each recorded version. */
export const RECORDS = new URL("../fixtures/wire/", import.meta.url);

const PROVIDER_STREAMS = new URL("../fixtures/openai/", import.meta.url);

/** The provider streams, by name in `tests/fixtures/openai`, whose wire is recorded. Together they have every event. */
export const RECORDED_STREAMS: readonly string[] = [
  "openai-text-usage",
  "openai-parallel-tool-calls",
  "openai-length",
  "openai-content-filter",
  "openrouter-images",
  "perplexity-citations-that-change",
  "deepseek-r1-think-tags",
  "vllm-error-chunk",
  "any-cut-inside-of-an-event",
];

/** The names of a version that are not on the wire. */
export interface WireNames {
  readonly errorTypes: Readonly<Record<string, number | undefined>>;
  readonly headers: Readonly<Record<string, string>>;
  /** The names of the element's attributes, methods, events and parts for styling, by section of the manifest. */
  readonly element: Readonly<Record<string, readonly string[]>>;
  readonly variables: readonly string[];
}

/** The names of an element's section in `custom-elements.json`. */
const SECTIONS = ["attributes", "members", "events", "slots", "cssParts", "cssProperties"] as const;

/** The server's response to a recorded stream of a provider. */
export async function respond(stream: string): Promise<{ readonly wire: string; readonly headers: Headers }> {
  const body = [await Deno.readFile(new URL(`${stream}.sse`, PROVIDER_STREAMS))];
  await using server = new TestServer({ script: () => ({ body }) });
  const response = await server.chat();
  return { wire: await response.text(), headers: response.headers };
}

/** The names of the version in this tree. */
export async function readNames(): Promise<WireNames> {
  return {
    errorTypes: CHAT_ERROR_STATUS,
    headers: CHAT_STREAM_HEADERS,
    element: await readElement(),
    variables: readVariables(),
  };
}

async function readElement(): Promise<WireNames["element"]> {
  const folder = await Deno.makeTempDir();
  try {
    await generateManifest(new URL(`file://${folder}/`));
    const manifest = JSON.parse(await Deno.readTextFile(`${folder}/${MANIFEST_NAME}`));
    const element: Record<string, readonly { readonly name: string }[]> = manifest.modules[0].declarations[0];
    return Object.fromEntries(SECTIONS.map((section) => [section, element[section]!.map(({ name }) => name).sort()]));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The variables that an empty environment is searched for, without the one that is only refused. */
function readVariables(): string[] {
  const names = new Set<string>();
  const noFile = () => {
    throw new Deno.errors.NotFound();
  };
  readConfig((name) => void names.add(name), noFile);
  names.delete("WORKERS");
  return [...names].sort();
}
