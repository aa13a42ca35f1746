/** The transform under Node, from a bundle without this server, with the same output as under Deno. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { OpenAIToChatEventStream } from "../../upstream/openai_to_chat_events.ts";

const MODULE = new URL("../../upstream/openai_to_chat_events.ts", import.meta.url).pathname;
const FIXTURE = new URL("../fixtures/openai/mistral-everything-in-one-chunk.sse", import.meta.url);
/** The first Node whose TransformStream supports the transformer's `cancel`. */
const MIN_NODE_MAJOR = 20;

async function nodeMajor(): Promise<number> {
  try {
    const { stdout } = await new Deno.Command("node", { args: ["--version"] }).output();
    return Number(/^v(\d+)/.exec(new TextDecoder().decode(stdout))?.[1]);
  } catch {
    return 0;
  }
}

/** Generated ids and the times of `speed` differ in each run. */
function withoutVariation(wire: string): string {
  return wire.replace(/call_[0-9a-f-]{36}/g, "call").replace(/(event: speed\ndata: ).*/g, "$1{}");
}

const hasNode = await nodeMajor() >= MIN_NODE_MAJOR;

Deno.test({
  name: `OpenAIToChatEventStream emits the same events under Node${
    hasNode ? "" : ` (ignored: no Node ${MIN_NODE_MAJOR})`
  }`,
  ignore: !hasNode,
  async fn() {
    const folder = await Deno.makeTempDir();
    const bundle = `${folder}/transform.mjs`;
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["bundle", "--quiet", "--platform", "browser", "--output", bundle, MODULE],
      env: { NO_COLOR: "1" },
    }).output();
    assertEquals([success, new TextDecoder().decode(stderr)], [true, ""]);
    const source = await Deno.readTextFile(bundle);
    assertEquals(source.match(/\bDeno\./g), null, "the transform must not use Deno");
    await Deno.writeTextFile(
      `${folder}/run.mjs`,
      `import { readFile } from "node:fs/promises";
      import { OpenAIToChatEventStream } from "./transform.mjs";
      const body = new Response(await readFile(process.argv[2])).body;
      process.stdout.write(await new Response(body.pipeThrough(new OpenAIToChatEventStream())).text());
      const broken = new ReadableStream({ pull: (controller) => controller.error(new Error("reset")) });
      process.stdout.write(await new Response(broken.pipeThrough(new OpenAIToChatEventStream())).text());`,
    );
    const node = await new Deno.Command("node", { args: [`${folder}/run.mjs`, FIXTURE.pathname] }).output();
    await Deno.remove(folder, { recursive: true });
    const wire = new TextDecoder().decode(node.stdout);
    const here = new Response((await Deno.open(FIXTURE)).readable.pipeThrough(new OpenAIToChatEventStream()));
    const expected = await here.text();
    assertEquals(withoutVariation(wire.slice(0, wire.lastIndexOf("id: 1\n"))), withoutVariation(expected));
    assertStringIncludes(wire, '"reason":"unexpected_end"');
    assertEquals([node.code, new TextDecoder().decode(node.stderr)], [0, ""]);
  },
});
