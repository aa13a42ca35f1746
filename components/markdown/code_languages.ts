/**
 * The languages of code blocks: their proper names and the extensions of their files.
 * @module
 */

/** The name of a language, and the extension of its files without the dot. */
export interface CodeLanguage {
  readonly name: string;
  readonly extension: string;
}

/** One language a line: its name, its extension, and how code blocks call it besides its name. */
const TABLE = `
Assembly asm assembly nasm
Bash sh
Batch bat cmd
C c h
C# cs csharp
C++ cpp c++ cc cxx hpp
CMake cmake
CSS css
CSV csv
Clojure clj clojure
Console txt console terminal shellsession
CoffeeScript coffee
Dart dart
Diff diff patch
Dockerfile Dockerfile dockerfile docker
Elixir ex exs
Elm elm
Erlang erl
F# fs fsharp
Fortran f90 fortran
GLSL glsl
Go go golang
GraphQL graphql gql
Groovy groovy
HCL hcl
HTML html htm xhtml
HTTP http
Haskell hs
INI ini
JSON json
JSON5 json5
JSONC jsonc
JSX jsx
Java java
JavaScript js mjs cjs node
Julia jl
Kotlin kt kts
LaTeX tex
Less less
Lisp lisp
Lua lua
MATLAB m matlab
Makefile mk make makefile
Markdown md mdx
Mermaid mmd
MySQL sql mysql
Nginx conf nginx
Nim nim
Nix nix
OCaml ml
Objective-C m objc objectivec objective-c
PHP php
Pascal pas
Perl pl
PowerShell ps1 pwsh
Prolog pl prolog
Protobuf proto
Python py python3
R r
Ruby rb
Rust rs
SCSS scss
SQL sql postgres postgresql sqlite plsql
SVG svg
Sass sass
Scala scala
Scheme scm
Shell sh sh zsh fish
Solidity sol
Svelte svelte
Swift swift
TOML toml
TSX tsx
Terraform tf
Text txt txt plaintext plain
TypeScript ts mts cts
Vim vim
Vue vue
WebAssembly wat wasm
XML xml xsl rss
YAML yaml yml
Zig zig
`;

let languages: Map<string, CodeLanguage> | undefined;

/** Returns the language that a code block names. An unknown one keeps its name. */
export function findLanguage(written: string): CodeLanguage {
  languages ??= readTable();
  return languages.get(written.toLowerCase()) ?? { name: written, extension: "txt" };
}

function readTable(): Map<string, CodeLanguage> {
  const found = new Map<string, CodeLanguage>();
  const rows = TABLE.trim().split("\n").map((line) => line.split(" "));
  for (const [name = "", extension = "", ...others] of rows) {
    for (const key of [name, ...others]) found.set(key.toLowerCase(), { name, extension });
  }
  // An extension that no language has as its name belongs to the first one that has it.
  for (const [name = "", extension = ""] of rows) {
    if (!found.has(extension)) found.set(extension, { name, extension });
  }
  return found;
}
