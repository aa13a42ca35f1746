/**
 * Random Gemini streams that no provider should send. To run one again, set `FIRST_SEED` to the seed that the failure names
 * and run with `FUZZ_STREAMS=1`. After the fix, its bytes become a fixture.
 * @module
 */
import { geminiDialect } from "../../../upstream/gemini/gemini_dialect.ts";
import { testHostileStreams } from "../dialect_fuzz.ts";
import { createHostileGeminiStream } from "./hostile_gemini_stream.ts";

const FIRST_SEED = 1;

testHostileStreams("gemini", geminiDialect, createHostileGeminiStream, FIRST_SEED);
