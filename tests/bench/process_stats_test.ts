/** Tests of the figures from Linux's `/proc`. @module */
import { assert, assertEquals } from "@std/assert";
import {
  cpuSeconds,
  memoryBytes,
  parseCpuTicks,
  parseStatusBytes,
  peakMemoryBytes,
} from "../../bench/process_stats.ts";

Deno.test("parseCpuTicks counts fields from the last parenthesis of the name", () => {
  const rest = "S 1 1 1 0 -1 4194304 10 20 0 0 100 20 3 4 20 0 1 0 5 6 7";
  assertEquals(parseCpuTicks(`42 (server) ${rest}`), 127);
  assertEquals(parseCpuTicks(`42 (a (strange) name 1 2) ${rest}`), 127);
});

Deno.test("parseCpuTicks returns 0 when the process has ended", () => {
  assertEquals(parseCpuTicks(""), 0);
});

Deno.test("parseStatusBytes returns a size in bytes, and 0 when there is none", () => {
  const status = "Name:\tx\nVmHWM:\t    2000 kB\nVmRSS:\t    1000 kB\n";
  assertEquals(parseStatusBytes(status, "VmRSS"), 1_024_000);
  assertEquals(parseStatusBytes(status, "VmHWM"), 2_048_000);
  assertEquals(parseStatusBytes("Name:\tx\n", "VmRSS"), 0);
});

Deno.test({
  name: "memoryBytes and peakMemoryBytes add up a process and its children",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const script = "sh -c 'echo ready; read line'; exit";
    await using parent = new Deno.Command("sh", { args: ["-c", script], stdin: "piped", stdout: "piped" }).spawn();
    const output = parent.stdout.getReader();
    await output.read();
    const own = parseStatusBytes(Deno.readTextFileSync(`/proc/${parent.pid}/status`), "VmRSS");
    assert(own > 0 && memoryBytes(parent.pid) > own);
    assert(peakMemoryBytes(parent.pid) >= memoryBytes(parent.pid));
    await output.cancel();
    await parent.stdin.close();
  },
});

Deno.test({
  name: "cpuSeconds grows as a process works",
  ignore: Deno.build.os !== "linux",
  fn() {
    const before = cpuSeconds(Deno.pid);
    const deadline = performance.now() + 10_000;
    while (cpuSeconds(Deno.pid) < before + 0.05 && performance.now() < deadline) { /* use CPU time */ }
    assert(cpuSeconds(Deno.pid) >= before + 0.05);
  },
});
