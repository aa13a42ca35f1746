/** Tests the console of a process whose output cannot be written. */
import { assertEquals } from "@std/assert";
import { guardConsole } from "../../config/guard_console.ts";

Deno.test("guardConsole drops a line that cannot be written, and writes the next one", () => {
  const written: string[] = [];
  let isFull = false;
  const write = (text: string) => {
    if (isFull) throw new Error("No space left on device (os error 28)");
    written.push(text);
  };
  const console = { log: write, info: write, warn: write, error: write, debug: write };
  guardConsole(console);
  console.error("before");
  isFull = true;
  for (const name of ["log", "info", "warn", "error", "debug"] as const) console[name]("lost");
  isFull = false;
  console.warn("after");
  assertEquals(written, ["before", "after"]);
});
