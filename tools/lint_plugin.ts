/**
 * Lint rules for what this project decided: which folder may import which, and nothing in the component that could turn
 * text into markup or break a strict Content-Security-Policy. Each message says what to do instead.
 * @module
 */

/** What the files of each folder may import besides their own: the arrows of docs/architecture.md. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  components: ["protocol"],
  upstream: ["protocol"],
  routes: ["upstream", "protocol"],
  config: ["routes", "upstream", "protocol"],
};

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
        const from = folderOf(context.filename);
        const allowed = from === undefined ? undefined : LAYERS[from];
        if (from === undefined || allowed === undefined) return {};
        const check = (node: Deno.lint.Node, source: Deno.lint.StringLiteral | null) => {
          const target = source?.value.match(/^(?:\.\.\/)+([^/]+)(\/|$)/);
          if (!target || target[1] === from || allowed.includes(target[1]!)) return;
          const may = allowed.length === 0 ? "nothing outside itself" : allowed.map((name) => `${name}/`).join(" and ");
          context.report({
            node,
            message: `${from}/ may import ${may}, not ${target[1]}: imports follow the data flow`,
          });
        };
        return {
          ImportDeclaration: (node) => check(node, node.source),
          ExportNamedDeclaration: (node) => check(node, node.source),
          ExportAllDeclaration: (node) => check(node, node.source),
        };
      },
    },
    "no-markup-from-strings": {
      create(context) {
        if (folderOf(context.filename) !== "components") return {};
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
        if (folderOf(context.filename) !== "components") return {};
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

/** The project's folder that a file is in, or undefined for the files at the top. */
function folderOf(filename: string): string | undefined {
  const parts = filename.replaceAll("\\", "/").split("/");
  const folder = parts.at(-2);
  return parts.includes("tests") ? undefined : folder;
}

/** The keys of `static properties = {…}`. */
function reactiveNames(member: Deno.lint.ClassBody["body"][number]): string[] {
  if (member.type !== "PropertyDefinition" || !member.static || member.key.type !== "Identifier") return [];
  if (member.key.name !== "properties" || member.value?.type !== "ObjectExpression") return [];
  return member.value.properties.flatMap((property) =>
    property.type === "Property" && property.key.type === "Identifier" ? [property.key.name] : []
  );
}
