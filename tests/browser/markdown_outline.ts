/**
 * What the browser tests of Markdown look at: the shape of rendered text, and whether anything in it could do harm.
 * @module
 */

/** Elements between which white space means nothing. */
const BLOCKS = new Set(
  "p h ul ol li blockquote pre hr table thead tbody tr th td br div".split(" "),
);
const KEPT_ATTRIBUTES = ["href", "title", "src", "alt", "start", "align", "checked"];

/**
 * The shape of what is inside `root`, so that two renderings can be compared: elements with the attributes that mean
 * something and text as a reader sees it. Headings count as headings of any level, and what is only a frame of ours
 * (the head of a code block, the box in which a table scrolls) does not count.
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
  if (element.classList.contains("code-head") || element.localName === "wbr") return "";
  const tag = /^h\d$/.test(element.localName) ? "h" : element.localName;
  const edge = BLOCKS.has(tag) ? "\u2063" : "";
  if (tag === "div") return edge + write(element, isCode) + edge;
  const attributes = KEPT_ATTRIBUTES.filter((name) => element.hasAttribute(name)).map((name) =>
    ` ${name}=${JSON.stringify(element.getAttribute(name))}`
  ).join("");
  // In code that stands in a line, white space is like any other.
  const text = write(element, isCode || tag === "pre");
  const inner = tag !== "code" ? text : isCode ? text.replace(/\u21b5$/, "") : text.trim();
  return `${edge}<${tag}${attributes}>${edge}${inner}${edge}</${tag}>${edge}`;
}

/** Each element that Markdown may make, with the attributes that it may have. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  div: ["class", "dir", "tabindex", "role", "aria-label"],
  p: ["class", "dir"],
  ...Object.fromEntries(["h2", "h3", "h4", "h5", "h6", "ul", "blockquote"].map((tag) => [tag, ["dir"]])),
  ol: ["dir", "start"],
  li: ["class"],
  input: ["type", "disabled", "checked", "aria-label"],
  pre: ["tabindex", "role", "aria-label"],
  code: ["class"],
  span: ["class"],
  button: ["type", "class"],
  ...Object.fromEntries(
    ["table", "thead", "tbody", "tr", "hr", "br", "wbr", "strong", "em", "del"].map((tag) => [tag, []]),
  ),
  th: ["scope", "dir", "align"],
  td: ["dir", "align"],
  a: ["href", "title", "rel", "target", "data-host"],
  img: ["src", "alt", "title", "loading", "decoding", "referrerpolicy"],
};
const LINK_SCHEMES = ["http:", "https:", "mailto:", "tel:"];

/** What could do harm inside `root`: elements, attributes and addresses that no text may bring into the page. */
export function findHarm(root: ParentNode): string[] {
  return [...root.querySelectorAll("*")].flatMap((element) => [
    ...element.getAttributeNames()
      .filter((name) => !ALLOWED[element.localName]?.includes(name))
      .map((name) => `attribute ${name} of ${element.localName}`),
    ...ALLOWED[element.localName] === undefined ? [`element ${element.localName}`] : [],
    ...element instanceof HTMLAnchorElement ? findBadLink(element) : [],
    ...element instanceof HTMLImageElement ? findBadImage(element) : [],
  ]);
}

function findBadLink(link: HTMLAnchorElement): string[] {
  if (!link.hasAttribute("href")) return [];
  const faults = [];
  if (!LINK_SCHEMES.includes(link.protocol)) faults.push(`link to ${link.href}`);
  if (!link.relList.contains("noopener") || !link.relList.contains("noreferrer")) faults.push("link without rel");
  // deno-lint-ignore no-control-regex
  if (/[\u0000-\u001f\u202a-\u202e\u2066-\u2069]/.test(link.getAttribute("href") ?? "")) faults.push("deceptive link");
  return faults;
}

function findBadImage(image: HTMLImageElement): string[] {
  const { protocol, origin, href } = new URL(image.src);
  const isRaster = /^data:image\/(?:png|jpeg|gif|webp|avif)[;,]/i.test(href);
  return isRaster || (protocol !== "data:" && origin === location.origin) ? [] : [`image from ${href.slice(0, 100)}`];
}
