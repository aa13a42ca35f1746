/** Tests the text of a release, and what stops one. */
import { assertEquals, assertThrows } from "@std/assert";
import { releaseNotes } from "../../../tools/release/release_notes.ts";

const CHANGELOG = `# Changelog

## Unreleased

- Later.

## 1.2.0, 3 March 2027

### Server

- New.

## 1.1.0

- Old.

## 1.0.0
`;

Deno.test("releaseNotes returns the section of the version, without its heading", () => {
  assertEquals(releaseNotes("v1.2.0", "1.2.0", CHANGELOG), "### Server\n\n- New.");
  assertEquals(releaseNotes("v1.1.0", "1.1.0", CHANGELOG), "- Old.");
});

Deno.test("releaseNotes throws when tag, version and changelog do not fit together", () => {
  for (
    const [tag, version, message] of [
      ["v1.2.0", "1.2.1", "The tag is v1.2.0, and deno.json has the version 1.2.1"],
      ["1.2.0", "1.2.0", "The tag is 1.2.0"],
      ["v1.2", "1.2", "no section 1.2"],
      ["v1.0.0", "1.0.0", "is empty"],
    ] as const
  ) assertThrows(() => releaseNotes(tag, version, CHANGELOG), Error, message);
});
