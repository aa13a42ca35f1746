/** Tests of the tables in `RESULTS.md`. @module */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Figures, medians, type Results, type ServerResult } from "../../bench/measure.ts";
import { bars, barTable, resultsDocument, resultTable, skippedList } from "../../bench/report.ts";
import { REFERENCE, SERVERS } from "../../bench/servers.ts";

const figures = (factor: number): Figures => ({
  burstCpuMicros: 10 * factor,
  burstEventsPerSecond: 1e5 / factor,
  pacedCpuMicros: 50 * factor,
  pacedEventsPerSecond: 15_000,
  firstEventMedianMs: 2 * factor,
  firstEventP99Ms: 4 * factor,
  cancelP99Ms: 8 * factor,
  idleBytesPerStream: 102_400 * factor,
  slowReaderBytes: 2e8 * factor,
});

const results = (servers: Record<string, ServerResult>): Results => ({
  rounds: 3,
  servers: new Map(Object.entries(servers)),
});

const measured = (factor: number): ServerResult => ({ status: "measured", figures: figures(factor) });

Deno.test("resultTable shows each figure with its ratio to the reference, and times as ratios only", () => {
  const [, , ours, reference] = resultTable(results({ "chat-stream": measured(0.5), [REFERENCE]: measured(1) }))
    .split("\n").map((line) => line.split("|").map((cell) => cell.trim()).slice(1, -1));
  assertEquals(ours, [
    "chat-stream",
    "5.00 µs (×0.500)",
    "25.0 µs (×0.500)",
    "100 %",
    "×2.00",
    "×0.500",
    "×0.500",
    "×0.500",
    "50.0 KiB (×0.500)",
    "100 MB (×0.500)",
  ]);
  assertEquals(reference?.[1], "10.0 µs (×1.00)");
});

Deno.test("resultTable shows no ratios when the reference was not measured, and no row for a skipped server", () => {
  const skipped: ServerResult = { status: "skipped", reason: "npm is not installed" };
  const table = resultTable(results({ "chat-stream": measured(0.5), [REFERENCE]: skipped }));
  assertStringIncludes(table, "| 5.00 µs ");
  assert(!table.includes("×"));
  assert(!table.includes(REFERENCE));
});

Deno.test("skippedList names each skipped server and the reason", () => {
  const skipped: ServerResult = { status: "skipped", reason: "nginx is not installed" };
  assertEquals(skippedList(results({ a: measured(1), nginx: skipped })), "- nginx: skipped, nginx is not installed");
});

Deno.test("barTable shows which bars are met, missed and not measured", () => {
  const table = barTable(results({ "chat-stream": measured(0.3), [REFERENCE]: measured(1) }));
  const verdict = (start: string) => table.split("\n").find((line) => line.startsWith(`| ${start}`))?.split("|").at(-2);
  assertEquals(verdict("CPU per event, burst, against Express")?.trim(), "**missed**");
  assertEquals(verdict("CPU per event, paced, against Express")?.trim(), "met");
  assertEquals(verdict("CPU per event, paced, against nginx")?.trim(), "not measured");
  assertEquals(verdict("cancel, p99")?.trim(), "met");
  assertEquals(bars(results({})).every(({ value }) => value === undefined), true);
});

Deno.test("barTable marks a bar when a server fell behind the pace", () => {
  const slow: ServerResult = { status: "measured", figures: { ...figures(1), pacedEventsPerSecond: 9_000 } };
  const line = barTable(results({ "chat-stream": measured(0.3), [REFERENCE]: slow }))
    .split("\n").find((row) => row.includes("paced, against Express"));
  assertStringIncludes(line ?? "", "met, pace not kept");
});

Deno.test("medians returns the median of each figure, and omits figures that were never measured", () => {
  const rounds = [{ burstCpuMicros: 3 }, { burstCpuMicros: 1 }, { burstCpuMicros: 9 }];
  assertEquals(medians(rounds), { burstCpuMicros: 3 });
});

Deno.test("resultsDocument names the date, the machine and the versions, and explains each server", () => {
  const text = resultsDocument(results({ "chat-stream": measured(0.5), [REFERENCE]: measured(1) }), SERVERS, {
    date: "2026-01-02",
    commit: "abc1234",
    machine: "2 cores of a processor",
    versions: { Deno: "2.9.6", express: "5.3.0" },
    command: "deno task bench",
  });
  for (const part of ["2026-01-02", "abc1234", "2 cores of a processor", "Deno 2.9.6, express 5.3.0", "3 rounds"]) {
    assertStringIncludes(text, part);
  }
  for (const { name } of SERVERS) assertStringIncludes(text, `**${name}**`);
});
