/**
 * Splits lines of code into tokens for highlighting: comments, strings, numbers, keywords and names. A few rules
 * describe a whole family of languages, which is enough for a chat.
 *
 * A line is tokenized from the end state of the line before, so code can be highlighted while it arrives.
 * @module
 */

/** The kinds of token. */
export type TokenKind = "comment" | "string" | "number" | "keyword" | "title";

/** A token of a line, in UTF-16 code units. */
export interface CodeToken {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
}

/** The tokens of a line and its end state: 0, or one more than the index of the rule that is still open. */
export interface CodeLine {
  readonly tokens: readonly CodeToken[];
  readonly state: number;
}

/** Kind, start, and the end if a token may span lines. A token of kind "word" is looked up among the keywords. */
type Rule = readonly [kind: TokenKind | "word", start: string, end?: string];

/** The rules of a family of languages. */
export interface Grammar {
  readonly rules: readonly Rule[];
  readonly pattern: RegExp;
  readonly keywords: ReadonlySet<string>;
}

/** Longer lines are data, not code. */
const MAX_LINE_CHARS = 2000;

const LINE = "[^]*";
const DOUBLE: Rule = ["string", '"(?:\\\\.|[^"\\\\])*"?'];
const SINGLE: Rule = ["string", "'(?:\\\\.|[^'\\\\])*'?"];
/** Not the digits of a name or a version, such as `deno@2.9`. */
const NUMBER: Rule = [
  "number",
  "(?<![\\w$@]|\\w\\.)(?:0[xXbBoO][\\da-fA-F_]+|\\d[\\d_]*(?:\\.\\d+)?(?:[eE][-+]?\\d+)?)\\w*",
];
const WORD: Rule = ["word", "(?:(?<![\\p{L}\\d])@)?[\\p{L}_$][\\p{L}\\d_$]*[!?]?"];
const BLOCK: Rule = ["comment", "/\\*", "\\*/"];
const SLASHES: Rule = ["comment", `//${LINE}`];
const HASH: Rule = ["comment", `(?<![^\\s;])#${LINE}`];
const DASHES: Rule = ["comment", `--${LINE}`];

const C_WORDS =
  "abstract any as async await bool boolean break byte case catch chan char class const constexpr continue " +
  "crate debugger declare default defer delete do double dyn else enum export extends extern false final finally float fn " +
  "for foreach from func function get go goto guard if impl implements import in instanceof int interface internal is let " +
  "long loop map match mod module move mut namespace never new nil null number object of operator out override package " +
  "private protected protocol pub public range readonly record ref return satisfies sealed select self set short signed " +
  "sizeof static str string struct super switch symbol template this throw throws trait true try type typedef typename " +
  "typeof undefined union unknown unsafe unsigned use using val var virtual void volatile when where while with yield";
const SCRIPT_WORDS =
  "and as assert async await begin break case class continue def del do done elif else elsif end ensure " +
  "esac except exit export False false fi finally for from function global if import in is lambda local module next nil " +
  "None nonlocal not null or pass raise rescue return self source then True true try unless until when while with yield " +
  "echo cd sudo set FROM RUN COPY ENV WORKDIR CMD EXPOSE ENTRYPOINT ARG";
const SQL_WORDS =
  "add all alter and as asc begin between by case check column commit constraint create cross database " +
  "default delete desc distinct drop else end exists false foreign from full grant group having if in index inner insert " +
  "into is join key left like limit not null offset on or order outer over partition primary references returning right " +
  "rollback select set table then transaction true union unique update using values view when where with local function " +
  "return do while for repeat until elseif nil";

const FAMILIES: Readonly<Record<string, readonly [languages: string, keywords: string, ...rules: Rule[]]>> = {
  c: [
    "js javascript mjs cjs jsx ts typescript tsx java c h cpp c++ cc cs csharp go golang kotlin kt swift php scala " +
    "dart solidity zig groovy proto",
    C_WORDS,
    BLOCK,
    SLASHES,
    ["string", "`", "(?<!\\\\)(?:\\\\\\\\)*`"],
    DOUBLE,
    SINGLE,
    NUMBER,
    WORD,
  ],
  // Rust's single quotes also start lifetimes.
  rust: ["rust rs", C_WORDS, BLOCK, SLASHES, DOUBLE, ["string", "'(?:\\\\.|[^'\\\\])'"], NUMBER, WORD],
  script: [
    "py python sh bash shell zsh console rb ruby pl perl r elixir ex nim dockerfile makefile make powershell ps1 coffee julia",
    SCRIPT_WORDS,
    HASH,
    ["string", '"""', '"""'],
    ["string", "'''", "'''"],
    DOUBLE,
    SINGLE,
    NUMBER,
    WORD,
  ],
  data: [
    "json jsonc json5 yaml yml toml ini env properties",
    "true false null yes no on off",
    ["comment", `(?<!\\S)(?://|[#;])${LINE}`],
    ["title", '"(?:\\\\.|[^"\\\\])*"(?=\\s*:)|^[-\\s]*[\\w.-]+(?=\\s*[:=])|^\\s*\\[{1,2}[^\\]]*\\]{1,2}\\s*$'],
    DOUBLE,
    SINGLE,
    NUMBER,
    WORD,
  ],
  sql: [
    "sql mysql postgres postgresql sqlite plsql lua haskell hs",
    SQL_WORDS,
    BLOCK,
    DASHES,
    SINGLE,
    DOUBLE,
    NUMBER,
    WORD,
  ],
  markup: [
    "html xml svg vue svelte astro xhtml rss",
    "",
    ["comment", "<!--", "-->"],
    ["keyword", "</?[\\w:-]+|/?>"],
    ["title", "[\\w:@.-]+(?==)"],
    ["string", "(?<==)\"[^\"]*\"?|(?<==)'[^']*'?"],
    ["number", "&[#\\w]+;"],
  ],
  css: [
    "css scss sass less",
    "",
    BLOCK,
    SLASHES,
    ["keyword", "@[\\w-]+|!important"],
    ["title", "(?<![\\w-])--[\\w-]+|[\\w-]+(?=\\s*:(?!\\w+[^;]*\\{))"],
    DOUBLE,
    SINGLE,
    ["number", "#[\\da-fA-F]{3,8}\\b|-?(?<![\\w-])\\d*\\.?\\d+(?:[a-z]+|%)?"],
  ],
  diff: ["diff patch", "", ["title", `^(?:@@|diff |index |---|\\+\\+\\+)${LINE}`], ["string", `^\\+${LINE}`], [
    "keyword",
    `^-${LINE}`,
  ]],
};

const grammars = new Map<string, Grammar>();

/** Returns the grammar of a language, or undefined if it is unknown. */
export function findGrammar(language: string): Grammar | undefined {
  for (const [family, [languages, keywords, ...rules]] of Object.entries(FAMILIES)) {
    if (!languages.split(" ").includes(language)) continue;
    const known = grammars.get(family);
    if (known !== undefined) return known;
    const pattern = new RegExp(rules.map(([, start]) => `(${start})`).join("|"), "gu");
    const grammar = { rules, pattern, keywords: new Set(keywords.split(" ")) };
    grammars.set(family, grammar);
    return grammar;
  }
}

/** Splits one line into tokens. `state` is the end state of the line before. */
export function tokenizeLine(line: string, grammar: Grammar, state: number): CodeLine {
  const tokens: CodeToken[] = [];
  if (line.length > MAX_LINE_CHARS) return { tokens, state };
  let at = 0;
  const finish = (rule: number, start: number, from: number): number => {
    const [kind, , end] = grammar.rules[rule] ?? [];
    const close = new RegExp(end ?? "", "gu");
    close.lastIndex = from;
    const isClosed = close.test(line);
    at = isClosed ? close.lastIndex : line.length;
    if (kind !== undefined && kind !== "word") tokens.push({ kind, start, end: at });
    return isClosed ? 0 : rule + 1;
  };
  if (state > 0) state = finish(state - 1, 0, 0);
  while (state === 0 && at < line.length) {
    grammar.pattern.lastIndex = at;
    const match = grammar.pattern.exec(line);
    if (match === null) break;
    const [text, ...groups] = match;
    const rule = groups.findIndex((group) => group !== undefined);
    at = grammar.pattern.lastIndex = match.index + Math.max(1, text.length);
    if (grammar.rules[rule]?.[2] !== undefined) {
      state = finish(rule, match.index, at);
      continue;
    }
    const kind = grammar.rules[rule]?.[0] ?? "word";
    const found = kind === "word" ? wordKind(text, line.slice(at, at + 2), grammar) : kind;
    if (found !== undefined) tokens.push({ kind: found, start: match.index, end: at });
  }
  return { tokens, state };
}

function wordKind(word: string, next: string, { keywords }: Grammar): TokenKind | undefined {
  if (keywords.has(word) || keywords.has(word.toLowerCase()) && word === word.toUpperCase()) return "keyword";
  return /^\(|^!\(/.test(next) || word.startsWith("@") ? "title" : undefined;
}
