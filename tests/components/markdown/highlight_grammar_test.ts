import { assertEquals } from "@std/assert";
import { findGrammar, tokenizeLine } from "../../../components/markdown/highlight_grammar.ts";

/** Writes each token of the code as `kind(text)`, one line per line of code. */
function mark(language: string, code: string): string {
  const grammar = findGrammar(language);
  if (grammar === undefined) return "unknown";
  let state = 0;
  return code.split("\n").map((line) => {
    const read = tokenizeLine(line, grammar, state);
    state = read.state;
    return read.tokens.map(({ kind, start, end }) => `${kind}(${line.slice(start, end)})`).join(" ");
  }).join("\n");
}

const CASES: readonly (readonly [string, string, string])[] = [
  ["ts", 'const a = f("x"); // y', 'keyword(const) title(f) string("x") comment(// y)'],
  ["ts", "a /* b\nc */ 1", "comment(/* b)\ncomment(c */) number(1)"],
  ["js", "`a\nb` if", "string(`a)\nstring(b`) keyword(if)"],
  ["js", "`a\\`b` if", "string(`a\\`b`) keyword(if)"],
  ["rust", "fn f<'a>(x: &'a str) {}", "keyword(fn) keyword(str)"],
  ["py", '"""doc\n# no\n""" # yes', 'string("""doc)\nstring(# no)\nstring(""") comment(# yes)'],
  ["python", "def f(x): return None", "keyword(def) title(f) keyword(return) keyword(None)"],
  ["sh", "npx -y deno@2.9.6 run llama3.2 8080", "number(8080)"],
  ["java", "@Override int a = 1.5 + x.2", "title(@Override) keyword(int) number(1.5)"],
  ["rust", "0..10", "number(0) number(10)"],
  ["sh", "echo $x # c", "keyword(echo) comment(# c)"],
  [
    "json",
    '{"a": "b", "c": 1.5e3, "d": null}',
    'title("a") string("b") title("c") number(1.5e3) title("d") keyword(null)',
  ],
  ["yaml", "a: 1 # c", "title(a) number(1) comment(# c)"],
  ["sql", "SELECT a FROM t -- c", "keyword(SELECT) keyword(FROM) comment(-- c)"],
  [
    "html",
    '<a href="x">&amp;</a>',
    'keyword(<a) title(href) string("x") keyword(>) number(&amp;) keyword(</a) keyword(>)',
  ],
  ["css", ".a { color: #fff; margin: 2px }", "title(color) number(#fff) title(margin) number(2px)"],
  ["diff", "-a\n+b\n c", "keyword(-a)\nstring(+b)\n"],
  ["klingon", "x", "unknown"],
];

for (const [language, code, marked] of CASES) {
  Deno.test(`tokenizeLine marks ${language}: ${JSON.stringify(code)}`, () =>
    assertEquals(mark(language, code), marked));
}

Deno.test("tokenizeLine finds no tokens in a very long line", () => {
  assertEquals(mark("js", `let a = "${"x".repeat(5000)}"`), "");
});
