/** Every measured server must deliver the same text: otherwise its figures cannot be compared. @module */
import { assertEquals, assertRejects } from "@std/assert";
import { answerText } from "../../bench/inputs.ts";
import { startProvider } from "../../bench/provider.ts";
import { startServer } from "../../bench/server_process.ts";
import { type Server, SERVERS } from "../../bench/servers.ts";
import { requestBody, type Target } from "../../bench/load_client.ts";
import { SseParser } from "../../protocol/sse_parser.ts";

/** False for a peer that is not installed. The benchmark skips it. */
async function isInstalled(server: Server): Promise<boolean> {
  const directory = await Deno.makeTempDir();
  try {
    await server.launch({ port: 0, providerPort: 0, directory });
    return true;
  } catch {
    return false;
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function textFrom(server: Server, target: Target, model: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${target.port}${target.path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...target.headers },
    body: requestBody(model, target.fields),
  });
  let text = "";
  const parser = new SseParser({ onMessage: ({ data, event }) => void (text += server.textOf(data, event)) });
  parser.feed(await response.text());
  return text;
}

for (const server of SERVERS) {
  Deno.test({
    name: `${server.name} delivers the provider's text, in a burst and paced`,
    ignore: Deno.build.os !== "linux" || !await isInstalled(server),
    async fn() {
      await using provider = startProvider();
      await using running = await startServer(server, provider.port);
      assertEquals(await textFrom(server, running.target, "bench-2000-0"), answerText(2000));
      assertEquals(await textFrom(server, running.target, "bench-70-1"), answerText(70));
    },
  });
}

Deno.test({
  name: "startServer retries when a server does not answer, and then rejects with the end of its log",
  ignore: Deno.build.os !== "linux",
  async fn() {
    let starts = 0;
    const broken: Server = {
      ...SERVERS[0]!,
      launch() {
        starts++;
        return Promise.resolve({ command: "sh", args: ["-c", "echo out of ink; exit 1"], env: {} });
      },
    };
    await assertRejects(() => startServer(broken, 0), Error, "out of ink");
    assertEquals(starts, 3);
  },
});
