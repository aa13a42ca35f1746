/**
 * Parses inline Markdown as CommonMark and GFM define it: emphasis, code, links, images, line breaks and URLs in text; also
 * formulas and references to footnotes.
 *
 * Time is linear in the text, up to bounded factors: openers are kept on stacks, and a failed search is not repeated.
 * @see https://spec.commonmark.org/0.31.2/#appendix-a-parsing-strategy
 * @module
 */
import { linkAddresses } from "./markdown_autolinks.ts";
import { matchAt, readDestination, readTitle, skipSpaces } from "./markdown_destination.ts";
import { decodeEntities } from "./markdown_entities.ts";
import { readMath } from "./markdown_math.ts";
import { type Definitions, type Inline, type Inlines, normalizeLabel, plainText } from "./markdown_nodes.ts";

/** The maximum depth of elements. Deeper marks stay text. */
const MAX_DEPTH = 16;
/** The maximum length of a reference's label, in UTF-16 code units. */
const MAX_LABEL_CHARS = 999;

/** A part of the parsed text. If its marks become elements, its text is shortened or emptied. */
interface Part {
  inline: Inline;
  next: Part | undefined;
}

/** A run of marks that may open or close emphasis. */
interface Delimiter {
  readonly part: Part;
  readonly mark: string;
  readonly length: number;
  readonly canOpen: boolean;
  readonly canClose: boolean;
  /** The number of marks that no element has used. */
  left: number;
  /** The depth of the elements between this run and the one above. */
  depth: number;
  below: Delimiter | undefined;
  above: Delimiter | undefined;
}

/** A bracket that may open a link or an image. */
interface Bracket {
  readonly isImage: boolean;
  readonly part: Part;
  /** The last delimiter before it. */
  readonly delimiter: Delimiter | undefined;
  /** The index of its text. */
  readonly textStart: number;
}

const TEXT = /[^\\`*_~[\]!<&\n$]+/y;
const ENTITY = /&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[a-zA-Z]\w{1,31});/y;
const AUTOLINK = /<([a-zA-Z][a-zA-Z\d+.-]{1,31}:[^\s<>]*)>/y;
const AUTOLINK_EMAIL =
  /<([\w.!#$%&'*+/=?^`{|}~-]+@[a-zA-Z\d](?:[a-zA-Z\d-]{0,61}[a-zA-Z\d])?(?:\.[a-zA-Z\d](?:[a-zA-Z\d-]{0,61}[a-zA-Z\d])?)*)>/y;
/** A raw HTML tag. It is shown as text, without markup inside. */
const TAG =
  /<(?:\/[a-zA-Z][\w-]*\s*|[a-zA-Z][\w-]*(?:\s+[a-zA-Z_:][\w.:-]*(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+))?)*\s*\/?)>/y;
const FOOTNOTE_LABEL = /^\^([^\s[\]]{1,50})$/;
const SPACE = /\s|^$/;
/** Marks of citations are private characters, and stand where punctuation may. */
const PUNCTUATION = /[\p{P}\p{S}\p{Co}]/u;

/** Parses inline Markdown. */
export function parseInline(text: string, definitions: Definitions): Inlines {
  return new InlineParser(text, definitions).parse();
}

class InlineParser {
  readonly #text: string;
  readonly #definitions: Definitions;
  readonly #first: Part = { inline: "", next: undefined };
  #last: Part = this.#first;
  #topDelimiter: Delimiter | undefined;
  readonly #brackets: Bracket[] = [];
  /** The number of brackets that already contain a link: links do not nest. */
  #inactiveBrackets = 0;
  /** The indices of backtick runs by their length, last first. Those behind the parser are removed. */
  #backticks: Map<number, number[]> | undefined;
  readonly #unclosedMath = new Set<string>();
  #at = 0;

  constructor(text: string, definitions: Definitions) {
    this.#text = text;
    this.#definitions = definitions;
  }

  parse(): Inlines {
    while (this.#at < this.#text.length) this.#step();
    this.#resolveEmphasis(undefined);
    return linkAddresses(join(this.#first.next, undefined));
  }

  #step(): void {
    const char = this.#text[this.#at] ?? "";
    switch (char) {
      case "\\":
        return this.#escape();
      case "$":
        return this.#math() ? undefined : this.#take("$");
      case "`":
        return this.#code();
      case "*":
      case "_":
      case "~":
        return this.#delimiter(char);
      case "[":
        return this.#openBracket(false, "[");
      case "!":
        return this.#text[this.#at + 1] === "[" ? this.#openBracket(true, "![") : this.#take("!");
      case "]":
        return this.#closeBracket();
      case "<":
        return this.#angle();
      case "&":
        return this.#take(matchAt(ENTITY, this.#text, this.#at)?.[0] ?? "&", decodeEntities);
      case "\n":
        return this.#lineEnd();
      default:
        return this.#take(matchAt(TEXT, this.#text, this.#at)?.[0] ?? char);
    }
  }

  /** Parses the construct at the current index. */
  #take(written: string, decode: (text: string) => Inline = (text) => text): void {
    this.#add(decode(written));
    this.#at += written.length;
  }

  #add(inline: Inline): Part {
    const part = { inline, next: undefined };
    this.#last.next = part;
    return this.#last = part;
  }

  /** Parses a formula. Returns false if there is none at the current index. */
  #math(): boolean {
    const math = readMath(this.#text, this.#at, this.#unclosedMath);
    if (math === undefined) return false;
    const { tex, isDisplay, end } = math;
    this.#add({ type: "math", tex, isDisplay });
    this.#at = end;
    return true;
  }

  #escape(): void {
    if (this.#math()) return;
    const next = this.#text[this.#at + 1] ?? "";
    if (next === "\n") {
      this.#add({ type: "break" });
      this.#skipLineEnd(this.#at + 1);
    } else if (/[!-/:-@[-`{-~]/.test(next)) this.#take(`\\${next}`, () => next);
    else this.#take("\\");
  }

  #lineEnd(): void {
    const last = this.#last;
    if (typeof last.inline === "string") {
      const isBreak = last.inline.endsWith("  ");
      last.inline = last.inline.trimEnd();
      this.#add(isBreak ? { type: "break" } : "\n");
    } else this.#add("\n");
    this.#skipLineEnd(this.#at);
  }

  #skipLineEnd(at: number): void {
    this.#at = at + 1;
    while (this.#text[this.#at] === " " || this.#text[this.#at] === "\t") this.#at++;
  }

  #code(): void {
    const length = runLength(this.#text, this.#at);
    const start = this.#at + length;
    this.#backticks ??= findBackticks(this.#text);
    const runs = this.#backticks.get(length) ?? [];
    while ((runs.at(-1) ?? start) < start) runs.pop();
    const close = runs.at(-1);
    if (close === undefined) return this.#take("`".repeat(length));
    const code = this.#text.slice(start, close).replaceAll("\n", " ");
    const isPadded = code.startsWith(" ") && code.endsWith(" ") && code.trim() !== "";
    this.#add({ type: "code", text: isPadded ? code.slice(1, -1) : code });
    this.#at = close + length;
  }

  #angle(): void {
    const [link, url] = matchAt(AUTOLINK, this.#text, this.#at) ?? [];
    if (link !== undefined) {
      return this.#take(link, () => ({ type: "link", url: url ?? "", title: "", content: [url ?? ""] }));
    }
    const [mail, address] = matchAt(AUTOLINK_EMAIL, this.#text, this.#at) ?? [];
    if (mail !== undefined) {
      return this.#take(mail, () => ({ type: "link", url: `mailto:${address}`, title: "", content: [address ?? ""] }));
    }
    this.#take(matchAt(TAG, this.#text, this.#at)?.[0] ?? "<");
  }

  #delimiter(mark: string): void {
    const length = runLength(this.#text, this.#at);
    const run = mark.repeat(length);
    const before = codePointBefore(this.#text, this.#at);
    const after = String.fromCodePoint(this.#text.codePointAt(this.#at + length) ?? 32);
    const leftFlanking = !SPACE.test(after) &&
      (!PUNCTUATION.test(after) || SPACE.test(before) || PUNCTUATION.test(before));
    const rightFlanking = !SPACE.test(before) &&
      (!PUNCTUATION.test(before) || SPACE.test(after) || PUNCTUATION.test(after));
    const isUnderscore = mark === "_";
    const canOpen = leftFlanking && (!isUnderscore || !rightFlanking || PUNCTUATION.test(before));
    const canClose = rightFlanking && (!isUnderscore || !leftFlanking || PUNCTUATION.test(after));
    const part = this.#add(run);
    this.#at += length;
    if (mark === "~" && length > 2) return;
    if (!canOpen && !canClose) return;
    const below = this.#topDelimiter;
    this.#topDelimiter = { part, mark, length, canOpen, canClose, left: length, depth: 0, below, above: undefined };
    if (below !== undefined) below.above = this.#topDelimiter;
  }

  /** Turns the delimiters above `bottom` into emphasis and removes them from the stack. */
  #resolveEmphasis(bottom: Delimiter | undefined): void {
    /** Where the search for an opener may stop, by the kind of closer that found none. */
    const floors = new Map<string, Delimiter | undefined>();
    let closer = this.#topDelimiter;
    while (closer !== undefined && closer !== bottom && closer.below !== bottom) closer = closer.below;
    if (closer === bottom) return;
    while (closer !== undefined) {
      const key = `${closer.mark}${closer.canOpen}${closer.mark === "~" ? closer.length : closer.length % 3}`;
      const floor = floors.has(key) ? floors.get(key) : bottom;
      let opener = closer.canClose ? closer.below : undefined;
      while (opener !== undefined && opener !== floor && opener !== bottom && !matches(opener, closer)) {
        opener = opener.below;
      }
      if (opener !== undefined && opener !== floor && opener !== bottom) {
        this.#wrap(opener, closer);
        if (closer.left > 0) continue;
      } else if (closer.canClose) floors.set(key, closer.below);
      const next: Delimiter | undefined = closer.above;
      if (closer.left === 0) this.#forget(closer);
      closer = next;
    }
    while (this.#topDelimiter !== bottom && this.#topDelimiter !== undefined) this.#forget(this.#topDelimiter);
  }

  /** Wraps what is between the two in an element, unless it would nest too deep. */
  #wrap(opener: Delimiter, closer: Delimiter): void {
    while (closer.below !== undefined && closer.below !== opener) this.#forget(closer.below);
    const used = opener.mark === "~" ? opener.left : opener.left >= 2 && closer.left >= 2 ? 2 : 1;
    opener.left -= used;
    closer.left -= used;
    if (opener.depth < MAX_DEPTH) {
      opener.depth++;
      const type = opener.mark === "~" ? "del" : used === 2 ? "strong" : "em";
      const content = join(opener.part.next, closer.part);
      opener.part.inline = opener.mark.repeat(opener.left);
      closer.part.inline = closer.mark.repeat(closer.left);
      opener.part.next = { inline: { type, content }, next: closer.part };
    }
    if (opener.left === 0) this.#forget(opener);
  }

  /** Removes a delimiter from the stack. Its depth counts for the one below. */
  #forget(delimiter: Delimiter): void {
    const { below, above, depth } = delimiter;
    if (below !== undefined) {
      below.above = above;
      below.depth = Math.max(below.depth, depth);
    }
    if (above !== undefined) above.below = below;
    else this.#topDelimiter = below;
  }

  #openBracket(isImage: boolean, written: string): void {
    const textStart = this.#at + written.length;
    const delimiter = this.#topDelimiter;
    this.#take(written);
    this.#brackets.push({ isImage, part: this.#last, delimiter, textStart });
  }

  #closeBracket(): void {
    const bracket = this.#brackets.pop();
    const outer = this.#brackets.length;
    const isActive = bracket !== undefined && (bracket.isImage || outer >= this.#inactiveBrackets);
    this.#inactiveBrackets = Math.min(this.#inactiveBrackets, outer);
    const target = isActive ? this.#readTarget(bracket, this.#at) : undefined;
    if (bracket === undefined || target === undefined) {
      return bracket?.isImage !== false || !this.#footnote(bracket) ? this.#take("]") : undefined;
    }
    this.#resolveEmphasis(bracket.delimiter);
    const content = join(bracket.part.next, undefined);
    const { url, title, end } = target;
    // The description of an image is plain text, so its elements need not nest.
    if (bracket.isImage) bracket.part.inline = { type: "image", url, title, content: [plainText(content)] };
    else {
      bracket.part.inline = { type: "link", url, title, content };
      this.#inactiveBrackets = outer;
    }
    bracket.part.next = undefined;
    this.#last = bracket.part;
    this.#at = end;
  }

  /** Turns `[^label]` into a reference to a footnote. Returns false if the bracket is none. */
  #footnote({ part, textStart }: Bracket): boolean {
    const label = FOOTNOTE_LABEL.exec(this.#text.slice(textStart, this.#at))?.[1];
    if (label === undefined) return false;
    part.inline = { type: "footnote", label };
    part.next = undefined;
    this.#last = part;
    this.#at++;
    return true;
  }

  /** Returns the destination of a link whose text ends at `end`, from what follows or from a definition. */
  #readTarget(bracket: Bracket, end: number): { url: string; title: string; end: number } | undefined {
    const inline = this.#text[end + 1] === "(" ? this.#readInlineTarget(end + 2) : undefined;
    if (inline !== undefined) return inline;
    const written = this.#text.slice(bracket.textStart, Math.min(end, bracket.textStart + MAX_LABEL_CHARS + 1));
    const [reference, label] = matchAt(REFERENCE, this.#text, end + 1) ?? [];
    if (reference === undefined && /(?<!\\)(?:\\\\)*\[/.test(written)) return undefined;
    const name = label !== undefined && label.trim() !== "" ? label : written;
    if (name.length > MAX_LABEL_CHARS) return undefined;
    const found = this.#definitions.get(normalizeLabel(name));
    return found && { ...found, end: end + 1 + (reference?.length ?? 0) };
  }

  #readInlineTarget(at: number): { url: string; title: string; end: number } | undefined {
    const start = skipSpaces(this.#text, at);
    const destination = readDestination(this.#text, start);
    if (destination === undefined) return undefined;
    let end = skipSpaces(this.#text, destination.end);
    const title = end > destination.end ? readTitle(this.#text, end) : undefined;
    if (title !== undefined) end = skipSpaces(this.#text, title.end);
    return this.#text[end] === ")" ? { url: destination.value, title: title?.value ?? "", end: end + 1 } : undefined;
  }
}

const REFERENCE = /\[((?:\\[^]|[^\\[\]]){0,999})\]/y;

/** True if the opener matches the closer: the same kind, and allowed by the rule of three. */
function matches(opener: Delimiter, closer: Delimiter): boolean {
  if (opener.mark !== closer.mark || !opener.canOpen || opener.left === 0) return false;
  if (opener.mark === "~") return opener.length === closer.length;
  const mayClash = opener.canClose || closer.canOpen;
  return !mayClash || (opener.length + closer.length) % 3 !== 0 || (opener.length % 3 === 0 && closer.length % 3 === 0);
}

/** Returns the nodes from one part up to another, with adjacent texts joined. */
function join(from: Part | undefined, to: Part | undefined): Inline[] {
  const joined: Inline[] = [];
  let text = "";
  for (let part = from; part !== to && part !== undefined; part = part.next) {
    if (typeof part.inline === "string") text += part.inline;
    else {
      if (text !== "") joined.push(text);
      text = "";
      joined.push(part.inline);
    }
  }
  if (text !== "") joined.push(text);
  return joined;
}

function findBackticks(text: string): Map<number, number[]> {
  const runs = new Map<number, number[]>();
  for (const { 0: { length }, index } of [...text.matchAll(/`+/g)].reverse()) {
    const known = runs.get(length);
    if (known === undefined) runs.set(length, [index]);
    else known.push(index);
  }
  return runs;
}

function runLength(text: string, at: number): number {
  let end = at + 1;
  while (text[end] === text[at]) end++;
  return end - at;
}

function codePointBefore(text: string, at: number): string {
  if (at === 0) return " ";
  const last = text[at - 1] ?? " ";
  return /[\udc00-\udfff]/.test(last) ? text.slice(at - 2, at) : last;
}
