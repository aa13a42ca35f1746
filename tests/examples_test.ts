/**
 * Runs the examples that mint a token, in each language whose interpreter is installed.
 * @module
 */
import { assertEquals } from "@std/assert";
import { verifyEmbedToken } from "../routes/embed_token.ts";

const FOLDER = new URL("../examples/mint_token/", import.meta.url).pathname;
const SECRET = "a-secret-for-tests-0123456789abcdef";

for (
  const [file, program, ...args] of [
    ["deno.ts", Deno.execPath(), "run", "--no-check", "--allow-env=EMBED_SECRET"],
    ["node.mjs", "node"],
    ["python.py", "python3"],
    ["php.php", "php"],
  ] as const
) {
  Deno.test({
    name: `examples/mint_token/${file} mints a token that verifyEmbedToken accepts`,
    ignore: !isInstalled(program),
    async fn() {
      const command = new Deno.Command(program, { args: [...args, `${FOLDER}${file}`], env: { EMBED_SECRET: SECRET } });
      const token = new TextDecoder().decode((await command.output()).stdout).trim();
      const headers = { authorization: `Bearer ${token}`, origin: "https://www.example.com" };
      const request = new Request("http://localhost/api/chat", { method: "POST", headers });
      const origin = "https://www.example.com";
      assertEquals(await verifyEmbedToken(request, [{ secret: SECRET }]), { subject: "visitor-1", origin });
    },
  });
}

function isInstalled(program: string): boolean {
  try {
    return new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}
