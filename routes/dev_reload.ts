/**
 * Reloads open pages while someone works on them (`deno task dev`): each page gets a script that holds a connection open,
 * and reloads when the connection comes back, as it does when the server has been started anew.
 * @module
 */
import type { App } from "./app.ts";

const SCRIPT_PATH = "/dev-reload.js";
const EVENTS_PATH = "/dev-reload";

/** A file, not a line in the page: our pages' Content-Security-Policy forbids scripts in them. */
const SCRIPT = `let isBack = false;
const events = new EventSource("${EVENTS_PATH}");
events.onopen = () => isBack ? location.reload() : isBack = true;
`;

/** The same application, with pages that reload. Not part of a normal start. */
export function withDevReload(handle: App): App {
  return (request, connection) => {
    const pathname = URL.parse(request.url)?.pathname;
    if (pathname === SCRIPT_PATH) return Promise.resolve(answer(SCRIPT, "text/javascript; charset=utf-8"));
    if (pathname === EVENTS_PATH) return Promise.resolve(answer(untilRestart(), "text/event-stream"));
    const isPage = request.headers.get("accept")?.includes("text/html") ?? false;
    return isPage ? addScript(request, handle) : handle(request, connection);
  };
}

/** The page is asked for uncompressed and unconditionally: it is about to be changed. */
async function addScript(request: Request, handle: App): Promise<Response> {
  const headers = new Headers(request.headers);
  headers.delete("accept-encoding");
  headers.delete("if-none-match");
  const response = await handle(new Request(request, { headers }));
  if (!response.headers.get("content-type")?.startsWith("text/html")) return response;
  const page = await response.text();
  response.headers.delete("etag");
  return new Response(`${page}<script type="module" src="${SCRIPT_PATH}"></script>\n`, response);
}

/** Stays open for as long as this process runs; a page tries again soon after. */
function untilRestart(): ReadableStream<Uint8Array> {
  return new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode("retry: 300\n\n")) });
}

function answer(body: BodyInit, type: string): Response {
  return new Response(body, { headers: { "content-type": type, "cache-control": "no-store" } });
}
