import { assertEquals } from "@std/assert";
import { type BeforeSend, CHECK_DEADLINE_MS, checkMessage } from "../../../components/chat/before_send.ts";
import { FakeTimers } from "./fake_timers.ts";
import { ReportedErrors } from "./reported_errors.ts";

const PARTS = [{ type: "text", text: "Look" }] as const;
const CHECKS: readonly [string, BeforeSend, unknown][] = [
  ["sends the message as it is after undefined", () => {}, { content: "Hi" }],
  ["sends a string instead", () => "Hello", { content: "Hello" }],
  ["sends parts instead, from a promise", () => Promise.resolve(PARTS), { content: PARTS }],
  ["sends nothing after a refusal", () => ({ refuse: "No." }), { refusal: "No." }],
];
for (const [name, hook, expected] of CHECKS) {
  Deno.test(`checkMessage ${name}`, async () => assertEquals(await checkMessage(hook, "Hi"), expected));
}

Deno.test("checkMessage refuses and reports when the hook throws or rejects", async () => {
  using errors = new ReportedErrors();
  const hooks: readonly BeforeSend[] = [
    () => {
      throw new Error("thrown");
    },
    () => Promise.reject(new Error("rejected")),
  ];
  for (const hook of hooks) assertEquals(await checkMessage(hook, "Hi"), { refusal: "" });
  assertEquals(errors.messages, ["thrown", "rejected"]);
});

Deno.test("checkMessage aborts the signal and refuses when the deadline has passed", async () => {
  using errors = new ReportedErrors();
  using timers = new FakeTimers();
  let signal: AbortSignal | undefined;
  const result = checkMessage((_, given) => {
    signal = given;
    return new Promise(() => {});
  }, "Hi");
  assertEquals(await timers.pass(), CHECK_DEADLINE_MS);
  assertEquals(await result, { refusal: "" });
  assertEquals([signal?.aborted, errors.messages.length], [true, 1]);
});
