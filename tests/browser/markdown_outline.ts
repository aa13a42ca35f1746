/**
 * Inspects rendered Markdown for the browser tests: its structure, and anything in it that could do harm.
 * @module
 */

/** Elements between which white space is not significant. */
const BLOCKS = new Set(
  "p h ul ol li blockquote pre hr table thead tbody tr th td br div".split(" "),
);
/** The number of the document in a link to a note. */
const NOTE_ID = /^#(note-|source-)\d+-/;
const KEPT_ATTRIBUTES = ["href", "title", "src", "alt", "start", "align", "checked"];

/**
 * The structure inside `root`, to compare two renderings: elements with their significant attributes, and visible text.
 * Headings of all levels count as equal. What we add (the head of a code block, the scroll box and the column widths of a
 * table) is left out.
 */
export function outline(root: Node): string {
  return write(root, false).replace(/\s+/g, " ").replace(/ ?\u2063 ?/g, "").trim();
}

function write(parent: Node, isCode: boolean): string {
  return [...parent.childNodes].map((node) => {
    if (node instanceof Text) {
      return isCode ? node.data.replaceAll("\n", "\u21b5").replaceAll(" ", "\u00b7") : node.data;
    }
    return node instanceof Element ? writeElement(node, isCode) : "";
  }).join("");
}

function writeElement(element: Element, isCode: boolean): string {
  if (element.classList.contains("code-head") || ["wbr", "colgroup"].includes(element.localName)) return "";
  const tag = /^h\d$/.test(element.localName) ? "h" : element.localName;
  const edge = BLOCKS.has(tag) ? "\u2063" : "";
  if (tag === "div") return edge + write(element, isCode) + edge;
  const attributes = KEPT_ATTRIBUTES.filter((name) => element.hasAttribute(name)).map((name) =>
    ` ${name}=${JSON.stringify(element.getAttribute(name)?.replace(NOTE_ID, "#$1"))}`
  ).join("");
  // Inline code collapses white space like other text.
  const text = write(element, isCode || tag === "pre");
  const inner = tag !== "code" ? text : isCode ? text.replace(/\u21b5$/, "") : text.trim();
  return `${edge}<${tag}${attributes}>${edge}${inner}${edge}</${tag}>${edge}`;
}

/** The elements that Markdown may create, with their allowed attributes. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  div: ["class", "dir", "tabindex", "role", "aria-label"],
  p: ["class", "dir"],
  ...Object.fromEntries(["h2", "h3", "h4", "h5", "h6", "ul", "blockquote"].map((tag) => [tag, ["dir"]])),
  ol: ["dir", "start"],
  li: ["class", "id", "value", "tabindex", "dir"],
  input: ["type", "disabled", "checked", "aria-label"],
  pre: ["tabindex", "role", "aria-label"],
  code: ["class"],
  span: ["class", "id", "tabindex", "dir", "aria-hidden"],
  button: ["type", "class", "title", "aria-label", "aria-pressed"],
  svg: ["viewBox", "aria-hidden"],
  path: ["d"],
  sup: ["class"],
  section: ["class", "role", "aria-label"],
  details: ["open"],
  summary: ["class"],
  ...Object.fromEntries(
    ["table", "colgroup", "thead", "tbody", "tr", "hr", "br", "wbr", "strong", "em", "del"].map((tag) => [tag, []]),
  ),
  col: ["width"],
  th: ["scope", "align"],
  td: ["align"],
  a: ["class", "id", "role", "href", "title", "rel", "target", "data-host", "aria-label"],
  img: ["src", "alt", "title", "loading", "decoding", "referrerpolicy"],
};
/** The elements of formulas. Their names are those of MathML Core and some older ones, which render as text. */
const MATH_ELEMENT =
  /^(?:math|semantics|annotation|none|m(?:enclose|frac|i|multiscripts|n|o|over|padded|phantom|prescripts|root|row|s|space|sqrt|style|sub|subsup|sup|table|td|text|tr|under|underover))$/;
const HARMFUL_ATTRIBUTE = /^on|href|src|action|^id$/i;
const LINK_SCHEMES = ["http:", "https:", "mailto:", "tel:"];

/** Finds what could do harm inside `root`: elements, attributes and URLs that no text may bring into the page. */
export function findHarm(root: ParentNode): string[] {
  return [...root.querySelectorAll("*")].flatMap((element) =>
    element.namespaceURI?.endsWith("MathML") ? findBadMath(element) : [
      ...element.getAttributeNames()
        .filter((name) => !ALLOWED[element.localName]?.includes(name))
        .map((name) => `attribute ${name} of ${element.localName}`),
      ...ALLOWED[element.localName] === undefined ? [`element ${element.localName}`] : [],
      ...element instanceof HTMLAnchorElement ? findBadLink(element) : [],
      ...element instanceof HTMLImageElement ? findBadImage(element) : [],
    ]
  );
}

function findBadMath(element: Element): string[] {
  const names = element.getAttributeNames().filter((name) => HARMFUL_ATTRIBUTE.test(name));
  return [
    ...MATH_ELEMENT.test(element.localName) ? [] : [`element ${element.localName} in a formula`],
    ...names.map((name) => `attribute ${name} of ${element.localName}`),
    ...element.getAttribute("style")?.includes("url(") ? [`style of ${element.localName}`] : [],
  ];
}

function findBadLink(link: HTMLAnchorElement): string[] {
  if (!link.hasAttribute("href")) return [];
  if (link.role?.startsWith("doc-") && link.getAttribute("href")?.startsWith("#")) return [];
  const faults = [];
  if (!LINK_SCHEMES.includes(link.protocol)) faults.push(`link to ${link.href}`);
  if (!link.relList.contains("noopener") || !link.relList.contains("noreferrer")) faults.push("link without rel");
  // deno-lint-ignore no-control-regex
  if (/[\u0000-\u001f\u202a-\u202e\u2066-\u2069]/.test(link.getAttribute("href") ?? "")) faults.push("deceptive link");
  return faults;
}

function findBadImage(image: HTMLImageElement): string[] {
  const isRaster = /^data:image\/(?:png|jpeg|gif|webp|avif)[;,]/i.test(image.src);
  const isOwnBlob = image.src.startsWith(`blob:${location.origin}/`);
  return isRaster || isOwnBlob ? [] : [`image from ${image.src.slice(0, 100)}`];
}
