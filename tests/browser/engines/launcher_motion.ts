/**
 * The flow that watches the launcher's panel open and close.
 * @module
 */
import { assertEquals } from "@std/assert";
import { type Flow, visit } from "./flow.ts";

/** Records the transitions of the panel that end, with their length. An ended one is gone from the next frame on. */
function recordMotion(): void {
  const ended: string[] = [];
  const chat = document.querySelector("chat-stream")!;
  chat.shadowRoot!.querySelector("dialog")!.addEventListener("transitionend", (event) => {
    const { propertyName, elapsedTime, target, currentTarget } = event;
    if (target === currentTarget && propertyName !== "overlay") ended.push(`${propertyName} ${elapsedTime.toFixed(2)}`);
  });
  Object.assign(globalThis, { ended });
}

/** The transitions that have ended since the last call, once there are two. */
function endedMotion(): string[] | undefined {
  const { ended } = globalThis as unknown as { ended: string[] };
  return ended.length < 2 ? undefined : ended.splice(0).sort();
}

export const LAUNCHER_MOTION: Flow = {
  name: "scales and fades its panel when it opens and when it closes",
  async run(test) {
    const { visitor } = test;
    await visit(test, { attributes: 'mode="launcher" heading="Help desk"', body: "<h1>Shop</h1>" });
    await visitor.click("button", "Help desk");
    await visitor.see("textarea");
    await visitor.click("button", "Close");
    await visitor.miss("textarea");
    await visitor.call(recordMotion);
    const motion = ["opacity 0.18", "scale 0.18"];
    await visitor.click("button", "Help desk");
    assertEquals(await visitor.until(endedMotion), motion);
    await visitor.click("button", "Close");
    assertEquals(await visitor.until(endedMotion), motion);
    await visitor.miss("textarea");
  },
};
