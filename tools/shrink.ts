/**
 * Takes out of a bundled script what the bundler cannot: the white space of style sheets, and the half of `marked`
 * that writes HTML, which is never called but hangs on one object with the lexer that is.
 * @module
 */

/** The script, smaller, meaning the same. */
export function shrink(script: string): string {
  return withoutHtmlRenderer(script).replaceAll(
    /([\w$]`)(\s*(?:\/\*[^`$]*?\*\/\s*)?[:.][^`$]*\{[^`$]*)`/g,
    (_, tag: string, sheet: string) => `${tag}${shrinkStyles(sheet)}\``,
  );
}

/** A style sheet without comments and without the white space that means nothing. */
export function shrinkStyles(sheet: string): string {
  return sheet
    .replaceAll(/\/\*.*?\*\//gs, "")
    .replaceAll(/\s+/g, " ")
    .replaceAll(/ ?([{};,]) ?/g, "$1")
    .replaceAll(/([\w-]): /g, "$1:")
    .replaceAll(";}", "}")
    .trim();
}

/** Where the classes that write HTML begin and end in `marked`'s module, after the bundler has renamed all variables. */
const HTML_RENDERER = /,[\w$]+=class\{options;parser;constructor\(.*?var [\w$]+=[\w$]+\.parse,[\w$]+=[\w$]+\.lex;/s;

/** Leaves the script alone where it does not look as expected, or where something in that half is used after all. */
function withoutHtmlRenderer(script: string): string {
  const found = HTML_RENDERER.exec(script);
  if (found === null) return script;
  const [half] = found;
  const rest = `${script.slice(0, found.index)};${script.slice(found.index + half.length)}`;
  const declared = [...half.matchAll(/(?:[,\s](?=[\w$]+=class\b)|function )([\w$]+)/g)].map(([, name]) =>
    name as string
  );
  const isUsed = declared.some((name) => new RegExp(`(?<![\\w$.#])${RegExp.escape(name)}(?![\\w$:=])\\(`).test(rest));
  return isUsed ? script : rest;
}
