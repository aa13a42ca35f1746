/**
 * Serves static files from a map that is filled once, at start. A request can only name what is in the map, so no path
 * can escape from the folder, and nothing is read from the disk after the start.
 * @module
 */
import { acceptsEncodings, eTag, ifNoneMatch } from "@std/http";

/** A file in memory, with its compressed copies. */
export interface StaticFile {
  readonly type: string;
  readonly tag: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The compressed copies that the build made, by content coding, smallest first. */
  readonly copies: readonly { readonly coding: string; readonly bytes: Uint8Array<ArrayBuffer> }[];
}

/** The files by URL path. */
export type StaticFiles = ReadonlyMap<string, StaticFile>;

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  json: "application/json; charset=utf-8",
  svg: "image/svg+xml",
  png: "image/png",
  ico: "image/x-icon",
  ts: "text/plain; charset=utf-8",
};

const CODINGS = [["br", ".br"], ["gzip", ".gz"]] as const;

/** Our own pages load scripts and styles from this server only, connect to it only, and make no HTML from strings. */
const PAGE_HEADERS = {
  "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; " +
    "require-trusted-types-for 'script'; trusted-types lit-html",
  "referrer-policy": "same-origin",
} as const;

/** Any site may load the component: it is public, and browsers fetch modules with CORS. */
const PUBLIC_HEADERS = { "access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin" } as const;

/**
 * Reads every file of some folders into memory.
 * @param folders paths; a later folder's file replaces one of the same name
 * @throws {Error} when a folder is missing
 */
export async function readStaticFiles(...folders: readonly string[]): Promise<StaticFiles> {
  const contents = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const folder of folders) {
    for await (const path of walk(folder, "")) contents.set(path, await Deno.readFile(`${folder}${path}`));
  }
  const files = new Map<string, StaticFile>();
  for (const [path, bytes] of contents) {
    const type = MEDIA_TYPES[path.slice(path.lastIndexOf(".") + 1)];
    if (type === undefined) continue;
    const copies = CODINGS.flatMap(([coding, suffix]) => {
      const copy = contents.get(path + suffix);
      return copy === undefined ? [] : [{ coding, bytes: copy }];
    });
    const file = { type, tag: await eTag(bytes), bytes, copies };
    files.set(path, file);
    if (path.endsWith("/index.html")) files.set(path.slice(0, -"index.html".length), file);
  }
  return files;
}

/** The paths of all files below a folder, each beginning with a slash. @throws {Error} when the folder is missing */
async function* walk(folder: string, prefix: string): AsyncGenerator<string> {
  for (const entry of listFolder(`${folder}${prefix}`)) {
    const path = `${prefix}/${entry.name}`;
    if (entry.isDirectory) yield* walk(folder, path);
    else if (entry.isFile) yield path;
  }
}

function listFolder(folder: string): Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(folder)];
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(`There is no folder ${folder}: run "deno task build" first`, { cause: error });
  }
}

/**
 * Responds to a GET or HEAD with a file.
 * @param path the file's URL path, which decides how long it is cached
 */
export function serveStatic(request: Request, path: string, file: StaticFile): Response {
  const copy = chooseCopy(request, file);
  // Each coding is a representation of its own and needs its own tag. RFC 9110, section 8.8.3.
  const tag = copy === undefined ? file.tag : `${file.tag.slice(0, -1)}-${copy.coding}"`;
  const headers = {
    "content-type": file.type,
    "cache-control": path.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache",
    etag: tag,
    vary: "Accept-Encoding",
    "x-content-type-options": "nosniff",
    ...(copy !== undefined && { "content-encoding": copy.coding }),
    ...(file.type.startsWith("text/html") ? PAGE_HEADERS : PUBLIC_HEADERS),
  };
  if (!ifNoneMatch(request.headers.get("if-none-match"), tag)) return new Response(null, { status: 304, headers });
  const { bytes } = copy ?? file;
  return request.method === "HEAD"
    ? new Response(null, { headers: { ...headers, "content-length": String(bytes.byteLength) } })
    : new Response(bytes, { headers });
}

/**
 * The smallest copy in a coding that the client accepts, or undefined for the file as it is. Browsers list `gzip` before
 * `br` without preferring it, so the client's order and weights do not count; a weight of 0 refuses.
 */
function chooseCopy(request: Request, { copies }: StaticFile): StaticFile["copies"][number] | undefined {
  // By RFC 9110, section 12.5.3, a client that sends no header accepts any coding, but few of those can decode one.
  if (!request.headers.get("accept-encoding")) return undefined;
  return copies.find(({ coding }) => acceptsEncodings(request, coding) === coding);
}
