/** Tests that each rule of the project's lint plugin reports what it forbids, and nothing else. */
import { assertEquals } from "@std/assert";
import plugin from "../../tools/lint_plugin.ts";

const CASES: [what: string, file: string, source: string, rule: string | undefined][] = [
  ["protocol imports upstream", "protocol/a.ts", 'import "../upstream/b.ts";', "layers"],
  ["protocol re-exports routes", "protocol/a.ts", 'export * from "../routes/b.ts";', "layers"],
  ["components import routes", "components/a.ts", 'import "../routes/b.ts";', "layers"],
  ["upstream imports the root", "upstream/a.ts", 'import "../config/config.ts";', "layers"],
  ["a room imports the root above it", "upstream/http/a.ts", 'import "../providers.ts";', "layers"],
  ["a room imports a room above it", "components/markdown/a.ts", 'import "../chat/b.ts";', "layers"],
  ["the session loads a part of the element", "components/chat/a.ts", 'await import("../features.ts");', "layers"],
  ["the session imports lit", "components/chat/a.ts", 'import type { ReactiveController } from "lit";', "layers"],
  ["the session imports a view", "components/chat/a.ts", 'import "../view/b.ts";', "layers"],
  ["a view names a module of the element", "components/view/a.ts", 'type B = typeof import("../b.ts");', "layers"],
  ["a view imports the element", "components/view/a.ts", 'import type { B } from "../chat_stream.ts";', "layers"],
  ["the parser imports strings", "components/markdown/a.ts", 'import "../locales/b.ts";', "layers"],
  ["a view imports the parser", "components/view/a.ts", 'import "../markdown/b.ts";', undefined],
  ["the session imports strings", "components/chat/a.ts", 'import "../locales/b.ts";', undefined],
  ["the element loads a part lazily", "components/a.ts", 'await import("./view/b.ts");', undefined],
  ["a file two folders down imports upwards", "components/locales/a/b.ts", 'import "../../view/c.ts";', "layers"],
  ["upstream imports runs", "upstream/chat_events/a.ts", 'import "../../runs/run.ts";', "layers"],
  ["an import() goes upwards", "runs/a.ts", 'await import("../routes/b.ts");', "layers"],
  ["a type names a module above", "runs/a.ts", 'type B = typeof import("../routes/b.ts");', "layers"],
  ["a type import goes upwards", "runs/a.ts", 'import type { B } from "../routes/b.ts";', "layers"],
  ["a re-export goes upwards", "upstream/a.ts", 'export { b } from "../routes/b.ts";', "layers"],
  ["protocol imports a package", "protocol/a.ts", 'import OpenAI from "openai";', "layers"],
  ["protocol imports a package's module", "protocol/a.ts", 'import "openai/streaming";', "layers"],
  ["protocol imports a package lazily", "protocol/a.ts", 'await import("npm:openai");', "layers"],
  ["components import a Node module", "components/a.ts", 'import "node:fs";', "layers"],
  ["a package begins like an allowed one", "components/view/a.ts", 'import "lit-extra";', "layers"],
  ["components import a module of lit", "components/view/a.ts", 'import "lit/directive.js";', undefined],
  ["a dialect imports another", "upstream/anthropic/a.ts", 'import "../chat_completions/b.ts";', "layers"],
  ["a dialect imports the HTTP client", "upstream/anthropic/a.ts", 'import "../http/b.ts";', "layers"],
  ["a dialect imports what all share", "upstream/anthropic/a.ts", 'import "../chat_events/b.ts";', undefined],
  ["a dialect imports a package", "upstream/chat_completions/a.ts", 'import OpenAI from "openai";', "layers"],
  ["the root imports a room below it", "upstream/a.ts", 'import "./http/b.ts";', undefined],
  ["a room imports one below it", "components/view/a.ts", 'import "../chat/b.ts";', undefined],
  ["tests import everything", "tests/protocol/a_test.ts", 'import "../../routes/b.ts"; import "ai";', undefined],
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
  Deno.test(`the lint plugin ${rule === undefined ? "accepts" : "reports"} that ${what}`, () => {
    const found = Deno.lint.runPlugin(plugin, file, source);
    assertEquals([...new Set(found.map(({ id }) => id))], rule === undefined ? [] : [`chat-stream/${rule}`]);
  });
}
