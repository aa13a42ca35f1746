/**
 * Random streams of the Responses API that no provider should send. To run one again, set `FIRST_SEED` to the seed that the
 * failure names and run with `FUZZ_STREAMS=1`. After the fix, its bytes become a fixture.
 * @module
 */
import { responses } from "../../../upstream/responses/responses.ts";
import { testHostileStreams } from "../dialect_fuzz.ts";
import { createHostileResponsesStream } from "./hostile_responses_stream.ts";

const FIRST_SEED = 1;

testHostileStreams("responses", responses, createHostileResponsesStream, FIRST_SEED);
