/**
 * Lint rules for what this project decided: which folder may import what, and nothing in the component that could turn
 * text into markup or break a strict Content-Security-Policy. Each message says what to do instead.
 * @module
 */

/** What the files of a folder may import. Its own files are always among it. */
interface Layer {
  /** Folders, subfolders included. */
  readonly folders: readonly string[];
  /** Packages: bare specifiers, or their beginning up to a slash. */
  readonly packages: readonly string[];
}

/** The arrows of docs/architecture.md. A file belongs to the longest path that it lies below. */
const LAYERS: Readonly<Record<string, Layer>> = {
  "protocol": { folders: [], packages: [] },
  "upstream/http": { folders: ["protocol"], packages: ["node:timers"] },
  "upstream/chat_events": { folders: ["upstream/http", "protocol"], packages: [] },
  "upstream/chat_completions": { folders: ["upstream/chat_events", "upstream/http", "protocol"], packages: [] },
  "upstream/anthropic": { folders: ["upstream/chat_events", "protocol"], packages: [] },
  "upstream/gemini": { folders: ["upstream/chat_events", "protocol"], packages: [] },
  "upstream/responses": { folders: ["upstream/chat_events", "protocol"], packages: [] },
  "upstream": { folders: ["upstream", "protocol"], packages: ["openai"] },
  "runs": { folders: ["upstream", "protocol"], packages: ["@redis/client", "node:crypto"] },
  "routes": {
    folders: ["runs", "upstream", "protocol"],
    packages: ["@std/http", "jose", "node:crypto", "valibot"],
  },
  "routes/ai_sdk": { folders: ["routes", "runs", "protocol"], packages: ["node:crypto", "valibot"] },
  "routes/ag_ui": { folders: ["routes", "runs", "protocol"], packages: ["node:crypto", "valibot"] },
  "config": { folders: ["routes", "runs", "upstream", "protocol"], packages: ["node:util", "valibot"] },
  "components/markdown": { folders: [], packages: ["lit", "temml"] },
  "components/locales": { folders: ["protocol"], packages: [] },
  "components/chat": { folders: ["components/locales", "protocol"], packages: [] },
  "components/view": {
    folders: ["components/chat", "components/markdown", "components/locales", "protocol"],
    packages: ["lit"],
  },
  "components": { folders: ["components", "protocol"], packages: ["lit"] },
};

/** The project's folder. The files in tests of this plugin are named relative to it. */
const ROOT = new URL("../", import.meta.url).pathname;

/** Names that write markup or style from strings, and what to use instead. */
const FORBIDDEN: Readonly<Record<string, string>> = {
  innerHTML: "build nodes with a Lit template",
  outerHTML: "build nodes with a Lit template",
  insertAdjacentHTML: "build nodes with a Lit template",
  setHTMLUnsafe: "build nodes with a Lit template",
  parseFromString: "build nodes with a Lit template",
  unsafeHTML: "build nodes with a Lit template",
  unsafeSVG: "build nodes with a Lit template",
  styleMap: "set custom properties with element.style.setProperty(): style attributes break a strict CSP",
};

const plugin: Deno.lint.Plugin = {
  name: "chat-stream",
  rules: {
    layers: {
      create(context) {
        const file = pathOf(context.filename);
        const folder = layerOf(file);
        if (folder === undefined) return {};
        const check = (node: Deno.lint.Node, source: Deno.lint.Expression | Deno.lint.StringLiteral | null) => {
          if (source?.type !== "Literal" || typeof source.value !== "string") return;
          const fault = faultOf(source.value, file, folder);
          if (fault !== undefined) context.report({ node, message: `${fault}: imports follow the data flow` });
        };
        return {
          ImportDeclaration: (node) => check(node, node.source),
          ImportExpression: (node) => check(node, node.source),
          TSImportType: (node) =>
            check(
              node,
              node.argument.type === "TSLiteralType" ? node.argument.literal as Deno.lint.StringLiteral : null,
            ),
          ExportNamedDeclaration: (node) => check(node, node.source),
          ExportAllDeclaration: (node) => check(node, node.source),
        };
      },
    },
    "no-markup-from-strings": {
      create(context) {
        if (!pathOf(context.filename).startsWith("components/")) return {};
        return {
          Identifier(node) {
            const instead = Object.hasOwn(FORBIDDEN, node.name) ? FORBIDDEN[node.name] : undefined;
            if (instead !== undefined) context.report({ node, message: `${node.name} is not used here: ${instead}` });
          },
          TemplateElement(node) {
            if (/<style[\s>]/i.test(node.raw)) {
              context.report({ node, message: "A <style> element breaks a strict CSP: put it into the static styles" });
            }
            if (/\sstyle\s*=\s*["']?$|\sstyle\s*=\s*["']/i.test(node.raw)) {
              context.report({ node, message: "A style attribute breaks a strict CSP: set custom properties instead" });
            }
          },
        };
      },
    },
    "no-shadowed-property": {
      create(context) {
        if (!pathOf(context.filename).startsWith("components/")) return {};
        return {
          ClassBody(node) {
            const reactive = new Set(node.body.flatMap(reactiveNames));
            for (const member of node.body) {
              if (member.type !== "PropertyDefinition" || member.static || member.declare) continue;
              if (member.key.type !== "Identifier" || !reactive.has(member.key.name)) continue;
              const message =
                `The field ${member.key.name} would hide Lit's accessor: declare it, and set it in the constructor`;
              context.report({ node: member, message });
            }
          },
        };
      },
    },
  },
};

export default plugin;

/** A file's path relative to the project's folder. */
function pathOf(filename: string): string {
  const path = filename.replaceAll("\\", "/");
  return path.startsWith(ROOT) ? path.slice(ROOT.length) : path;
}

/** The layer that a file belongs to; undefined for the program, its tools and its tests, which may import everything. */
function layerOf(path: string): string | undefined {
  return Object.keys(LAYERS).filter((folder) => path.startsWith(`${folder}/`)).toSorted((a, b) =>
    b.length - a.length
  )[0];
}

/** What is wrong with an import, or undefined for one that is allowed. */
function faultOf(specifier: string, file: string, folder: string): string | undefined {
  const { folders, packages } = LAYERS[folder]!;
  if (!specifier.startsWith(".")) {
    if (packages.some((name) => specifier === name || specifier.startsWith(`${name}/`))) return undefined;
    return `${folder}/ may import ${listOf(packages, "no package")}, not ${specifier}`;
  }
  const target = new URL(specifier, `file:///${file}`).pathname.slice(1);
  if ([folder, ...folders].some((name) => target.startsWith(`${name}/`))) return undefined;
  return `${folder}/ may import ${listOf(folders.map((name) => `${name}/`), "nothing outside itself")}, not ${target}`;
}

function listOf(names: readonly string[], none: string): string {
  return names.length === 0 ? none : names.join(", ");
}

/** The keys of `static properties = {…}`. */
function reactiveNames(member: Deno.lint.ClassBody["body"][number]): string[] {
  if (member.type !== "PropertyDefinition" || !member.static || member.key.type !== "Identifier") return [];
  if (member.key.name !== "properties" || member.value?.type !== "ObjectExpression") return [];
  return member.value.properties.flatMap((property) =>
    property.type === "Property" && property.key.type === "Identifier" ? [property.key.name] : []
  );
}
