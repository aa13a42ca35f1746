/**
 * A folder with npm packages, our own among them as `npm pack` makes them, for tests that use these as their users do. The
 * tests need Node, npm and a registry: where they are missing, they are registered as ignored, with the reason in their
 * names.
 * @module
 */
import { assertEquals } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);

/** What a command printed and how it ended. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** One of our packages: its folder in `dist/npm/`. */
export type OwnPackage = "protocol" | "element" | "server";

/** A folder below the system's temporary one. Use it with `await using`. */
export class NpmFolder implements AsyncDisposable {
  /** The folder's path. */
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /**
   * Makes a folder and installs packages into it.
   * @param own our packages, from `dist/npm/`
   * @param packages other packages, with their versions
   * @param options further arguments of `npm install`
   */
  static async create(
    own: readonly OwnPackage[],
    packages: readonly string[] = [],
    options: readonly string[] = [],
  ): Promise<NpmFolder> {
    const folder = new NpmFolder(await Deno.makeTempDir({ prefix: "npm-" }));
    await folder.write("package.json", JSON.stringify({ private: true, type: "module" }));
    const tarballs = await Promise.all(own.map((name) => folder.pack(name)));
    await folder.succeed("npm", "install", "--no-audit", "--no-fund", ...options, ...tarballs, ...packages);
    return folder;
  }

  /** Packs one of our packages. @returns the tarball's path */
  async pack(name: OwnPackage): Promise<string> {
    const from = new URL(`dist/npm/${name}/`, ROOT).pathname;
    const [{ filename }] = JSON.parse(await this.succeed("npm", "pack", "--json", from));
    return `${this.path}/${filename.replace("@", "").replace("/", "-")}`;
  }

  /** Writes a file. */
  async write(name: string, text: string): Promise<void> {
    await Deno.writeTextFile(`${this.path}/${name}`, text);
  }

  /** Runs a command in the folder, among them those of the installed packages. */
  async run(command: string, ...args: readonly string[]): Promise<CommandResult> {
    const { code, stdout, stderr } = await this.command(command, args).output();
    const decoder = new TextDecoder();
    return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  }

  /** Runs a command that must succeed. @returns what it printed */
  async succeed(command: string, ...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(command, ...args);
    assertEquals(code, 0, `${command} ${args.join(" ")}\n${stdout}${stderr}`);
    return stdout;
  }

  /** A command in the folder. @param env more variables */
  command(command: string, args: readonly string[], env: Record<string, string> = {}): Deno.Command {
    const PATH = `${this.path}/node_modules/.bin:${Deno.env.get("PATH")}`;
    return new Deno.Command(command, {
      args: [...args],
      cwd: this.path,
      env: { NO_COLOR: "1", ...env, PATH },
      stdout: "piped",
      stderr: "piped",
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

/** A `tsconfig.json` that checks everything, the packages' own declarations included. */
export const STRICT = {
  compilerOptions: {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    noEmit: true,
    target: "esnext",
    module: "nodenext",
    jsx: "react-jsx",
    lib: ["esnext", "dom", "dom.iterable", "dom.asynciterable"],
    types: [] as string[],
  },
  include: ["*.ts", "*.tsx"],
};

const missing = await findMissing();

/** Registers a test that needs npm and a registry. */
export function packageTest(name: string, fn: () => Promise<void>): void {
  if (missing === undefined) Deno.test(name, fn);
  else Deno.test({ name: `${name} (ignored: ${missing})`, ignore: true, fn: () => {} });
}

/** What these tests lack here; undefined where nothing is missing. */
export async function findMissing(): Promise<string | undefined> {
  try {
    // One small question to the registry that npm is configured with.
    const { success } = await new Deno.Command("npm", { args: ["view", "lit", "version", "--fetch-retries=0"] })
      .output();
    return success ? undefined : "npm reaches no registry here";
  } catch {
    return "npm is not installed here";
  }
}
