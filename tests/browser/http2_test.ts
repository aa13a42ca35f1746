/** The server's own HTTPS in a real browser: HTTP/2, which has no limit of six streams for each host. */
import { assertEquals } from "@std/assert";
import { readStaticFiles } from "../../routes/static.ts";
import { answerOf, contentChunk, readTlsKeyPair, sse } from "../fake_openai.ts";
import { TestServer } from "../test_server.ts";
import { browserTest } from "./browser.ts";

const STATIC = new URL("../../dist/static", import.meta.url).pathname;
/** The certificate of the tests signs itself. */
const OPTIONS = { ignoreHTTPSErrors: true };
const STREAMS = 10;

browserTest("a page reads ten streams at once over HTTP/2, and leaving them reaches the provider", async ({ page }) => {
  await using server = new TestServer({
    tls: await readTlsKeyPair(),
    staticFiles: await readStaticFiles(STATIC),
    script: () => ({ body: sse(contentChunk("first")), end: "stall" }),
  });
  await page.goto(server.origin);
  // Over HTTP/1.1 the browser would open six connections, and the seventh stream would wait for ever.
  const texts = await page.evaluate(async (count) => {
    const leaving = new AbortController();
    const begin = async () => {
      const response = await fetch("/api/chat", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ messages: [{ role: "user", content: "Hi" }] }),
        signal: leaving.signal,
      });
      const { value } = await response.body!.pipeThrough(new TextDecoderStream()).getReader().read();
      return value;
    };
    const texts = await Promise.all(Array.from({ length: count }, begin));
    leaving.abort();
    return texts;
  }, STREAMS);
  assertEquals(texts, Array.from({ length: STREAMS }, () => 'id: 1\nevent: text\ndata: "first"\n\n'));
  await server.provider.until(({ aborts, openSockets }) => aborts === STREAMS && openSockets === 0);
  const protocols = await page.evaluate(() =>
    [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
      .map((entry) => (entry as PerformanceResourceTiming).nextHopProtocol)
  );
  assertEquals([...new Set(protocols)], ["h2"]);
}, OPTIONS);

browserTest("chat-stream uses the real server on its own page over HTTP/2", async ({ page }) => {
  await using server = new TestServer({
    tls: await readTlsKeyPair(),
    staticFiles: await readStaticFiles(STATIC),
    script: () => ({ body: answerOf("encrypted ", "all the way") }),
  });
  await page.goto(server.origin);
  await page.getByRole("textbox").fill("Is it?");
  await page.keyboard.press("Enter");
  await page.getByText("encrypted all the way").waitFor();
}, OPTIONS);
