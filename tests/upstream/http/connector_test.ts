/** Tests that no socket is left when clients leave while the connection is being made. */
import { assertEquals } from "@std/assert";
import { answerOf, FakeOpenAI, readTlsKeyPair, TLS_CERTIFICATE } from "../../fake_openai.ts";
import { RawHost } from "./raw_host.ts";

/** Only Linux lists the open files of a process. */
const options = { ignore: Deno.build.os !== "linux" };

/** The number of sockets that stay open after 2,000 requests that are aborted early. */
async function socketsLeftBy(url: string, isWarm = false): Promise<string> {
  const program = new URL("early_leavers.ts", import.meta.url).pathname;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--allow-all", program, url, isWarm ? "warm" : "cold"],
    env: { DENO_CERT: TLS_CERTIFICATE, NO_COLOR: "1" },
    stderr: "inherit",
  }).output();
  return new TextDecoder().decode(stdout).trim();
}

for (const scheme of ["http", "https"]) {
  Deno.test(
    `Connector leaves no socket when 2,000 clients leave a host that is silent over ${scheme}`,
    options,
    async () => {
      await using host = new RawHost((connection) => connection.closed());
      assertEquals(await socketsLeftBy(host.url.replace("http", scheme)), "0");
    },
  );
}

Deno.test(
  "Connector leaves no socket when 2,000 clients leave a host that finishes TLS handshakes",
  options,
  async () => {
    await using provider = new FakeOpenAI(
      (_request, count) => count === 0 ? { body: answerOf("a") } : { end: "silent" },
      await readTlsKeyPair(),
    );
    assertEquals(await socketsLeftBy(provider.baseURL, true), "0");
  },
);

Deno.test(
  "Connector leaves no socket when the host stops finishing TLS handshakes and closes them later",
  options,
  async () => {
    await using provider = new FakeOpenAI(() => ({ body: answerOf("a") }), await readTlsKeyPair());
    const isClosing = Promise.withResolvers<void>();
    await using host = new RawHost((connection, count) => {
      // One for the first request, one for the client's first handshake.
      if (count < 2) return connection.tunnelTo(Number(new URL(provider.baseURL).port));
      if (count === 1000) isClosing.resolve();
      return Promise.race([connection.closed(), isClosing.promise]);
    });
    assertEquals(await socketsLeftBy(host.url.replace("http", "https"), true), "0");
  },
);
