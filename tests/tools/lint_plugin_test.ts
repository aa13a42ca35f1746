/** Each rule of the project's own lint plugin fires on what it forbids, and only there. */
import { assertEquals } from "@std/assert";
import plugin from "../../tools/lint_plugin.ts";

const CASES: [what: string, file: string, source: string, rule: string | undefined][] = [
  ["protocol imports upstream", "protocol/a.ts", 'import "../upstream/b.ts";', "layers"],
  ["protocol re-exports routes", "protocol/a.ts", 'export * from "../routes/b.ts";', "layers"],
  ["components import routes", "components/a.ts", 'import "../routes/b.ts";', "layers"],
  ["upstream imports the root", "upstream/a.ts", 'import "../config/config.ts";', "layers"],
  ["routes import upstream", "routes/a.ts", 'import "../upstream/b.ts";', undefined],
  ["components import protocol", "components/a.ts", 'import "../protocol/b.ts";', undefined],
  ["a folder imports itself", "protocol/a.ts", 'import "./b.ts";', undefined],
  ["components set innerHTML", "components/a.ts", "document.body.innerHTML = x;", "no-markup-from-strings"],
  ["components use styleMap", "components/a.ts", "styleMap({});", "no-markup-from-strings"],
  ["components hold a style element", "components/a.ts", "html`<style>a{}</style>`;", "no-markup-from-strings"],
  ["components hold a style attribute", "components/a.ts", "html`<p style=${x}></p>`;", "no-markup-from-strings"],
  ["routes mention innerHTML", "routes/a.ts", "x.innerHTML;", undefined],
  [
    "a field hides an accessor",
    "components/a.ts",
    "class A { static properties = { text: {} }; text = ''; }",
    "no-shadowed-property",
  ],
  [
    "a field is declared",
    "components/a.ts",
    "class A { static properties = { text: {} }; declare text: string; }",
    undefined,
  ],
];
for (const [what, file, source, rule] of CASES) {
  Deno.test(`the lint plugin ${rule === undefined ? "lets pass" : "reports"} that ${what}`, () => {
    const found = Deno.lint.runPlugin(plugin, file, source);
    assertEquals([...new Set(found.map(({ id }) => id))], rule === undefined ? [] : [`chat-stream/${rule}`]);
  });
}
