/** Tests an AbortController that is linked to a parent signal. */
import { assertEquals } from "@std/assert";
import { LinkedController } from "../../../upstream/http/linked_controller.ts";

Deno.test("LinkedController aborts with the parent's reason when the parent aborts", () => {
  const parent = new AbortController();
  const { signal } = new LinkedController(parent.signal);
  assertEquals(signal.aborted, false);
  parent.abort("gone");
  assertEquals([signal.aborted, signal.reason], [true, "gone"]);
});

Deno.test("LinkedController is aborted when the parent has aborted before", () => {
  const { signal } = new LinkedController(AbortSignal.abort("gone"));
  assertEquals([signal.aborted, signal.reason], [true, "gone"]);
});

Deno.test("LinkedController aborts without its parent", () => {
  const parent = new AbortController();
  const controller = new LinkedController(parent.signal);
  controller.abort("late");
  parent.abort("gone");
  assertEquals([controller.signal.reason, parent.signal.reason], ["late", "gone"]);
});

Deno.test("LinkedController does not abort with its parent when it is unlinked", () => {
  const parent = new AbortController();
  const controller = new LinkedController(parent.signal);
  controller.unlink();
  parent.abort("gone");
  assertEquals(controller.signal.aborted, false);
  controller.abort("late");
  assertEquals(controller.signal.reason, "late");
});
