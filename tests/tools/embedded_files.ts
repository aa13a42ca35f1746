/**
 * Reads what `deno compile` embeds in an executable: the files and the settings of the runtime.
 * @module
 */

/** What an executable holds besides the runtime. */
export interface Embedded {
  /** The content by path, relative to the embedded root. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly settings: EmbeddedSettings;
}

/** The settings that the runtime starts the program with. There are more in the file. */
export interface EmbeddedSettings {
  readonly entrypoint_key: string;
  readonly v8_flags: readonly string[];
  /** An empty list allows everything, null nothing. */
  readonly permissions: Readonly<Record<string, readonly string[] | boolean | null>>;
  readonly unstable_config: { readonly features: readonly string[] };
}

type Entry = { readonly File: FileEntry } | { readonly Dir: { readonly n: string; readonly e: readonly Entry[] } };

interface FileEntry {
  readonly n: string;
  /** Offset and length, in bytes, within the block of all contents. */
  readonly o: readonly [number, number];
}

/** The JSON of the settings ends with this field, and the list of files follows after a few bytes of lengths. */
const LAST_SETTING = '"app_name":';

/**
 * Reads the embedded files. The layout is that of Deno 2.9: settings, padding, the list of files, its padding, contents.
 * @throws {Error} when the file has another layout
 */
export function readEmbedded(executable: Uint8Array): Embedded {
  // One character for each byte, so that positions are the same.
  const text = new TextDecoder("latin1").decode(executable);
  const settingsAt = text.lastIndexOf('{"argv":');
  const settingsEnd = text.indexOf("}", text.indexOf(LAST_SETTING, settingsAt)) + 1;
  const listAt = text.indexOf("[{", settingsEnd);
  const listEnd = endOfList(text, listAt);
  if (settingsAt < 0 || listAt < 0 || listEnd < 0) throw new Error("The file holds no program, or its layout is new");
  const list: readonly Entry[] = JSON.parse(utf8(executable.subarray(listAt, listEnd)));
  // After the list comes the length of all contents, as 64 bits.
  const contentsAt = listEnd + 8;
  const files = new Map<string, Uint8Array>();
  for (const [path, [start, length]] of pathsOf(list, "")) {
    files.set(path, executable.subarray(contentsAt + start, contentsAt + start + length));
  }
  return { files, settings: JSON.parse(utf8(executable.subarray(settingsAt, settingsEnd))) };
}

/** Where a JSON list ends that begins at `start`. File names hold no brackets. */
function endOfList(text: string, start: number): number {
  let depth = 0;
  for (let index = start; index < text.length; index++) {
    if (text[index] === "[") depth++;
    if (text[index] === "]" && --depth === 0) return index + 1;
  }
  return -1;
}

function* pathsOf(entries: readonly Entry[], prefix: string): Generator<[path: string, place: FileEntry["o"]]> {
  for (const entry of entries) {
    if ("File" in entry) yield [prefix + entry.File.n, entry.File.o];
    else if ("Dir" in entry) yield* pathsOf(entry.Dir.e, `${prefix}${entry.Dir.n}/`);
    else throw new Error(`Unknown kind of entry: ${Object.keys(entry)}`);
  }
}

function utf8(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
