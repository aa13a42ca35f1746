/**
 * Serves the files of `static/` from a map that is built once, at start. A request can only name what is in the map, so
 * there is no path to escape from; nothing is read from the disk after the start.
 * @module
 */
import { acceptsEncodings, eTag, ifNoneMatch } from "@std/http";

/** A file as it is served. */
export interface StaticFile {
  readonly type: string;
  readonly tag: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Compressed copies made by the build, by content coding, best first. */
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

/** What our own pages may do: their own scripts, styles and connections, and no HTML from strings. */
const PAGE_HEADERS = {
  "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; " +
    "require-trusted-types-for 'script'; trusted-types lit-html",
  "referrer-policy": "same-origin",
} as const;

/** Any site may load the component: it is public, and its modules and chunks are fetched with CORS. */
const PUBLIC_HEADERS = { "access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin" } as const;

/** Everything in a directory, read into memory. @param directory a file URL or path */
export async function readStaticFiles(directory: string): Promise<StaticFiles> {
  const contents = new Map<string, Uint8Array<ArrayBuffer>>();
  for await (const path of walk(directory, "")) contents.set(path, await Deno.readFile(`${directory}${path}`));
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

/** The paths of all files below a directory, each beginning with a slash. */
async function* walk(directory: string, prefix: string): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(`${directory}${prefix}`)) {
    const path = `${prefix}/${entry.name}`;
    if (entry.isDirectory) yield* walk(directory, path);
    else if (entry.isFile) yield path;
  }
}

/** A file as the answer to a GET or HEAD. @param path where it was found, which decides how long it is cached */
export function serveStatic(request: Request, path: string, file: StaticFile): Response {
  // A client that names no coding may take any by the standard, but few that name none can undo one.
  const coding = request.headers.has("accept-encoding")
    ? acceptsEncodings(request, ...file.copies.map((copy) => copy.coding), "identity")
    : undefined;
  const copy = file.copies.find((candidate) => candidate.coding === coding);
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
