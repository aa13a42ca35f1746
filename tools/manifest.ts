/**
 * Writes `static/custom-elements.json`, which tells editors and documentation tools what `<chat-stream>` can do, from
 * the doc comments in its source. Run it as `deno task manifest` after changing those; a test says when it is due.
 * @see https://github.com/webcomponents/custom-elements-manifest
 * @module
 */

const ROOT = new URL("../", import.meta.url);

/** Where the manifest is kept. */
export const MANIFEST_PATH = "static/custom-elements.json";

interface Named {
  readonly name: string;
  readonly description: string;
}

/** The tags `@name subject - description` of a doc comment. */
function tags(comment: string, tag: string): Named[] {
  const lines = comment.matchAll(new RegExp(`@${tag} (\\S+) - (.+)`, "g"));
  return [...lines].map(([, name = "", description = ""]) => ({ name, description }));
}

/** A doc comment's words, without the stars. */
function words(comment: string): string {
  return comment.replaceAll(/^\s*\/?\*+\/?|\*\/$/gm, "").replaceAll(/\s+/g, " ").trim();
}

/** The properties that are declared with a doc comment, and the attributes that set them. */
function readProperties(source: string) {
  const options = new Map(
    [...source.matchAll(/^ {4}(\w+): \{(.*)\},$/gm)].map(([, name = "", text = ""]) => [name, text] as const),
  );
  const declared = [...source.matchAll(/ {2}(\/\*\*.*?\*\/)\n {2}declare (\w+): (.+?);\n/gs)];
  return declared.map(([, comment = "", name = "", text = ""]) => {
    const option = options.get(name) ?? "";
    const attribute = /attribute: false/.test(option)
      ? undefined
      : /attribute: "([\w-]+)"/.exec(option)?.[1] ?? name.toLowerCase();
    return {
      kind: "field",
      name,
      type: { text },
      description: words(comment),
      ...(attribute && { attribute }),
      ...(/reflect: true/.test(option) && { reflects: true }),
    };
  });
}

/** Methods that Lit or the session calls, which are no one else's business. */
const INTERNAL: ReadonlySet<string> = new Set([
  "allowToolCall",
  "chatChanged",
  "connectedCallback",
  "disconnectedCallback",
]);

function readMethods(source: string) {
  const found = source.matchAll(
    / {2}(\/\*\*(?:(?!\*\/).)*\*\/)\n {2}(?:override )?(?:async )?(\w+)\((.*?)\): (.+?) \{\n/gs,
  );
  return [...found].filter(([, , name = ""]) => !INTERNAL.has(name)).map((
    [, comment = "", name = "", parameters = "", type = ""],
  ) => ({
    kind: "method",
    name,
    description: words(comment),
    parameters: [...parameters.matchAll(/(\w+)(\?)?: ([^,]+)/g)].map(([, name = "", optional, text = ""]) => ({
      name,
      type: { text },
      ...(optional && { optional: true }),
    })),
    return: { type: { text: type } },
  }));
}

/** The class that an event is of: `chat-send` → `ChatSendEvent`. */
function eventClass(name: string): string {
  return `${name.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase())}Event`;
}

/** The manifest as text, from the sources as they are. */
export async function createManifest(): Promise<string> {
  const read = (name: string) => Deno.readTextFile(new URL(`components/${name}`, ROOT));
  const [element, properties] = await Promise.all([read("chat_stream.ts"), read("chat_stream_properties.ts")]);
  const comment = /(\/\*\*(?:(?!\*\/).)*@element chat-stream.*?\*\/)/s.exec(element)?.[1] ?? "";
  const fields = readProperties(properties);
  const manifest = {
    schemaVersion: "1.0.0",
    modules: [{
      kind: "javascript-module",
      path: "chat-stream.js",
      declarations: [{
        kind: "class",
        customElement: true,
        name: "ChatStream",
        tagName: "chat-stream",
        summary: /@summary (.+)/.exec(comment)?.[1],
        description: words(comment.split("@summary")[0] ?? ""),
        attributes: fields.flatMap(({ attribute, name, type, description }) =>
          attribute ? [{ name: attribute, fieldName: name, type, description }] : []
        ),
        members: [...fields, ...readMethods(element)],
        events: tags(comment, "fires").map((event) => ({ ...event, type: { text: eventClass(event.name) } })),
        slots: tags(comment, "slot"),
        cssParts: tags(comment, "csspart"),
        cssProperties: tags(comment, "cssprop"),
      }],
      exports: [{ kind: "custom-element-definition", name: "chat-stream", declaration: { name: "ChatStream" } }],
    }],
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

if (import.meta.main) await Deno.writeTextFile(new URL(MANIFEST_PATH, ROOT), await createManifest());
