/**
 * Fuzz tests of a dialect: hostile streams from seeds, with their content, and mutated fixtures.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { EMPTY_ANSWER, reduceChatAnswer } from "../../protocol/chat_answer.ts";
import type { Dialect } from "../../upstream/chat_events/dialect.ts";
import { cutAtRandom } from "../chunkings.ts";
import { FUZZ_STREAMS, SeededRandom } from "../seeded_random.ts";
import { decodeAll } from "./dialect_answer.ts";
import type { HostileStream } from "./hostile_values.ts";

/** Tests `FUZZ_STREAMS` streams of the generator, and as many mutations of the dialect's fixtures. */
export function testHostileStreams(
  folder: string,
  dialect: Dialect,
  create: (seed: number) => HostileStream,
  firstSeed: number,
): void {
  Deno.test(`the ${folder} decoder writes what was sent, and one ending, for ${FUZZ_STREAMS} hostile streams`, () => {
    for (let seed = firstSeed; seed < firstSeed + FUZZ_STREAMS; seed++) {
      atSeed(seed, () => checkContent(dialect, create(seed)));
    }
  });

  Deno.test(`the ${folder} decoder gives one ending, whatever the cuts, for ${FUZZ_STREAMS} mutated streams`, async () => {
    const directory = new URL(`../fixtures/${folder}/`, import.meta.url);
    const names = Array.from(Deno.readDirSync(directory), ({ name }) => name).sort();
    const fixtures = await Promise.all(names.map((name) => Deno.readFile(new URL(name, directory))));
    for (let seed = firstSeed; seed < firstSeed + FUZZ_STREAMS; seed++) {
      atSeed(seed, () => {
        const random = new SeededRandom(seed);
        const bytes = mutate(random.pick(fixtures), random);
        assertEquals(contentOf(dialect, [bytes]), contentOf(dialect, cutAtRandom(bytes, random, 20)));
      });
    }
  });
}

function atSeed(seed: number, check: () => void): void {
  try {
    check();
  } catch (cause) {
    throw new Error(`seed ${seed}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

function checkContent(dialect: Dialect, { chunks, text, reasoning, toolArguments, stop }: HostileStream): void {
  const answer = decodeAll(dialect, chunks).reduce(reduceChatAnswer, EMPTY_ANSWER);
  const calls = answer.tool_calls?.map((call) => call.function.arguments) ?? [];
  assertEquals(
    { text: answer.text, reasoning: answer.reasoning ?? "", calls, stop: answer.stop },
    { text, reasoning, calls: toolArguments, stop },
  );
  assertEquals(new Set(answer.tool_calls?.map(({ id }) => id)).size, calls.length);
  assert(stop !== undefined || answer.error !== undefined);
  assertEquals(({} as { polluted?: unknown }).polluted, undefined);
}

/** The content and the ending. Reads differ in where text is cut, and generated ids differ. */
function contentOf(dialect: Dialect, chunks: readonly Uint8Array<ArrayBuffer>[]): unknown {
  const { speed: _speed, ...answer } = decodeAll(dialect, chunks).reduce(reduceChatAnswer, EMPTY_ANSWER);
  return JSON.parse(JSON.stringify(answer).replace(/call_[0-9a-f-]{36}/g, "made"));
}

/** The bytes with a few bytes changed, taken out or doubled. */
function mutate(bytes: Uint8Array, random: SeededRandom): Uint8Array<ArrayBuffer> {
  const list = [...bytes];
  for (let change = random.below(5); change >= 0; change--) {
    const at = random.below(list.length + 1);
    const length = random.below(random.pick([2, 10, 100]));
    switch (random.below(4)) {
      case 0:
        list.splice(at, length);
        break;
      case 1:
        list.splice(at, 0, ...list.slice(at, at + length));
        break;
      case 2:
        list.splice(at, 1, random.below(256));
        break;
      default:
        list.splice(
          at,
          0,
          ...new TextEncoder().encode(random.pick(["\n", "\n\n", "null", "{}", '"', "data: ", "[1]"])),
        );
    }
  }
  return new Uint8Array(list);
}
