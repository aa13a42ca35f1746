/** An abort that follows another: with its reason, by itself before, and no longer once it is unlinked. */
import { assertEquals } from "@std/assert";
import { LinkedController } from "../../../upstream/http/linked_controller.ts";

Deno.test("LinkedController aborts with its leader, for the same reason", () => {
  const leader = new AbortController();
  const { signal } = new LinkedController(leader.signal);
  assertEquals(signal.aborted, false);
  leader.abort("gone");
  assertEquals([signal.aborted, signal.reason], [true, "gone"]);
});

Deno.test("LinkedController of a leader that has aborted is aborted", () => {
  const { signal } = new LinkedController(AbortSignal.abort("gone"));
  assertEquals([signal.aborted, signal.reason], [true, "gone"]);
});

Deno.test("LinkedController aborts by itself, and its leader does not", () => {
  const leader = new AbortController();
  const controller = new LinkedController(leader.signal);
  controller.abort("late");
  leader.abort("gone");
  assertEquals([controller.signal.reason, leader.signal.reason], ["late", "gone"]);
});

Deno.test("LinkedController follows no longer once it is unlinked", () => {
  const leader = new AbortController();
  const controller = new LinkedController(leader.signal);
  controller.unlink();
  leader.abort("gone");
  assertEquals(controller.signal.aborted, false);
  controller.abort("late");
  assertEquals(controller.signal.reason, "late");
});
