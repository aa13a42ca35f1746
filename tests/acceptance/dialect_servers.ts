/**
 * Runs the recorded streams of every dialect through the whole server: it sends the same answer as the decoder, which the
 * other parts compare with the recordings' index.
 * @module
 */
import { type ChatAnswer, EMPTY_ANSWER, reduceChatAnswer } from "../../protocol/chat_answer.ts";
import type { ChatEvent } from "../../protocol/chat_event.ts";
import type { ProviderApi } from "../../upstream/chat_events/provider_config.ts";
import { DIALECTS } from "../../upstream/dialects.ts";
import { cutAtRandom } from "../chunkings.ts";
import { SeededRandom } from "../seeded_random.ts";
import { TestServer } from "../test_server.ts";
import { readWire } from "../upstream/answer_of.ts";
import { decodeAll } from "../upstream/dialect_answer.ts";
import { assertSame, readSuite, Suite, type SuiteResult } from "./suite.ts";

/** Runs `recordings/<dialect>`, as far as the folder has them. */
export async function runDialectServers(suitesDir: string): Promise<SuiteResult[]> {
  const results: SuiteResult[] = [];
  for (const api of Object.keys(DIALECTS) as ProviderApi[]) {
    const index = await readSuite<readonly { readonly file: string }[]>(suitesDir, `recordings/${api}/INDEX.json`);
    if (index === undefined) continue;
    const suite = new Suite(`${api}: streams, through the whole server`);
    await using server = new TestServer({ quirks: { api } });
    for (const { file } of index) {
      await suite.try(file, async () => {
        const bytes = await Deno.readFile(`${suitesDir}/recordings/${api}/${file}`);
        server.provider.script = () => ({ body: cutAtRandom(bytes, new SeededRandom(7), 700) });
        const response = await server.chat();
        assertSame("the status", response.status, 200);
        const answer = reduce(readWire(await response.text()));
        assertSame("the answer", answer, reduce(decodeAll(DIALECTS[api], [bytes])));
      });
    }
    results.push(suite.result);
  }
  return results;
}

/** The answer without its speed. Generated ids differ. */
function reduce(events: readonly ChatEvent[]): unknown {
  const { speed: _, ...answer }: ChatAnswer = events.reduce(reduceChatAnswer, EMPTY_ANSWER);
  return JSON.parse(JSON.stringify(answer).replace(/call_[0-9a-f-]{36}/g, "made"));
}
