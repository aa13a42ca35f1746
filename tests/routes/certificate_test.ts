/** Tests the server's certificate: what is refused, and that the listener takes a renewed one without a restart. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { CertificateError, readCertificate } from "../../routes/certificate.ts";
import { Listener } from "../../routes/listener.ts";

const FIXTURES = new URL("../fixtures/tls/", import.meta.url);
const read = (name: string) => Deno.readTextFileSync(new URL(name, FIXTURES));
const FIRST = { cert: read("cert.pem"), key: read("key.pem") };
const RENEWED = { cert: read("renewed-cert.pem"), key: read("renewed-key.pem") };
const encoder = new TextEncoder();

Deno.test("readCertificate returns both files when they belong together", () => {
  const files: Record<string, string> = { c: RENEWED.cert, k: RENEWED.key };
  assertEquals(readCertificate({ certFile: "c", keyFile: "k" }, (path) => files[path]!), RENEWED);
});

for (
  const [what, cert, key, file] of [
    ["there is no certificate", undefined, FIRST.key, "certFile"],
    ["the certificate is no PEM", "nonsense", FIRST.key, "certFile"],
    ["the certificate is cut", FIRST.cert.slice(0, 200), FIRST.key, "certFile"],
    ["there is no key", FIRST.cert, undefined, "keyFile"],
    ["the key is a certificate", FIRST.cert, FIRST.cert, "keyFile"],
    ["the key is of another certificate", FIRST.cert, RENEWED.key, "keyFile"],
  ] as const
) {
  Deno.test(`readCertificate names the file when ${what}, and shows nothing of it`, () => {
    const files: Record<string, string | undefined> = { c: cert, k: key };
    const readText = (path: string) => {
      if (files[path] === undefined) throw new Deno.errors.NotFound();
      return files[path];
    };
    const error = assertThrows(() => readCertificate({ certFile: "c", keyFile: "k" }, readText), CertificateError);
    assertEquals(error.file, file);
    assert(!error.message.includes("-----"));
  });
}

/** A folder with a certificate and its key. */
class Files implements AsyncDisposable {
  readonly folder = Deno.makeTempDirSync();
  readonly certFile = `${this.folder}/cert.pem`;
  readonly keyFile = `${this.folder}/key.pem`;

  write({ cert, key }: { readonly cert?: string; readonly key?: string }): void {
    if (cert !== undefined) Deno.writeTextFileSync(this.certFile, cert);
    if (key !== undefined) Deno.writeTextFileSync(this.keyFile, key);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** A request over a connection of its own, by a client that trusts one certificate only. */
async function get(port: number, { cert }: { readonly cert: string }): Promise<Response> {
  using client = Deno.createHttpClient({ caCerts: [cert], poolMaxIdlePerHost: 0 });
  const response = await fetch(`https://127.0.0.1:${port}/`, { client });
  return new Response(await response.text());
}

/** Resolves when new connections get this certificate. */
async function untilServed(port: number, pair: { readonly cert: string }): Promise<void> {
  while (!await get(port, pair).then(() => true, () => false));
}

Deno.test("Listener serves a renewed certificate without a restart, and streams go on", async () => {
  await using files = new Files();
  files.write(FIRST);
  const config = { host: "127.0.0.1", port: 0, reusePort: false, tls: files };
  const listener = new Listener(config, { certificateCheckMs: 5 });
  const finish = Promise.withResolvers<void>();
  const app = async (request: Request) => {
    if (!request.url.endsWith("/stream")) return new Response("page");
    const { readable, writable } = new TransformStream<Uint8Array<ArrayBuffer>>();
    const writer = writable.getWriter();
    void writer.write(encoder.encode("first "));
    void finish.promise.then(() => writer.write(encoder.encode("last"))).then(() => writer.close());
    return await Promise.resolve(new Response(readable));
  };
  const { port } = listener.listen(app);
  using client = Deno.createHttpClient({ caCerts: [FIRST.cert] });
  const stream = await fetch(`https://127.0.0.1:${port}/stream`, { client });
  const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
  assertEquals((await reader.read()).value, "first ");

  files.write(RENEWED);
  await untilServed(port, RENEWED);
  await assertRejects(() => get(port, FIRST), TypeError);
  finish.resolve();
  assertEquals((await reader.read()).value, "last");
  assertEquals((await reader.read()).done, true);
  await listener.close();
});

Deno.test("Listener keeps its certificate when the new files do not belong together yet", async () => {
  await using files = new Files();
  files.write(FIRST);
  const warnings: string[] = [];
  const { warn } = console;
  const warned = Promise.withResolvers<void>();
  console.warn = (line: string) => {
    warnings.push(line);
    warned.resolve();
  };
  try {
    const config = { host: "127.0.0.1", port: 0, reusePort: false, tls: files };
    const listener = new Listener(config, { certificateCheckMs: 5 });
    const { port } = listener.listen(() => Promise.resolve(new Response("page")));
    files.write({ cert: RENEWED.cert });
    await warned.promise;
    assertEquals(await (await get(port, FIRST)).text(), "page");
    files.write({ key: RENEWED.key });
    await untilServed(port, RENEWED);
    await listener.close();
  } finally {
    console.warn = warn;
  }
  assertEquals(warnings.map((line) => line.replace(/^WARNING: .*\//, "")), [
    "key.pem: wanted the key of the certificate. The certificate stays as it was.",
    "New connections use the new certificate.",
  ]);
});
