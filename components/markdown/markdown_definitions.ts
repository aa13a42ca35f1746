/**
 * Parses the definitions of references at the start of a paragraph.
 * @see https://spec.commonmark.org/0.31.2/#link-reference-definitions
 * @module
 */
import { matchAt, readDestination, readTitle, skipSpaces } from "./markdown_destination.ts";
import { type Definitions, normalizeLabel } from "./markdown_nodes.ts";

const DEFINITION = /\[((?:\\[^]|[^\\[\]]){1,999})\]:/y;

/** Adds the definitions at the start of a paragraph to `definitions`. Returns the lines after them. */
export function takeDefinitions(lines: readonly string[], definitions: Definitions): readonly string[] {
  if (!lines[0]?.startsWith("[")) return lines;
  const text = lines.join("\n");
  let at = 0;
  for (let end: number | undefined = 0; end !== undefined; end = readDefinition(text, at, definitions)) at = end;
  return at === 0 ? lines : at >= text.length ? [] : text.slice(at).split("\n");
}

/** Parses the definition at `at`. Returns the start of the next line, or undefined if there is no definition. */
function readDefinition(text: string, at: number, definitions: Definitions): number | undefined {
  const [written, label = ""] = matchAt(DEFINITION, text, at) ?? [];
  if (written === undefined || label.trim() === "" || label.startsWith("^")) return undefined;
  const destination = readDestination(text, skipSpaces(text, at + written.length));
  if (destination === undefined || destination.end === skipSpaces(text, at + written.length)) return undefined;
  const titleStart = skipSpaces(text, destination.end);
  const title = titleStart > destination.end ? readTitle(text, titleStart) : undefined;
  const titled = title && lineEnd(text, title.end);
  const end = titled ?? lineEnd(text, destination.end);
  if (end === undefined) return undefined;
  const name = normalizeLabel(label);
  const definition = { url: destination.value, title: titled === undefined ? "" : title?.value ?? "" };
  if (!definitions.has(name)) definitions.set(name, definition);
  return end;
}

/** Returns the start of the next line if only white space is left in this one. */
function lineEnd(text: string, at: number): number | undefined {
  const [spaces] = matchAt(/[ \t]*(?:\n|$)/y, text, at) ?? [];
  return spaces === undefined ? undefined : at + spaces.length;
}
