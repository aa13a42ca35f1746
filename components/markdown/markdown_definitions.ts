/**
 * Parses the definitions at the start of a paragraph: of references, and of footnotes.
 * @see https://spec.commonmark.org/0.31.2/#link-reference-definitions
 * @module
 */
import { matchAt, readDestination, readTitle, skipSpaces } from "./markdown_destination.ts";
import { type Definitions, normalizeLabel } from "./markdown_nodes.ts";

/** A footnote: its label and the lines of its text. */
export interface FootnoteText {
  readonly label: string;
  readonly lines: string[];
}

const DEFINITION = /\[((?:\\[^]|[^\\[\]]){1,999})\]:/y;
const FOOTNOTE = /^\[\^([^\s[\]]{1,50})\]:[ \t]*(.*)$/;

/** Takes the definitions from the lines of a paragraph. Those of references are added to `definitions`. */
export function takeDefinitions(
  lines: readonly string[],
  definitions: Definitions,
): { readonly footnotes: readonly FootnoteText[]; readonly rest: readonly string[] } {
  const rest = takeReferences(lines, definitions);
  const footnotes: FootnoteText[] = [];
  for (const line of rest) {
    const [, label, text = ""] = FOOTNOTE.exec(line) ?? [];
    if (label !== undefined) footnotes.push({ label, lines: [text] });
    // A line without a label continues the footnote above.
    else if (footnotes.length > 0) footnotes.at(-1)?.lines.push(line);
    else return { footnotes, rest };
  }
  return { footnotes, rest: [] };
}

function takeReferences(lines: readonly string[], definitions: Definitions): readonly string[] {
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
