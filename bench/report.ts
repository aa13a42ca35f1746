/**
 * Turns what was measured into the one table, the bars and `RESULTS.md`. Pure.
 * @module
 */
import type { Figures, Results } from "./measure.ts";
import { REFERENCE, type Server } from "./servers.ts";

/** Where and with what a run was made. Nothing in it names the machine. */
export interface Circumstances {
  readonly date: string;
  readonly commit: string;
  readonly machine: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly command: string;
}

interface Column {
  readonly title: string;
  readonly figure: keyof Figures;
  /** How the figure itself is shown; without it only the ratio is, as for times that depend on the machine. */
  readonly show?: (value: number) => string;
}

/** How many events a second 300 streams with one each 20 ms are. */
const PACED_EVENTS_PER_SECOND = 15_000;
/** Below this share of them a server reads several events at once, which is cheaper: its paced figure says little. */
const PACE_KEPT = 0.95;

const COLUMNS: readonly Column[] = [
  { title: "CPU per event, burst", figure: "burstCpuMicros", show: (value) => `${digits(value)} µs` },
  { title: "CPU per event, paced", figure: "pacedCpuMicros", show: (value) => `${digits(value)} µs` },
  {
    title: "pace kept",
    figure: "pacedEventsPerSecond",
    show: (value) => `${Math.round(value / PACED_EVENTS_PER_SECOND * 100)} %`,
  },
  { title: "events/s, burst", figure: "burstEventsPerSecond" },
  { title: "added to first event, median", figure: "firstEventMedianMs" },
  { title: "… p99", figure: "firstEventP99Ms" },
  { title: "cancel, p99", figure: "cancelP99Ms" },
  { title: "memory per idle stream", figure: "idleBytesPerStream", show: (value) => `${digits(value / 1024)} KiB` },
  { title: "memory for a slow reader", figure: "slowReaderBytes", show: (value) => `${digits(value / 1e6)} MB` },
];

/** A line of the table of bars. */
export interface Bar {
  readonly what: string;
  readonly limit: number;
  readonly unit: "ratio" | "ms";
  /** What was measured, undefined where one of the servers it needs was not. */
  readonly value: number | undefined;
  /** True where a server fell behind the pace, and so was measured doing something else. */
  readonly isBehind?: boolean;
}

/** The bars that this project sets itself, with what was measured. */
export function bars(results: Results): readonly Bar[] {
  const of = (name: string, figure: keyof Figures): number | undefined => {
    const result = results.servers.get(name);
    return result?.status === "measured" ? result.figures[figure] : undefined;
  };
  const ratio = (what: string, limit: number, figure: keyof Figures, against: string, ours = "chat-stream"): Bar => {
    const value = of(ours, figure);
    const reference = of(against, figure);
    const isBehind = figure === "pacedCpuMicros" &&
      [ours, against].some((name) => (of(name, "pacedEventsPerSecond") ?? 0) < PACE_KEPT * PACED_EVENTS_PER_SECOND);
    return {
      what,
      limit,
      unit: "ratio",
      value: value === undefined || !reference ? undefined : value / reference,
      isBehind,
    };
  };
  const proxy = "chat-stream, proxy mode";
  return [
    ratio("CPU per event, burst, against Express", 0.1, "burstCpuMicros", REFERENCE),
    ratio("CPU per event, paced, against Express", 0.4, "pacedCpuMicros", REFERENCE),
    ratio("CPU per event, paced, against nginx untouched", 2, "pacedCpuMicros", "nginx"),
    ratio("CPU per event, proxy mode, burst, against Deno pass-through", 1.1, "burstCpuMicros", DENO_BARE, proxy),
    ratio("CPU per event, proxy mode, paced, against Deno pass-through", 1.1, "pacedCpuMicros", DENO_BARE, proxy),
    ratio("memory per idle stream, against Express", 0.75, "idleBytesPerStream", REFERENCE),
    ratio("added to first event, median, against Express", 1, "firstEventMedianMs", REFERENCE),
    { what: "added to first event, median", limit: 2, unit: "ms", value: of("chat-stream", "firstEventMedianMs") },
    { what: "cancel, p99", limit: 50, unit: "ms", value: of("chat-stream", "cancelP99Ms") },
  ];
}

const DENO_BARE = "Deno, pass-through";

/** The table of all servers: each figure with its ratio to {@linkcode REFERENCE}. */
export function resultTable(results: Results): string {
  const reference = results.servers.get(REFERENCE);
  const base = reference?.status === "measured" ? reference.figures : {};
  const rows = [...results.servers].flatMap(([name, result]) =>
    result.status === "measured" ? [[name, ...COLUMNS.map((column) => cell(column, result.figures, base))]] : []
  );
  return table([["", ...COLUMNS.map((column) => column.title)], ...rows]);
}

function cell({ figure, show }: Column, figures: Partial<Figures>, base: Partial<Figures>): string {
  const value = figures[figure];
  if (value === undefined) return "–";
  const reference = base[figure];
  const ratio = reference ? `×${digits(value / reference)}` : "";
  if (show === undefined) return ratio || "–";
  return figure === "pacedEventsPerSecond" || ratio === "" ? show(value) : `${show(value)} (${ratio})`;
}

/** The table of the bars, with whether each is met. */
export function barTable(results: Results): string {
  const shown = ({ unit }: Bar, value: number) => unit === "ratio" ? `×${digits(value)}` : `${digits(value)} ms`;
  const rows = bars(results).map((bar) => {
    const value = bar.value === undefined ? "–" : shown(bar, bar.value);
    return [bar.what, `≤ ${shown(bar, bar.limit)}`, value, verdict(bar)];
  });
  return table([["bar", "limit", "measured", ""], ...rows]);
}

function verdict({ value, limit, isBehind }: Bar): string {
  if (value === undefined) return "not measured";
  return (value <= limit ? "met" : "**missed**") + (isBehind ? ", pace not kept" : "");
}

/** The servers that could not be measured, and why; empty when all could. */
export function skippedList(results: Results): string {
  return [...results.servers].flatMap(([name, result]) =>
    result.status === "skipped" ? [`- ${name}: skipped, ${result.reason}`] : []
  ).join("\n");
}

/** The text of `RESULTS.md`. */
export function resultsDocument(results: Results, servers: readonly Server[], circumstances: Circumstances): string {
  const { date, commit, machine, versions, command } = circumstances;
  const skipped = skippedList(results);
  return `# Benchmark results

Measured ${date} at commit ${commit} by \`${command}\`: the median of ${results.rounds} round${
    results.rounds === 1 ? "" : "s"
  },
servers in turn.
${machine}; ${Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(", ")}.

${resultTable(results)}
${skipped === "" ? "" : `\n${skipped}\n`}
${barTable(results)}

## What the figures are

In brackets: the ratio to ${REFERENCE}. CPU is the user and system time of the server's process and its children over
the events delivered, and so holds on a machine that does other things too; times and throughput depend on the machine
and are given as ratios only. How each scenario is run is written in [docs/performance.md](../docs/performance.md).

${servers.map(({ name, what }) => `- **${name}**: ${what}.`).join("\n")}
`;
}

/** Three significant digits, no exponent. */
function digits(value: number): string {
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(Math.max(Math.abs(value), 0.01))));
  return value.toFixed(Math.min(decimals, 3));
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(3, ...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) => `| ${row.map((text, column) => text.padEnd(widths[column]!)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [line(rows[0]!), rule, ...rows.slice(1).map(line)].join("\n");
}
