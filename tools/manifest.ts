/**
 * Writes `custom-elements.json`, which tells editors and documentation tools what `<chat-stream>` offers. The custom
 * elements analyzer reads it from the sources; a plugin of ours removes what is not public.
 *
 * Nothing that serves or builds the component imports this module, so that the analyzer is downloaded for
 * `deno task build`, `deno task compile` and the tests only.
 * @see https://github.com/webcomponents/custom-elements-manifest
 * @module
 */
// deno-lint-ignore no-import-prefix -- an entry in deno.json would be downloaded by every task
import * as analyzer from "npm:@custom-elements-manifest/analyzer@0.11.0";
// deno-lint-ignore no-import-prefix -- as above
import { litPlugin } from "npm:@custom-elements-manifest/analyzer@0.11.0/src/features/framework-plugins/lit/lit.js";

/** What this module uses of the analyzer, whose own types leave these exports out. */
interface Analyzer {
  create(options: { readonly modules: readonly unknown[]; readonly plugins: readonly unknown[] }): Manifest;
  /** The analyzer's own TypeScript: nodes of another version have other kinds. */
  readonly ts: {
    createSourceFile(name: string, text: string, target: unknown, setParentNodes: boolean): unknown;
    readonly ScriptTarget: { readonly ES2022: unknown };
  };
}
const { create, ts } = analyzer as unknown as Analyzer;

const ROOT = new URL("../", import.meta.url);
/** The name of the manifest in the output folder. */
export const MANIFEST_NAME = "custom-elements.json";
/** The base class first: the analyzer links a class to those that it has already read. */
const SOURCES = ["components/chat_stream_properties.ts", "components/chat_stream.ts"];

/** What the plugin reads and changes of the analyzer's manifest. */
interface Manifest {
  modules: { path: string; declarations: Declaration[]; exports: unknown[] }[];
}

interface Declaration {
  name: string;
  tagName?: string;
  customElement?: boolean;
  superclass?: unknown;
  attributes?: Partial<Record<string, unknown>>[];
  events?: { readonly description?: string }[];
  members?: Member[];
}

interface Member {
  name: string;
  static?: boolean;
  privacy?: string;
  default?: string;
  inheritedFrom?: unknown;
}

/**
 * Writes the manifest into a folder.
 * @param outFolder a `file:` URL that ends with a slash
 */
export async function generateManifest(outFolder: URL): Promise<void> {
  const modules = await Promise.all(SOURCES.map(async (path) => {
    const source = await Deno.readTextFile(new URL(path, ROOT));
    return ts.createSourceFile(path, source, ts.ScriptTarget.ES2022, true);
  }));
  const manifest = create({ modules, plugins: [...litPlugin(), publicOnly] });
  await Deno.writeTextFile(new URL(MANIFEST_NAME, outFolder), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** Describes the built script instead of the sources, and removes private, protected and static members. */
const publicOnly = {
  name: "public-only",
  packageLinkPhase({ customElementsManifest: manifest }: { customElementsManifest: Manifest }): void {
    const element = manifest.modules.flatMap(({ declarations }) => declarations).find(({ name }) =>
      name === "ChatStream"
    );
    if (element === undefined) throw new Error("Cannot write the manifest: the analyzer found no class ChatStream");
    const { superclass: _, attributes, events, members, ...rest } = element;
    const declaration = {
      ...rest,
      tagName: "chat-stream",
      customElement: true,
      attributes: attributes?.map(withoutSource),
      // Those without a description are the analyzer's guesses from calls of `dispatchEvent`.
      events: events?.filter(({ description }) => description !== undefined),
      members: members?.filter(isPublic).map(withoutSource),
    };
    const definition = { kind: "custom-element-definition", name: "chat-stream", declaration: { name: "ChatStream" } };
    manifest.modules = [
      Object.assign(manifest.modules[0]!, {
        path: "chat-stream.js",
        declarations: [declaration],
        exports: [definition],
      }),
    ];
  },
};

/** Methods that the browser calls. */
const CALLBACKS: ReadonlySet<string> = new Set(["connectedCallback", "disconnectedCallback"]);

function isPublic({ name, privacy = "public", static: isStatic = false }: Member): boolean {
  return privacy === "public" && !isStatic && !CALLBACKS.has(name);
}

/** Drops what only makes sense next to the sources. */
function withoutSource<T extends { default?: unknown; inheritedFrom?: unknown }>(item: T): Partial<T> {
  const { inheritedFrom: _, default: value, ...rest } = item;
  // A constant of the source means nothing to a reader of the manifest.
  const isLiteral = typeof value === "string" && !/^[A-Z_]+$/.test(value);
  return { ...rest, ...(isLiteral && { default: value }) } as Partial<T>;
}
