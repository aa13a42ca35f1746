/** Tests the names in the documentation's tables: variables with their defaults, the element's members, errors, folders. */
import { assert, assertEquals } from "@std/assert";
import { type Config, readConfig } from "../../config/config.ts";
import { readNames } from "../wire/wire_record.ts";

const ROOT = new URL("../../", import.meta.url);
const read = (path: string) => Deno.readTextFileSync(new URL(path, ROOT));
const names = await readNames();

/** The rows of all tables of a text, as cells. */
function tableRows(text: string): string[][] {
  return [...text.matchAll(/^\| .*\|$/gm)].map(([line]) =>
    line.slice(1, -1).split(/(?<!\\)\|/).map((cell) => cell.trim())
  );
}

/** The names in backticks. */
function codes(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);
}

/** The section below a heading of the second level. */
function section(text: string, heading: string): string {
  return text.split(/^## /m).find((each) => each.startsWith(`${heading}\n`)) ?? "";
}

function noFile(): never {
  throw new Deno.errors.NotFound();
}

/** The configuration where one variable is set. Setting a limit has a meaning of its own, which is left out. */
function configWith(name?: string, value?: string): Config {
  const config = readConfig((each) => each === name ? value : undefined, noFile);
  return { ...config, rates: { ...config.rates, limitLocal: false } };
}

const UNITS: Readonly<Record<string, number>> = { "": 1, s: 1000, min: 60_000, KiB: 1024, MiB: 1024 ** 2 };

/** A default as the value of its variable; undefined where the cell describes one in words. */
function valueOf(cell: string): string | undefined {
  const [, digits, unit = ""] = /^([\d,]+)(?: (s|min|KiB|MiB))?$/.exec(cell) ?? [];
  if (digits !== undefined) return String(Number(digits.replaceAll(",", "")) * UNITS[unit]!);
  return /^(?:true|false)$/.test(cell) ? cell : /^`([\w.:-]+)`$/.exec(cell)?.[1];
}

const README = read("README.md");
const EMBEDDING = read("docs/embedding.md");

Deno.test("README.md has a row for each variable, and none for others", () => {
  const rows = tableRows(section(README, "Configure")).flatMap(([cell]) => codes(cell!));
  const known = names.variables.filter((name) => name === name.toUpperCase());
  assertEquals(rows.filter((name, index) => rows.indexOf(name) !== index), []);
  assertEquals(rows.toSorted(), known.toSorted());
});

for (const page of ["README.md", "docs/reliability.md", "docs/security.md"]) {
  Deno.test(`${page} has the right default of each variable`, () => {
    let checked = 0;
    for (const row of tableRows(read(page))) {
      const column = row.findIndex((cell) => /^`[A-Z][A-Z_]+`$/.test(cell));
      const name = row[column]?.slice(1, -1) ?? "";
      const value = valueOf(row[column + 1] ?? "");
      if (column === -1 || value === undefined || name === "CONFIG") continue;
      assertEquals(configWith(name, value), configWith(), `${name} is ${value}`);
      checked++;
    }
    assert(checked > 4, "the tables are there");
  });
}

Deno.test("README.md and docs/embedding.md have no line that is too wide to read", () => {
  for (const text of [README, EMBEDDING]) {
    assertEquals(text.split("\n").filter((line) => line.startsWith("|") && line.length > 125), []);
  }
});

Deno.test("docs/embedding.md has a row for each attribute and property, each method and each event", () => {
  const rowsOf = (heading: string) => tableRows(section(EMBEDDING, heading)).flatMap(([cell]) => codes(cell!));
  const { attributes = [], members = [], events = [] } = names.element;
  const camelCase = (name: string) => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  const methods = rowsOf("Methods and events").filter((name) => name.includes("(")).map((name) =>
    name.replace(/\(.*/, "")
  );
  const listed = rowsOf("Attributes and properties");
  assertEquals(attributes.filter((name) => !listed.includes(name)), []);
  assertEquals([...listed.map(camelCase), ...methods].toSorted(), members.toSorted());
  assertEquals(rowsOf("Methods and events").filter((name) => !name.includes("(")).toSorted(), events.toSorted());
});

Deno.test("the pages name custom properties, parts and events of the element that exist", () => {
  const { cssProperties = [], cssParts = [], events = [] } = names.element;
  for (const { name } of Deno.readDirSync(new URL("docs/", ROOT))) {
    if (!name.endsWith(".md")) continue;
    const text = read(`docs/${name}`);
    for (const [property] of text.matchAll(/--chat-stream-[a-z-]+/g)) {
      assert(cssProperties.includes(property), property);
    }
    for (const [, part] of text.matchAll(/::part\(([a-z-]+)\)/g)) assert(cssParts.includes(part!), part);
    for (const [, event] of text.matchAll(/addEventListener\("(chat-[a-z-]+)"/g)) {
      assert(events.includes(event!), event);
    }
  }
});

Deno.test("docs/protocol.md lists each type of error with its status", () => {
  const listed = tableRows(section(read("docs/protocol.md"), "Errors")).flatMap(([types, statuses]) => {
    const codesOf = [...statuses!.matchAll(/\d{3}/g)].map(([status]) => Number(status));
    return codes(types!).map((type) => [type, codesOf]);
  });
  const wanted = Object.entries(names.errorTypes).filter(([type]) => type !== "ClientLeft");
  assertEquals(listed.map(([type]) => type).toSorted(), wanted.map(([type]) => type).toSorted());
  for (const [type, statuses] of listed) {
    assert((statuses as number[]).includes(names.errorTypes[type as string]!), `${type} has its status`);
  }
});

Deno.test("docs/architecture.md lists every folder of the sources", () => {
  const listed = new Set(tableRows(read("docs/architecture.md")).flatMap(([cell]) => codes(cell!)));
  const roots = ["config/", "routes/", "runs/", "upstream/", "protocol/", "components/"];
  const rooms = roots.flatMap((root) =>
    [...Deno.readDirSync(new URL(root, ROOT))].filter(({ isDirectory }) => isDirectory).map(({ name }) =>
      `${root}${name}/`
    )
  );
  assertEquals([...roots, ...rooms].filter((folder) => !listed.has(folder)), []);
});

Deno.test("docs/reliability.md and the tests name the same faults", () => {
  const listed = tableRows(read("docs/reliability.md"));
  const rows = new Map(listed.filter(([id]) => /^[FR]\d\d$/.test(id!)).map(([id, , outcome]) => [id!, outcome!]));
  const tested = new Set<string>();
  for (const path of sourcesBelow("tests/")) for (const [id] of read(path).matchAll(/\b[FR]\d\d\b/g)) tested.add(id);
  assert(rows.size > 50);
  assertEquals([...tested].filter((id) => !rows.has(id)), []);
  const untested = [...rows].filter(([id, outcome]) => !tested.has(id) && !outcome.startsWith("does not apply"));
  assertEquals(untested.map(([id]) => id), []);
});

Deno.test("README.md and CONTRIBUTING.md start the version of Deno that .ci/run wants", () => {
  const [, wanted] = /^deno_version=(.+)$/m.exec(read(".ci/run"))!;
  const named = [README, read("CONTRIBUTING.md")].flatMap((text) =>
    [...text.matchAll(/\bdeno@([\d.]+)/g)].map(([, version]) => version!)
  );
  assert(named.length > 2);
  assertEquals(named.filter((version) => version !== wanted), []);
});

Deno.test("docs/protocol.md names every field of a request, and every route has a page", () => {
  const protocol = read("docs/protocol.md");
  const fields = [...section(protocol, "The request").matchAll(/`(\w+)`/g)].map(([, name]) => name!);
  const declared = /interface ChatRequest \{(.*?)^\}/ms.exec(read("protocol/chat_request.ts"))?.[1] ?? "";
  const known = [...declared.matchAll(/^ {2}readonly (\w+)/gm)].map(([, name]) => name!);
  assert(known.length > 15);
  assertEquals(known.filter((name) => !fields.includes(name)), []);
  const routes = [...read("routes/app.ts").matchAll(/^ {4}"(\/api\/[\w-]+|\/\w+)": /gm)].map(([, path]) => path!);
  assert(routes.length > 5);
  assertEquals(routes.filter((path) => !read("docs/compatibility.md").includes(`\`${path}\``)), []);
});

Deno.test("docs/providers.md has a row for each key of the configuration file", () => {
  const listed = tableRows(read("docs/providers.md")).flatMap(([cell]) => codes(cell!));
  const known = propertiesIn(JSON.parse(read("docs/chat-stream.config.schema.json")));
  const shown = new Set([...listed, "$schema", "providers", "defaultModel", "fallbacks"]);
  assert(known.size > 15);
  assertEquals([...known].filter((name) => !shown.has(name)), []);
});

/** The names of all properties in a JSON Schema. */
function propertiesIn(schema: unknown): Set<string> {
  if (typeof schema !== "object" || schema === null) return new Set();
  const own = "properties" in schema ? Object.keys(schema.properties as object) : [];
  return new Set([...own, ...Object.values(schema).flatMap((value) => [...propertiesIn(value)])]);
}

/** The TypeScript files below a folder. */
function sourcesBelow(folder: string): string[] {
  return [...Deno.readDirSync(new URL(folder, ROOT))].flatMap(({ name, isDirectory }) =>
    isDirectory ? sourcesBelow(`${folder}${name}/`) : name.endsWith(".ts") ? [`${folder}${name}`] : []
  );
}
