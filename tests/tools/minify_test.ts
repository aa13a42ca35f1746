/** Tests what the build does to a bundle. */
import { assertEquals } from "@std/assert";
import { createMinifier } from "../../tools/minify.ts";

Deno.test("createMinifier joins the lines of a template, and keeps the line breaks of other texts", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const sheet = "css`\n  p {\n    color: #ff0000;\n  }\n`";
    await Deno.writeTextFile(`${folder}/sheet.ts`, `export const sheet = ${sheet};`);
    const minify = await createMinifier(new URL(`file://${folder}/`));
    const view = "html`\n    <p\n      class=a>${x}</p>\n  `";
    const bundle = `export const a = ${sheet}, b = ${view}, c = "[ \\n\\t]", d = \`[ \n\t]\`;`;
    assertEquals(
      await minify(bundle),
      'export const a=css`p{color:red}`,b=html` <p class=a>${x}</p> `,c="[ \\n\\t]",d="[ \\n\\t]";',
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
