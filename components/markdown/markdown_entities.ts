/**
 * Decodes the character references that chat models commonly write.
 *
 * The full HTML table has 2,125 names and would be larger than the rest of the renderer. Other names stay as written.
 * @see https://spec.commonmark.org/0.31.2/#entity-and-numeric-character-references
 * @module
 */

/** Names and characters in turn. */
const NAMED = ("amp & lt < gt > quot \" apos ' copy © reg ® trade ™ hellip … mdash — ndash – lsquo ‘ rsquo ’ " +
  "ldquo “ rdquo ” laquo « raquo » bull • middot · times × divide ÷ plusmn ± deg ° micro µ para ¶ sect § " +
  "euro € pound £ yen ¥ cent ¢ larr ← rarr → uarr ↑ darr ↓ harr ↔ rArr ⇒ ne ≠ le ≤ ge ≥ asymp ≈ minus − infin ∞ " +
  "radic √ sum ∑ frac12 ½ frac14 ¼ frac34 ¾ sup1 ¹ sup2 ² sup3 ³ alpha α beta β gamma γ delta δ epsilon ε lambda λ " +
  "mu μ pi π sigma σ omega ω Delta Δ Sigma Σ Omega Ω check ✓ szlig ß " +
  "aelig æ AElig Æ oslash ø iexcl ¡ iquest ¿ lbrace { rbrace } lsqb [ rsqb ] vert | " +
  "ast * lowbar _ grave ` Tab \t NewLine \n num # colon : sol / bsol \\").split(" ");

/** The combining marks of letters such as `eacute`, which are common in European text. */
const MARKS = new Map(
  pairs("grave \u0300 acute \u0301 circ \u0302 tilde \u0303 uml \u0308 ring \u030a cedil \u0327".split(" ")),
);

let table: ReadonlyMap<string, string> | undefined;

/** Replaces the character references in `text` with their characters. */
export function decodeEntities(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(/&(?:#(\d{1,7})|#[xX]([\da-fA-F]{1,6})|([a-zA-Z]\w{1,31}));/g, decodeEntity);
}

function decodeEntity(reference: string, decimal?: string, hex?: string, name?: string): string {
  if (name !== undefined) {
    table ??= new Map([["nbsp", "\u00a0"], ["shy", "\u00ad"], ["zwj", "\u200d"], ...pairs(NAMED)]);
    return table.get(name) ?? accented(name) ?? reference;
  }
  const code = decimal === undefined ? parseInt(hex ?? "", 16) : Number(decimal);
  const isCharacter = code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  return isCharacter ? String.fromCodePoint(code) : "\ufffd";
}

/** The letter with an accent that a name such as `eacute` stands for; undefined where Unicode has none. */
function accented(name: string): string | undefined {
  const mark = MARKS.get(name.slice(1));
  const letter = mark && (name[0] + mark).normalize();
  return letter?.length === 1 ? letter : undefined;
}

function pairs(list: readonly string[]): [string, string][] {
  return list.flatMap((name, i) => i % 2 === 0 ? [[name, list[i + 1] ?? ""]] : []);
}
