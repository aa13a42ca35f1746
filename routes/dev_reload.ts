/**
 * Reloads open pages in development (`deno task dev`). Each page gets a script that keeps a connection open, and reloads
 * when the connection comes back, because then the server has restarted.
 * @module
 */
import type { App } from "./app.ts";

const SCRIPT_PATH = "/dev-reload.js";
const EVENTS_PATH = "/dev-reload";

/** A file of its own: our pages' Content-Security-Policy forbids inline scripts. */
const SCRIPT = `let isBack = false;
const events = new EventSource("${EVENTS_PATH}");
events.onopen = () => isBack ? location.reload() : isBack = true;
`;

/** Wraps the application's handler so that its pages reload. Only `--dev` uses it. */
export function withDevReload(handle: App): App {
  return (request, connection) => {
    const pathname = URL.parse(request.url)?.pathname;
    if (pathname === SCRIPT_PATH) return Promise.resolve(respond(SCRIPT, "text/javascript; charset=utf-8"));
    if (pathname === EVENTS_PATH) return Promise.resolve(respond(untilRestart(), "text/event-stream"));
    const isPage = request.headers.get("accept")?.includes("text/html") ?? false;
    return isPage ? addScript(request, handle) : handle(request, connection);
  };
}

/** Requests the page without compression and without a condition, because its content will change. */
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

/** A stream that stays open until this process ends. `retry` makes the page reconnect soon after. */
function untilRestart(): ReadableStream<Uint8Array> {
  return new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode("retry: 300\n\n")) });
}

function respond(body: BodyInit, type: string): Response {
  return new Response(body, { headers: { "content-type": type, "cache-control": "no-store" } });
}
