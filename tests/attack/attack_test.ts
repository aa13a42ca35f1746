/** Tests what the attacks are judged by: a measurement that sees nothing would let every attack fail unseen. */
import { assert, assertEquals } from "@std/assert";
import { Pulse, repeat, within } from "./attack.ts";
import { RawProvider, response } from "./raw_provider.ts";
import { attempt } from "./run.ts";

Deno.test("attempt counts an attack that throws as a failure", async () => {
  const attack = { name: "a", wanted: "w", run: () => Promise.reject(new Error("it broke\nhere")) };
  assertEquals(await attempt(attack, "short"), { holds: false, figure: "Error: it broke" });
});

Deno.test("repeat runs every index once, and not more than so many at a time", async () => {
  const seen: number[] = [];
  let running = 0;
  let most = 0;
  await repeat(20, 3, async (index) => {
    most = Math.max(most, ++running);
    seen.push(index);
    await Promise.resolve();
    running--;
  });
  assertEquals([seen, most], [Array.from({ length: 20 }, (_, index) => index), 3]);
});

Deno.test("within says whether its condition came to hold", async () => {
  let polls = 0;
  assertEquals(await within(60_000, () => ++polls === 2), true);
  assertEquals(await within(0, () => false), false);
});

Deno.test("Pulse waits for the request that is under way when it stops", async () => {
  const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>();
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  await using server = new RawProvider(async ({ write }) => {
    onAsked();
    await released;
    await write(response("200 OK"));
    return false;
  });
  const pulse = new Pulse({ origin: new URL(server.baseURL).origin });
  await asked;
  let isStopped = false;
  const stopped = pulse.stop().finally(() => isStopped = true);
  // A whole request to another server takes longer than a pulse that waits for nothing would.
  await using other = new RawProvider(({ write }) => write(response("200 OK")).then(() => false));
  await (await fetch(other.baseURL)).body?.cancel();
  assertEquals(isStopped, false);
  release();
  assert(await stopped >= 0);
});
