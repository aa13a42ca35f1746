/**
 * Renders TeX as MathML, with Temml. Loaded with the first formula.
 *
 * Temml returns a tree. It becomes DOM nodes here: only known elements and attributes, styles by CSSOM, so that a strict
 * Content-Security-Policy holds, and nothing that is too large.
 * @module
 */
import temml from "temml";

/** Longer TeX is shown as it is written. In UTF-16 code units. */
const MAX_TEX_CHARS = 4000;
/** The limits of the rendered formula. */
const MAX_NODES = 8000;
const MAX_DEPTH = 120;
/** How often Temml may replace a macro by its definition. */
const MAX_EXPANSIONS = 1000;
/** The maximum length that TeX may ask for, in em and in points. */
const MAX_LENGTHS: [number, number] = [40, 400];

/** Commands that define macros: a few lines of them describe a formula of any size. */
const DEFINITION =
  /\\(?:[egx]?def|let|futurelet|global|long|(?:new|renew|provide)command|(?:re)?newenvironment|DeclareMathOperator)\b/;
/** Commands that render their argument several times: nested, the costs multiply. */
const MULTIPLYING = /\\(?:cancelto|(?:math)?llap|equilibrium\w+)/g;
const MAX_MULTIPLYING = 3;

const MATHML = "http://www.w3.org/1998/Math/MathML";
const ELEMENTS = new Set(
  ("annotation math menclose merror mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace " +
    "msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover none semantics").split(" "),
);
const ATTRIBUTES = new Set(
  ("accent accentunder columnalign columnspacing depth display displaystyle encoding fence form height largeop " +
    "linethickness lspace mathbackground mathcolor mathsize mathvariant maxsize minsize movablelimits notation " +
    "rowspacing rspace scriptlevel separator stretchy symmetric voffset width").split(" "),
);

/** A node of Temml's tree: an element, a text, or a fragment. */
interface TreeNode {
  readonly type?: unknown;
  readonly text?: unknown;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly classes?: readonly string[];
  readonly style?: Readonly<Record<string, unknown>>;
  readonly children?: readonly TreeNode[];
}

// The typings describe the package's CommonJS build.
const { __renderToMathMLTree: renderToTree } = temml as unknown as {
  __renderToMathMLTree(tex: string, options: Parameters<typeof temml.renderToMathMLTree>[1]): TreeNode;
};

/**
 * Renders a formula. TeX that cannot be rendered is shown as it is written, like code.
 * @returns a new element for each call
 */
export function renderMath(tex: string, isDisplay: boolean): HTMLElement {
  const math = toMathML(tex, isDisplay);
  if (math === undefined) return create("code", "tex-error", tex);
  const element = create("span", isDisplay ? "formula display" : "formula");
  const source = create("span", "tex", isDisplay ? `$$${tex}$$` : `$${tex}$`);
  source.ariaHidden = "true";
  element.append(math, source);
  // The direction of a text is that of its words.
  element.dir = "ltr";
  observer.observe(isDisplay ? element : math);
  return element;
}

function create(name: "code" | "span", className: string, text = ""): HTMLElement {
  const element = document.createElement(name);
  element.className = className;
  element.textContent = text;
  return element;
}

function toMathML(tex: string, isDisplay: boolean): Element | undefined {
  if (tex.length > MAX_TEX_CHARS || DEFINITION.test(tex)) return undefined;
  if ((tex.match(MULTIPLYING)?.length ?? 0) > MAX_MULTIPLYING) return undefined;
  try {
    const tree = renderToTree(tex, {
      displayMode: isDisplay,
      annotate: true,
      throwOnError: true,
      trust: false,
      maxExpand: MAX_EXPANSIONS,
      maxSize: MAX_LENGTHS,
    });
    return new MathBuilder().build(tree, 0) as Element;
  } catch {
    // Not TeX, not supported, too large, or nested too deep for the stack.
    return undefined;
  }
}

/** Whether the visitor has a font with the mathematical alphabets, in which browsers show the letters of formulas. */
const hasMathFont = canShow("\u{1d465}");

/** A glyph that is missing looks like that of a code point that no font has. */
function canShow(char: string): boolean {
  const context = document.createElement("canvas").getContext("2d");
  if (context === null) return true;
  context.font = "40px math, serif";
  const [wanted, missing] = [char, "\u{1fffe}"].map((text) => {
    const { width, actualBoundingBoxAscent, actualBoundingBoxRight } = context.measureText(text);
    return `${width} ${actualBoundingBoxAscent} ${actualBoundingBoxRight}`;
  });
  return wanted !== missing;
}

class MathBuilder {
  #nodes = 0;

  /** Creates the DOM of a tree. @throws {RangeError} when it is too large */
  build(node: TreeNode, depth: number): Node {
    if (++this.#nodes > MAX_NODES || depth > MAX_DEPTH) throw new RangeError("The formula is too large");
    // Without a font for them, letters of a mathematical alphabet would be blank.
    if (typeof node.text === "string") return new Text(hasMathFont ? node.text : node.text.normalize("NFKC"));
    const parent = this.#create(node);
    for (const child of node.children ?? []) parent.appendChild(this.build(child, depth + 1));
    return parent;
  }

  #create({ type, attributes = {}, classes = [], style = {} }: TreeNode): Node {
    if (typeof type !== "string" || !ELEMENTS.has(type)) return document.createDocumentFragment();
    const element = document.createElementNS(MATHML, type) as MathMLElement;
    if (type === "mi" && !hasMathFont && attributes.mathvariant === undefined) element.setAttribute("class", "letter");
    for (const [name, value] of Object.entries(attributes)) {
      if (ATTRIBUTES.has(name)) element.setAttribute(name, String(value));
    }
    const names = classes.filter(Boolean);
    if (names.length > 0) element.classList.add(...names);
    // The styles go through CSSOM, which the policy allows.
    if (typeof attributes.style === "string") element.style.cssText = attributes.style;
    Object.assign(element.style, style);
    return element;
  }
}

/** Lets the keyboard scroll a wide formula. One in a line that is wider than its block gets a line of its own. */
const observer = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const formula = target.closest(".formula");
    const block = formula === target ? target : formula?.closest("p, li, th, td, h2, h3, h4, h5, h6");
    if (!formula || !block) continue;
    const isWide = (formula === target ? target.scrollWidth : target.getBoundingClientRect().width) > block.clientWidth;
    formula.classList.toggle("wide", isWide);
    if (isWide) formula.setAttribute("tabindex", "0");
    else formula.removeAttribute("tabindex");
  }
});

/** A copied selection has TeX in place of formulas: for a moment, only the source can be selected. */
document.addEventListener("copy", (event) => {
  const root = event.composedPath().find((target) => target instanceof ShadowRoot);
  if (root === undefined) return;
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, copyStyles];
  requestAnimationFrame(() => {
    root.adoptedStyleSheets = root.adoptedStyleSheets.filter((sheet) => sheet !== copyStyles);
  });
}, { capture: true });

const copyStyles = sheet(`
  .formula math {
    -webkit-user-select: none;
    user-select: none;
  }
  .formula .tex {
    -webkit-user-select: text;
    user-select: text;
  }
  /* In a line, TeX takes the place of the formula: Chromium copies a line break before one and the other. */
  .formula:not(.display, .wide) math {
    display: none;
  }
  .formula:not(.display, .wide) .tex {
    position: static;
  }
`);

/** The styles of formulas. Some are for classes that Temml sets. */
export const styles: CSSStyleSheet = sheet(`
  .formula {
    position: relative;
    unicode-bidi: isolate;
  }
  .formula:is(.display, .wide) {
    display: block;
    padding-block: 0.15em;
    overflow: auto hidden;
  }
  .formula.display {
    margin-block: 0.85em;
    text-align: center;
  }
  @supports (animation-timeline: scroll()) {
    .formula.wide:not(:focus-visible) {
      animation: fade-cut linear both;
      animation-timeline: scroll(self inline);
    }
  }
  .formula.display:first-child {
    margin-block-start: 0;
  }
  .formula.display:last-child {
    margin-block-end: 0;
  }
  .formula:focus-visible {
    outline-offset: -2px;
  }
  .formula math {
    font-family: var(--chat-stream-font-math, math, "Latin Modern Math", "STIX Two Math", "Cambria Math",
      "DejaVu Math TeX Gyre");
    font-size: 1.08em;
    line-height: normal;
    letter-spacing: 0;
    text-indent: 0;
    text-transform: none;
  }
  .formula.display math {
    min-inline-size: min-content;
  }
  /* Only for copying. */
  .formula .tex {
    position: absolute;
    inset-block-start: 0;
    inset-inline-start: 0;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
    -webkit-user-select: none;
    user-select: none;
  }
  .tex-error {
    white-space: pre-wrap;
  }
  .formula .letter {
    font-style: italic;
    text-transform: none;
  }
  .formula .tml-left {
    text-align: left;
    text-align: -webkit-left;
  }
  .formula .tml-right {
    text-align: right;
    text-align: -webkit-right;
  }
  .formula .tml-jot > mtr > mtd {
    padding-block: 0.7ex;
  }
  .formula .tml-small mtd {
    padding-block: 0.35ex;
  }
  .formula :is(msup, msubsup) > .tml-sml-pad {
    padding-inline-start: 0.05em;
  }
  .formula :is(.tml-med-pad, .tml-lrg-pad) {
    padding-inline-start: 0.12em;
  }
  /* Chromium does not stretch these accents. */
  @supports (not (-webkit-backdrop-filter: none)) and (not (-moz-appearance: none)) {
    .formula .tml-hat-1 {
      scale: 1.9 1;
    }
    .formula .tml-hat-2 {
      scale: 3.9 1;
    }
    .formula .tml-hat-3 {
      scale: 5.8 1;
    }
    .formula :is(.tml-hat-4, .tml-hat-5) {
      scale: 7.8 1;
    }
    .formula .tml-tilde-2 {
      scale: 2 1.1;
    }
    .formula .tml-tilde-3 {
      scale: 3 1.1;
    }
  }
  .formula menclose {
    position: relative;
    display: inline-block;
  }
  .formula .tml-cancel {
    --_up: linear-gradient(to bottom right, transparent calc(50% - 0.03em), currentColor 0 calc(50% + 0.03em), transparent 0);
    --_down: linear-gradient(to bottom left, transparent calc(50% - 0.03em), currentColor 0 calc(50% + 0.03em), transparent 0);
    position: absolute;
    inset: 0;
    background: var(--_up);
    print-color-adjust: exact;
  }
  .formula .downstrike {
    background: var(--_down);
  }
  .formula .tml-xcancel {
    background: var(--_up), var(--_down);
  }
  .formula .sout {
    background: linear-gradient(currentColor 0 0) center / 100% 0.06em no-repeat;
  }
  .formula .tml-overline {
    padding-block-start: 0.1em;
    border-block-start: 0.065em solid;
  }
  .formula .tml-underline {
    padding-block-end: 0.1em;
    border-block-end: 0.065em solid;
  }
  .formula .tml-fbox {
    padding: 3pt;
    border: 1px solid;
  }
`);

/** Without Lit, which would split the component's chunk. */
function sheet(css: string): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  return sheet;
}
