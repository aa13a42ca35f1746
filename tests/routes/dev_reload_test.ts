/** Tests of the pages that reload in development. @module */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { withDevReload } from "../../routes/dev_reload.ts";

const PAGE = "<!doctype html><title>A page</title>";
const SCRIPT_TAG = '<script type="module" src="/dev-reload.js"></script>';

/** A server with one page, which records the headers that it receives. */
function createHandler() {
  const seen: Headers[] = [];
  const handle = withDevReload((request) => {
    seen.push(request.headers);
    const headers = { "content-type": "text/html; charset=utf-8", etag: '"1"', "content-security-policy": "p" };
    return Promise.resolve(new Response(PAGE, { headers }));
  });
  return { handle, seen };
}

function get(path: string, headers: Record<string, string> = {}): Request {
  return new Request(`http://localhost${path}`, { headers });
}

Deno.test("withDevReload adds a script to a page, and keeps the page's policy", async () => {
  const { handle, seen } = createHandler();
  const response = await handle(get("/", { accept: "text/html", "accept-encoding": "br", "if-none-match": '"1"' }));
  assertEquals([response.headers.get("content-security-policy"), response.headers.get("etag")], ["p", null]);
  assertEquals(await response.text(), `${PAGE}${SCRIPT_TAG}\n`);
  assertEquals([seen[0]!.get("accept-encoding"), seen[0]!.get("if-none-match")], [null, null]);
});

Deno.test("withDevReload leaves a response alone when the client does not ask for a page", async () => {
  const { handle } = createHandler();
  const response = await handle(get("/", { accept: "*/*" }));
  assertEquals([await response.text(), response.headers.get("etag")], [PAGE, '"1"']);
});

Deno.test("withDevReload serves the script, and the stream that the script waits on", async () => {
  const { handle, seen } = createHandler();
  const script = await handle(get("/dev-reload.js"));
  assertEquals(script.headers.get("content-type"), "text/javascript; charset=utf-8");
  assertStringIncludes(await script.text(), 'new EventSource("/dev-reload")');
  const events = await handle(get("/dev-reload", { accept: "text/event-stream" }));
  assertEquals(events.headers.get("content-type"), "text/event-stream");
  const reader = events.body!.getReader();
  const { value, done } = await reader.read();
  assert(!done);
  assertEquals(new TextDecoder().decode(value), "retry: 300\n\n");
  await reader.cancel();
  assertEquals(seen, []);
});
