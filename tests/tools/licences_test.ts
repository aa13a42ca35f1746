/** Tests what is shipped: which packages, under which licences, and that none runs a script when it is installed. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import denoConfig from "../../deno.json" with { type: "json" };
import { formatNotices, isAllowed, listPackages, toCycloneDX } from "../../tools/licences.ts";

const packages = await listPackages();
const names = packages.map(({ name }) => name);

Deno.test("listPackages finds the packages of the server and of the browser, and those that they import", () => {
  for (const name of ["openai", "jose", "valibot", "lit", "lit-html"]) assert(names.includes(name), name);
});

Deno.test("no package that deno.json gives to tests, tools or measurements reaches the program", () => {
  const others = Object.values(denoConfig.scopes).flatMap((scope) => Object.keys(scope));
  assert(others.includes("playwright-core"));
  assertEquals(names.filter((name) => others.includes(name)), []);
});

Deno.test("every package that is shipped has an allowed licence", () => {
  assertEquals(packages.filter((one) => !isAllowed(one)).map(({ name, licence }) => [name, licence]), []);
  assert(!isAllowed({ ...packages[0]!, licence: "GPL-3.0-only" }));
  assert(!isAllowed({ ...packages[0]!, licence: "unknown" }));
});

Deno.test("no package that is shipped has an install script, and deno.json allows none to run", () => {
  assertEquals(packages.filter(({ installScripts }) => installScripts.length > 0).map(({ name }) => name), []);
  assert(!("allowScripts" in denoConfig));
});

Deno.test("formatNotices has the licence text of every package", () => {
  const notices = formatNotices(packages);
  for (const { name, version, text } of packages) {
    assertStringIncludes(notices, `${name} ${version} (`);
    assertStringIncludes(notices, text.trim());
  }
});

Deno.test("toCycloneDX lists every package once, and its dependencies are packages of the list", () => {
  const document = JSON.parse(JSON.stringify(toCycloneDX(packages, "1.2.3")));
  assertEquals(document.components.map(({ name }: { name: string }) => name), names);
  const known = new Set(["chat-stream", ...document.components.map((one: { "bom-ref": string }) => one["bom-ref"])]);
  for (const { ref, dependsOn } of document.dependencies) {
    assertEquals([ref, ...dependsOn].filter((id) => !known.has(id)), []);
  }
  const scoped = document.components.find(({ name }: { name: string }) => name === "@lit/reactive-element");
  assertStringIncludes(scoped.purl, "pkg:npm/%40lit/reactive-element@");
  assertEquals(document.metadata.component.version, "1.2.3");
});
