/**
 * Turns URLs and e-mail addresses in text into links.
 * @see https://github.github.com/gfm/#autolinks-extension-
 * @module
 */
import type { Inline, Inlines } from "./markdown_nodes.ts";

const ADDRESS =
  /(^|[\s*_~(<"'\u2014>])((?:https?:\/\/|www\.)[a-z\d][^\s<\udb80-\udbff]{0,2000})|(?<![\w.+/-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+/gi;

/** Replaces each URL in the text of `nodes` with a link. Links themselves are not searched. */
export function linkAddresses(content: Inlines): Inline[] {
  return content.flatMap((inline): Inline[] => {
    if (typeof inline === "string") return linkText(inline);
    if (inline.type !== "em" && inline.type !== "strong" && inline.type !== "del") return [inline];
    return [{ ...inline, content: linkAddresses(inline.content) }];
  });
}

function linkText(text: string): Inline[] {
  if (!/[@:]|www\./i.test(text)) return [text];
  const nodes: Inline[] = [];
  let at = 0;
  const add = (start: number, written: string, url: string) => {
    if (start > at) nodes.push(text.slice(at, start));
    nodes.push({ type: "link", url, title: "", content: [written] });
    at = start + written.length;
  };
  for (const match of text.matchAll(ADDRESS)) {
    const [whole, before = "", address] = match;
    if (address === undefined) {
      if (!/[-_]$/.test(whole) && text[match.index + whole.length] !== "@") add(match.index, whole, `mailto:${whole}`);
      continue;
    }
    const written = trimAddress(address);
    add(match.index + before.length, written, /^www\./i.test(written) ? `http://${written}` : written);
  }
  if (at < text.length) nodes.push(text.slice(at));
  return nodes;
}

/** Removes from the end of a URL what belongs to the sentence: punctuation and unbalanced parentheses. */
function trimAddress(address: string): string {
  for (;;) {
    const trimmed = address.replace(/(?:[?!.,:*_~'"]|&\w+;)$/, "");
    const isOpened = count(trimmed, "(") >= count(trimmed, ")");
    const next = trimmed.endsWith(")") && !isOpened ? trimmed.slice(0, -1) : trimmed;
    if (next === address) return address;
    address = next;
  }
}

function count(text: string, char: string): number {
  return text.split(char).length - 1;
}
