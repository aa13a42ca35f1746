/**
 * Writes `chat-stream.d.ts` and `chat-client.d.ts`: the public types of the element and of the client, each as one file
 * without imports. The TypeScript compiler emits the declarations of each source; this module collects those that the
 * public API refers to. The element becomes an interface, as `chat-stream.js` exports nothing.
 *
 * Nothing that serves or builds the component imports this module, so that the compiler is downloaded for
 * `deno task build`, `deno task compile` and the tests only.
 * @module
 */
// deno-lint-ignore no-import-prefix -- an entry in deno.json would be downloaded by every task
import ts from "npm:typescript@6.0.3";
import { generateManifest } from "./manifest.ts";

const ROOT = new URL("../", import.meta.url);
const ELEMENT = "components/chat_stream.ts";
const PROPERTIES = "components/chat_stream_properties.ts";
const EVENTS = "components/chat_stream_events.ts";
const CLIENT = "components/chat/chat_client.ts";

/** The declarations of one source file. */
interface SourceModule {
  readonly path: string;
  readonly file: ts.SourceFile;
  /** The statement that declares a name. */
  readonly declared: ReadonlyMap<string, ts.Statement>;
  /** Where an imported or re-exported name comes from. */
  readonly imported: ReadonlyMap<string, { readonly path: string; readonly name: string }>;
  /** The names that the module exports. */
  readonly exported: ReadonlySet<string>;
}

/**
 * Writes both declaration files into a folder.
 * @param outFolder a `file:` URL that ends with a slash
 * @throws {Error} if a source lacks a type that the compiler needs to emit its declarations
 */
export async function generateTypes(outFolder: URL): Promise<void> {
  await Deno.writeTextFile(new URL("chat-stream.d.ts", outFolder), await format(elementTypes()));
  await generateModuleTypes(CLIENT, new URL("chat-client.d.ts", outFolder));
}

/**
 * Writes the types of everything that a module exports by name, as one file without imports.
 * @param path the module, relative to the project
 * @throws {Error} as {@linkcode generateTypes}
 */
export async function generateModuleTypes(path: string, file: URL): Promise<void> {
  await Deno.writeTextFile(file, await format(moduleTypes(path, file.pathname.replace(/^.*\/(.*)\.d\.ts$/, "$1.js"))));
}

/** Formats TypeScript with `deno fmt`: the compiler indents by four spaces. */
async function format(text: string): Promise<string> {
  const formatter = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", "--line-width", "120", "--ext", "ts", "-"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = formatter.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { success, stdout } = await formatter.output();
  if (!success) throw new Error("Cannot format the generated types");
  return new TextDecoder().decode(stdout);
}

function elementTypes(): string {
  const bundle = new DeclarationBundle();
  const [properties, members] = [PROPERTIES, ELEMENT].map((path) =>
    publicMembers(bundle, path, classIn(bundle.module(path))).join("\n")
  );
  for (const name of bundle.module(EVENTS).exported) bundle.add(EVENTS, name, true);
  const events = bundle.module(EVENTS).file.statements.find(ts.isModuleDeclaration);
  return [
    "/**\n * The types of `<chat-stream>`. Generated from the sources.\n * @module\n */",
    ...bundle.texts(),
    `/** The properties of the element. */\nexport interface ChatStreamProperties {\n${properties}\n}`,
    `/** The \`<chat-stream>\` element. */
export interface ChatStreamElement extends HTMLElement, ChatStreamProperties {\n${members}\n}`,
    'declare global {\n  interface HTMLElementTagNameMap {\n    "chat-stream": ChatStreamElement;\n  }\n}',
    events?.getText() ?? "",
    "export {};\n",
  ].join("\n\n");
}

function moduleTypes(path: string, script: string): string {
  const bundle = new DeclarationBundle();
  for (const name of bundle.module(path).exported) bundle.add(path, name, true);
  const header = `/**\n * The types of \`${script}\`. Generated from the sources.\n * @module\n */`;
  return [header, ...bundle.texts(), "export {};\n"].join("\n\n");
}

/** Collects declarations and everything that they refer to. */
class DeclarationBundle {
  readonly #modules = new Map<string, SourceModule>();
  /** The text of each declaration by name, and the file that it is from. */
  readonly #added = new Map<string, { readonly path: string; text: string }>();

  /** The declarations of the source at `path`, relative to the project. */
  module(path: string): SourceModule {
    const known = this.#modules.get(path);
    if (known !== undefined) return known;
    const module = readModule(path);
    this.#modules.set(path, module);
    return module;
  }

  /**
   * Adds the declaration of a name that is visible in the module at `path`. Names of libraries are left alone.
   * @param isRoot true if the script exports the name, and not only its types refer to it
   * @param isBase true if an exported class extends it
   */
  add(path: string, name: string, isRoot = false, isBase = false): void {
    const { declared, imported } = this.module(path);
    const origin = imported.get(name);
    if (origin !== undefined) return this.add(origin.path, origin.name, isRoot, isBase);
    const statement = declared.get(name);
    if (statement === undefined) return;
    const before = this.#added.get(name);
    if (before?.path === path) return;
    if (before !== undefined) throw new Error(`Cannot bundle types: ${name} is declared in ${before.path} and ${path}`);
    const entry = { path, text: "" };
    this.#added.set(name, entry);
    if (ts.isClassDeclaration(statement)) {
      // A class that only types refer to does not exist in the script, and the base of an exported one has no name there.
      const kind = isRoot ? "export declare class" : isBase ? "declare class" : "export interface";
      const isClass = isRoot || isBase;
      const members = publicMembers(this, path, statement, isClass);
      const base = statement.heritageClauses?.[0];
      for (const { expression } of base?.types ?? []) this.add(path, expression.getText(), false, isClass);
      entry.text = `${commentOf(statement)}${kind} ${name} ${base?.getText() ?? ""} {\n${members.join("\n")}\n}`;
    } else {
      // A value that only `typeof` refers to does not exist in the script.
      const isInternal = ts.isVariableStatement(statement) && !isRoot;
      entry.text = commentOf(statement) + statement.getText().replace(isInternal ? /^export / : /^(?!)/, "");
      this.addReferences(path, statement);
    }
  }

  /** Adds every declaration that `node` refers to. */
  addReferences(path: string, node: ts.Node): void {
    if (ts.isTypeReferenceNode(node)) this.add(path, node.typeName.getText());
    if (ts.isExpressionWithTypeArguments(node)) this.add(path, node.expression.getText());
    if (ts.isTypeQueryNode(node)) this.add(path, node.exprName.getText());
    if (ts.isImportTypeNode(node)) throw new Error(`Cannot bundle types: ${path} contains ${node.getText()}`);
    ts.forEachChild(node, (child) => this.addReferences(path, child));
  }

  /** The declarations in the order in which they were added. */
  texts(): string[] {
    return [...this.#added.values()].map(({ text }) => text);
  }
}

/** Reads a source and the declarations that the compiler emits for it. */
function readModule(path: string): SourceModule {
  const source = Deno.readTextFileSync(new URL(path, ROOT));
  const { outputText, diagnostics = [] } = ts.transpileDeclaration(source, {
    fileName: path,
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext, strict: true },
  });
  if (diagnostics.length > 0) {
    const [first] = diagnostics;
    throw new Error(`Cannot emit types of ${path}: ${ts.flattenDiagnosticMessageText(first!.messageText, "\n")}`);
  }
  const file = ts.createSourceFile(path, outputText, ts.ScriptTarget.ESNext, true);
  const declared = new Map<string, ts.Statement>();
  const imported = new Map<string, { path: string; name: string }>();
  const exported = new Set<string>();
  for (const statement of file.statements) {
    for (const name of declaredNames(statement)) {
      declared.set(name, statement);
      if (ts.canHaveModifiers(statement) && hasModifier(statement, ts.SyntaxKind.ExportKeyword)) exported.add(name);
    }
    for (const { name, original, from } of importedNames(statement)) {
      if (from?.startsWith(".")) {
        imported.set(name, { path: new URL(from, `file:///${path}`).pathname.slice(1), name: original });
      }
      if (ts.isExportDeclaration(statement)) exported.add(name);
    }
  }
  return { path, file, declared, imported, exported };
}

function declaredNames(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => name.getText());
  }
  const isNamed = ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement) ||
    ts.isClassDeclaration(statement) || ts.isFunctionDeclaration(statement);
  return isNamed && statement.name ? [statement.name.text] : [];
}

/** The names that an import or an `export … from` brings in. */
function importedNames(statement: ts.Statement): { name: string; original: string; from: string | undefined }[] {
  const isImport = ts.isImportDeclaration(statement);
  if (!isImport && !ts.isExportDeclaration(statement)) return [];
  const bindings = isImport ? statement.importClause?.namedBindings : statement.exportClause;
  const { moduleSpecifier } = statement;
  const from = moduleSpecifier && ts.isStringLiteral(moduleSpecifier) ? moduleSpecifier.text : undefined;
  if (bindings === undefined || ts.isNamespaceImport(bindings) || ts.isNamespaceExport(bindings)) return [];
  return bindings.elements.map(({ name, propertyName }) => ({
    name: name.text,
    original: (propertyName ?? name).text,
    from,
  }));
}

function classIn({ file, path }: SourceModule): ts.ClassDeclaration {
  const found = file.statements.find(ts.isClassDeclaration);
  if (found === undefined) throw new Error(`Cannot bundle types: ${path} declares no class`);
  return found;
}

const HIDDEN = [
  ts.SyntaxKind.PrivateKeyword,
  ts.SyntaxKind.ProtectedKeyword,
  ts.SyntaxKind.StaticKeyword,
  ts.SyntaxKind.OverrideKeyword,
] as const;

/**
 * Formats the public members of a class, and adds what they refer to.
 * @param isClass true for those of a class, with its constructor, and not of an interface
 */
function publicMembers(bundle: DeclarationBundle, path: string, node: ts.ClassDeclaration, isClass = false): string[] {
  const members = node.members.filter((member) =>
    ts.isConstructorDeclaration(member) ? isClass : member.name !== undefined && !ts.isPrivateIdentifier(member.name) &&
      !HIDDEN.some((kind) => ts.canHaveModifiers(member) && hasModifier(member, kind)) &&
      !/Callback$/.test(member.name.getText())
  );
  for (const member of members) bundle.addReferences(path, member);
  return members.map((member) => `  ${member.getFullText().trim()}`);
}

function hasModifier(node: ts.HasModifiers, kind: ts.SyntaxKind): boolean {
  return ts.getModifiers(node)?.some((modifier) => modifier.kind === kind) ?? false;
}

/** The doc comment of a statement, without that of the module above it and without examples, which import sources. */
function commentOf(node: ts.Node): string {
  const comments = ts.getLeadingCommentRanges(node.getFullText(), 0) ?? [];
  const text = comments.map(({ pos, end }) => node.getFullText().slice(pos, end)).at(-1);
  if (text === undefined || text.includes("@module")) return "";
  return `${text.replace(/\n[ *]*\n[ *]*@example[^]*?(?=\n[ *]*(?:@|\/$))/, "")}\n`;
}

if (import.meta.main) {
  // The build copies the folder.
  const outFolder = new URL("dist/types/", ROOT);
  await Deno.mkdir(outFolder, { recursive: true });
  await Promise.all([generateTypes(outFolder), generateManifest(outFolder)]);
}
