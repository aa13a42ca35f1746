/**
 * Random Gemini streams that no provider should send. To run one again, set `FIRST_SEED` to the seed that the failure names
 * and run with `FUZZ_STREAMS=1`. After the fix, its bytes become a fixture.
 * @module
 */
import { gemini } from "../../../upstream/gemini/gemini.ts";
import { testHostileStreams } from "../dialect_fuzz.ts";
import { createHostileGeminiStream } from "./hostile_gemini_stream.ts";

const FIRST_SEED = 1;

testHostileStreams("gemini", gemini, createHostileGeminiStream, FIRST_SEED);
