/**
 * Tests of a dialect on its fixtures: each file with its answer, however the bytes are cut.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { type ChatAnswer, EMPTY_ANSWER, reduceChatAnswer } from "../../protocol/chat_answer.ts";
import type { ChatErrorType } from "../../protocol/chat_error.ts";
import type { ChatEvent } from "../../protocol/chat_event.ts";
import type { Dialect } from "../../upstream/chat_events/dialect.ts";
import { everyChunking } from "../chunkings.ts";
import { decodeAll, transformAll } from "./dialect_answer.ts";

/** The answer of a fixture, in short. A generated id is `"made"`. */
export interface ExpectedAnswer {
  readonly text?: string;
  readonly reasoning?: string;
  readonly signature?: string;
  /** Id, name, arguments, and the state of each call. */
  readonly calls?: readonly (readonly [id: string, name: string, args: string, state?: string])[];
  readonly images?: readonly string[];
  readonly grounding?: ChatAnswer["grounding"];
  readonly usage?: ChatAnswer["usage"];
  readonly stop?: string;
  /** The error's type, and the reason or finish reason in its body. */
  readonly error?: readonly [type: ChatErrorType, detail?: string];
}

/** Tests each file of `tests/fixtures/<folder>`. A file without an expected answer fails. */
export function testFixtures(
  dialect: Dialect,
  folder: string,
  expected: Readonly<Record<string, ExpectedAnswer>>,
): void {
  const directory = new URL(`../fixtures/${folder}/`, import.meta.url);

  Deno.test(`each fixture of ${folder} has an expected answer`, () => {
    const files = Array.from(Deno.readDirSync(directory), ({ name }) => name.replace(/\.sse$/, ""));
    assertEquals(files.toSorted(), Object.keys(expected).toSorted());
  });

  for (const [name, wanted] of Object.entries(expected)) {
    Deno.test(`the ${folder} decoder gives the answer of ${name} for every chunking`, async () => {
      const bytes = await Deno.readFile(new URL(`${name}.sse`, directory));
      for (const { name: cut, chunks } of everyChunking(bytes)) {
        assertEquals(shorten(decodeAll(dialect, chunks)), wanted, cut);
      }
      assertEquals(shorten(await transformAll(dialect, [bytes])), wanted, "through the transform");
    });
  }
}

function shorten(events: readonly ChatEvent[]): ExpectedAnswer {
  const answer = events.reduce(reduceChatAnswer, EMPTY_ANSWER);
  const { text, reasoning, reasoning_signature, tool_calls, base64_images, grounding, usage, stop, error } = answer;
  const { reason, finishReason } = error?.body ?? {};
  assert(error === undefined || error.message !== "");
  const fields = {
    text: text === "" ? undefined : text,
    reasoning,
    signature: reasoning_signature,
    calls: tool_calls?.map(({ id, function: { name, arguments: args }, thoughtSignature }) => [
      /^call_[0-9a-f-]{36}$/.test(id) ? "made" : id,
      name,
      args,
      ...(thoughtSignature === undefined ? [] : [thoughtSignature]),
    ]),
    images: base64_images,
    grounding,
    usage,
    stop,
    error: error && [error.type, ...[reason ?? finishReason].filter((each) => each !== undefined)],
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as ExpectedAnswer;
}
