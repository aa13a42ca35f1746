/**
 * Prints the changelog's section of a version, as the text of its release:
 * `deno run --allow-read tools/release/release_notes.ts v0.1.0`. It fails where the tag, `deno.json` and `CHANGELOG.md` do
 * not name the same version, so that a wrong tag releases nothing.
 * @module
 */
import denoConfig from "../../deno.json" with { type: "json" };

/**
 * The section of a version.
 * @param tag the version with a `v` before it
 * @param version the version in `deno.json`
 * @throws {Error} when they differ, or there is no such section, or it is empty
 */
export function releaseNotes(tag: string, version: string, changelog: string): string {
  if (tag !== `v${version}`) throw new Error(`The tag is ${tag}, and deno.json has the version ${version}`);
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find((text) => text.split(/[\s,]/, 1)[0] === version);
  if (section === undefined) throw new Error(`CHANGELOG.md has no section ${version}: rename "Unreleased"`);
  const notes = section.slice(section.indexOf("\n")).trim();
  if (notes === "") throw new Error(`The section ${version} of CHANGELOG.md is empty`);
  return notes;
}

if (import.meta.main) {
  const changelog = await Deno.readTextFile(new URL("../../CHANGELOG.md", import.meta.url));
  try {
    console.log(releaseNotes(Deno.args[0] ?? "", denoConfig.version, changelog));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}
