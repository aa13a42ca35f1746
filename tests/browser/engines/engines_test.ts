/** What visitors do, in every engine that is installed. */
import { assertEquals } from "@std/assert";
import { buildOnce } from "../browser.ts";
import { FakeChatServer } from "../fake_chat_server.ts";
import { ignoreTest } from "../open_browser.ts";
import { ANSWER_FLOWS } from "./answer_flows.ts";
import { CHROMIUM } from "./chromium.ts";
import { CORE_FLOWS } from "./core_flows.ts";
import { FIREFOX } from "./firefox.ts";
import { faultsOf } from "./flow.ts";
import { LAUNCHER_MOTION } from "./launcher_motion.ts";
import { Visitor } from "./visitor.ts";
import { VISITOR_FLOWS } from "./visitor_flows.ts";
import { WEBKIT } from "./webkit.ts";

for (const { name: engineName, start } of [CHROMIUM, FIREFOX, WEBKIT]) {
  const engine = await start();
  for (const flow of [...CORE_FLOWS, ...ANSWER_FLOWS, ...VISITOR_FLOWS, LAUNCHER_MOTION]) {
    const name = `chat-stream ${flow.name} in ${engineName}`;
    if (typeof engine === "string") {
      ignoreTest(name, engine);
      continue;
    }
    Deno.test(name, async () => {
      await using server = new FakeChatServer();
      await using page = await engine.newPage();
      const visitor = new Visitor(page);
      await flow.run({ visitor, server });
      assertEquals(await faultsOf(visitor), []);
    });
  }
  if (typeof engine === "string") continue;
  await buildOnce();
  Deno.test.afterAll(async () => await engine[Symbol.asyncDispose]());
}
