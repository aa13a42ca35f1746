/** Tests the tables of docs/providers.md: each cell has its mark, and the tests and fixtures that it names are there. */
import { assert, assertEquals } from "@std/assert";
import { KNOWN_HOSTS } from "../../upstream/known_hosts.ts";

const ROOT = new URL("../../", import.meta.url);
const page = await Deno.readTextFile(new URL("docs/providers.md", ROOT));

/** The cells of the table below a heading, by row; without its head. */
function tableBelow(heading: string): string[][] {
  const section = page.split(/^## /m).find((each) => each.startsWith(heading));
  const lines = section?.match(/^\|.*$/gm) ?? [];
  return lines.slice(2).map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
}

/** The names of the files below a folder that end so, without that end. */
function filesBelow(folder: string, end: string): string[] {
  return [...Deno.readDirSync(new URL(folder, ROOT))].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesBelow(`${folder}${name}/`, end) : name.endsWith(end) ? [name.slice(0, -end.length)] : []
  );
}

const known = new Set([
  ...filesBelow("tests/", "_test.ts").map((name) => `${name}_test`),
  ...filesBelow("tests/fixtures/openai/", ".sse"),
]);

for (
  const [heading, columns] of [["What each API can do", 5], [
    "What each provider of chat completions does differently",
    8,
  ]] as const
) {
  Deno.test(`docs/providers.md names tests that exist in the table "${heading}"`, () => {
    const rows = tableBelow(heading);
    assert(rows.length > 5, "the table is there");
    for (const [title, ...cells] of rows) {
      assertEquals(cells.length, columns - 1, title);
      for (const cell of cells) {
        assert(/^[●○–]/.test(cell), `${title}: ${cell} has a mark`);
        const names = [...cell.matchAll(/`([\w-]+)`/g)].map(([, name]) => name!);
        const missing = names.filter((name) => /_test$|-/.test(name) && !known.has(name));
        assertEquals(missing, [], title);
        if (heading === "What each API can do") {
          assert(names.some((name) => name.endsWith("_test")), `${title}: ${cell}`);
        }
      }
    }
  });
}

Deno.test("docs/providers.md has a row for each known provider of chat completions", () => {
  const providers = tableBelow("What each provider of chat completions does differently").flatMap(([name]) =>
    name!.split(", ")
  );
  for (const { name, quirks } of KNOWN_HOSTS) {
    const isNative = quirks.api !== undefined || name === "Azure AI Foundry" || name === "Azure Cognitive Services";
    const row = name === "Azure OpenAI" ? "Azure" : name.replace(/^Gemini, /, "Gemini's ");
    assert(isNative || providers.includes(row), `${name} has a row`);
  }
});
