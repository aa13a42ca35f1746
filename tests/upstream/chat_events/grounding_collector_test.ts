/** The sources of an answer. */
import { assert, assertEquals } from "@std/assert";
import { GroundingCollector } from "../../../upstream/chat_events/grounding_collector.ts";

Deno.test("GroundingCollector gives all sources so far, once after each change", () => {
  const collector = new GroundingCollector();
  assertEquals(collector.take(), undefined);
  collector.addCitation("https://a.example/", "A");
  collector.addQuery("q");
  assertEquals(collector.take(), { citations: [{ title: "A", url: "https://a.example/" }], searchQueries: ["q"] });
  collector.addCitation("https://a.example/", "again");
  collector.addCitation(undefined, "no address");
  collector.addQuery("");
  assertEquals(collector.take(), undefined);
  collector.addCitation("https://b.example/", 7);
  assertEquals(collector.take()?.citations.length, 2);
});

Deno.test("GroundingCollector keeps a limited number of sources", () => {
  const collector = new GroundingCollector();
  for (let at = 0; at < 1000; at++) {
    collector.addCitation(`https://${at}.example/`, undefined);
    collector.addQuery(String(at));
  }
  const grounding = collector.take();
  assertEquals([grounding?.citations.length, grounding?.searchQueries?.length], [256, 256]);
});

Deno.test("GroundingCollector merges the marks of a position, and sorts them", () => {
  const collector = new GroundingCollector();
  const a = collector.addCitation("https://a.example/", undefined);
  const b = collector.addCitation("https://b.example/", undefined);
  collector.addMark(9, [a]);
  collector.addMark(4, [b, undefined, b]);
  collector.addMark(9, [b]);
  for (const end of [undefined, 0, -1]) collector.addMark(end, [a]);
  collector.addMark(5, [undefined]);
  assertEquals(collector.take()?.marks, [{ end: 4, citations: [1] }, { end: 9, citations: [0, 1] }]);
  collector.addMark(9, [a]);
  assertEquals(collector.take(), undefined);
  collector.addMark(10, [collector.addCitation("https://a.example/", "again")]);
  assertEquals(collector.take()?.marks?.at(-1), { end: 10, citations: [0] });
});

Deno.test("GroundingCollector keeps a limited number of marks, and of citations of a mark", () => {
  const collector = new GroundingCollector();
  const indexes = Array.from({ length: 100 }, (_, at) => collector.addCitation(`https://${at}.example/`, undefined));
  for (let end = 1; end <= 1000; end++) collector.addMark(end, indexes);
  const marks = collector.take()?.marks;
  assertEquals([marks?.length, marks?.[0]?.citations.length], [256, 32]);
});

Deno.test("GroundingCollector gives sources that have grown by a quarter, so that all events together stay short", () => {
  const collector = new GroundingCollector();
  let chars = 0;
  let last = 0;
  const take = (grounding: ReturnType<typeof collector.take>) => {
    if (grounding === undefined) return;
    last = JSON.stringify(grounding).length;
    chars += last;
  };
  for (let at = 0; at < 256 * 32; at++) {
    const index = collector.addCitation(`https://${at % 256}.example/${"x".repeat(2000)}`, undefined);
    collector.addMark(1 + Math.floor(at / 32), [index]);
    take(collector.takeGrown());
  }
  take(collector.take());
  assertEquals(collector.take(), undefined);
  assert(chars < 6 * last, `${chars} characters, of which the last event has ${last}`);
});
