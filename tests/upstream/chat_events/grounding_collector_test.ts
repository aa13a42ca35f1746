/** The sources of an answer. */
import { assertEquals } from "@std/assert";
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
