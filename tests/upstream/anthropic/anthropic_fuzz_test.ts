/**
 * Random Anthropic streams that no provider should send. To run one again, set `FIRST_SEED` to the seed that the failure
 * names and run with `FUZZ_STREAMS=1`. After the fix, its bytes become a fixture.
 * @module
 */
import { anthropic } from "../../../upstream/anthropic/anthropic.ts";
import { testHostileStreams } from "../dialect_fuzz.ts";
import { createHostileAnthropicStream } from "./hostile_anthropic_stream.ts";

const FIRST_SEED = 1;

testHostileStreams("anthropic", anthropic, createHostileAnthropicStream, FIRST_SEED);
