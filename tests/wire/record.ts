/**
 * Records the contract of the version in `deno.json` into `tests/fixtures/wire/`, once for each release. A record is never
 * changed: `deno run --lock=tests/deno.lock --allow-all tests/wire/record.ts`
 * @module
 */
import denoConfig from "../../deno.json" with { type: "json" };
import { readNames, RECORDED_STREAMS, RECORDS, respond } from "./wire_record.ts";

const folder = new URL(`${denoConfig.version}/`, RECORDS);
await Deno.mkdir(RECORDS, { recursive: true });
await Deno.mkdir(folder);
for (const stream of RECORDED_STREAMS) {
  await Deno.writeTextFile(new URL(`${stream}.sse`, folder), (await respond(stream)).wire);
}
await Deno.writeTextFile(new URL("names.json", folder), `${JSON.stringify(await readNames(), null, 2)}\n`);
console.log(
  `Recorded ${folder.pathname}. Copy requests.json and conversation.json from the version before, and extend them.`,
);
