/** Compares the generated manifest with a list that was written by hand. */
import { assert, assertEquals } from "@std/assert";
import { generateManifest, MANIFEST_NAME } from "../../tools/manifest.ts";

const ROOT = new URL("../../", import.meta.url);
const ATTRIBUTES =
  "accept assistant-avatar assistant-name attachments endpoint feedback greeting heading image-origins locale " +
  "max-tool-rounds mode model models opened persist persist-key placeholder resumable show-usage smoothing starters " +
  "suggestions teaser teaser-delay theme timestamps token user-avatar user-name";
const PROPERTY_ONLY = "beforeSend getToken headers messageActions renderers request status strings tools upload";
const METHODS = "clear close continue edit export focus load open regenerate send showTeaser stop toJSON";
const EVENTS: Readonly<Record<string, string>> = {
  "chat-clear": "ChatClearEvent",
  "chat-delta": "ChatDeltaEvent",
  "chat-error": "ChatErrorEvent",
  "chat-feedback": "ChatFeedbackEvent",
  "chat-reconnecting": "ChatReconnectingEvent",
  "chat-send": "ChatSendEvent",
  "chat-stop": "ChatStopEvent",
  "chat-toggle": "ChatToggleEvent",
  "chat-tool-call": "ChatToolCallEvent",
};

interface Item {
  readonly kind?: string;
  readonly name: string;
  readonly fieldName?: string;
  readonly attribute?: string;
  readonly description?: string;
  readonly type?: { readonly text: string };
}
type Section = "attributes" | "members" | "events" | "slots" | "cssParts" | "cssProperties";

const manifest = await generated();
const element: Record<Section, Item[]> & { tagName: string } = manifest.modules[0].declarations[0];
const names = (items: readonly Item[]) => items.map(({ name }) => name).sort();

async function generated() {
  const folder = await Deno.makeTempDir();
  try {
    await generateManifest(new URL(`file://${folder}/`));
    return JSON.parse(await Deno.readTextFile(`${folder}/${MANIFEST_NAME}`));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The distinct matches of `pattern` in the sources of the component. */
async function inSources(pattern: RegExp): Promise<string[]> {
  const found = new Set<string>();
  for (const folder of ["", "view/", "markdown/"]) {
    for await (const { name, isFile } of Deno.readDir(new URL(`components/${folder}`, ROOT))) {
      if (!isFile || !name.endsWith(".ts")) continue;
      const text = await Deno.readTextFile(new URL(`components/${folder}${name}`, ROOT));
      for (const [, match = ""] of text.matchAll(pattern)) found.add(match);
    }
  }
  return [...found].sort();
}

Deno.test("generateManifest describes the one element of chat-stream.js", () => {
  assertEquals(manifest.modules.map(({ path }: { path: string }) => path), ["chat-stream.js"]);
  assertEquals(manifest.modules[0].exports[0].kind, "custom-element-definition");
  assertEquals(element.tagName, "chat-stream");
});

Deno.test("generateManifest lists the attributes with their properties and types", () => {
  assertEquals(names(element.attributes), ATTRIBUTES.split(" "));
  const attribute = element.attributes.find(({ name }) => name === "max-tool-rounds");
  assertEquals([attribute?.fieldName, attribute?.type?.text], ["maxToolRounds", "number"]);
  const mode = element.members.find(({ name }) => name === "mode");
  assertEquals([mode?.attribute, mode?.type?.text], ["mode", '"inline" | "page" | "launcher"']);
});

Deno.test("generateManifest lists the public members and no others", () => {
  const fields = element.members.filter(({ kind }) => kind === "field");
  assertEquals(names(fields.filter(({ attribute }) => attribute === undefined)), PROPERTY_ONLY.split(" "));
  assertEquals(fields.length, ATTRIBUTES.split(" ").length + PROPERTY_ONLY.split(" ").length);
  assertEquals(names(element.members.filter(({ kind }) => kind === "method")), METHODS.split(" "));
});

Deno.test("generateManifest lists the events with their classes", () => {
  assertEquals(Object.fromEntries(element.events.map(({ name, type }) => [name, type?.text])), EVENTS);
});

Deno.test("generateManifest describes everything that it lists", () => {
  const { attributes, members, events, slots, cssParts, cssProperties } = element;
  const all = [...attributes, ...members, ...events, ...slots, ...cssParts, ...cssProperties];
  assert(all.length > 80);
  assertEquals(all.filter(({ description }) => !description), []);
});

Deno.test("generateManifest lists every part, slot and custom property of the sources", async () => {
  assertEquals(names(element.cssParts), await inSources(/part(?:=|", )"([a-z-]+)"/g));
  assertEquals(names(element.slots), await inSources(/slot[\s.]+name ?= ?"([a-z-]+)"/g));
  const properties = await inSources(/var\((?:\s*)(--chat-stream-[a-z-]+)/g);
  for (const name of properties) assert(names(element.cssProperties).includes(name), name);
});
