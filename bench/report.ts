/**
 * Turns measurements into the tables and `RESULTS.md`. Pure.
 * @module
 */
import type { Figures, Results } from "./measure.ts";
import { DIALECT_SERVERS, REFERENCE, type Server } from "./servers.ts";

/** The environment of a run. Nothing in it identifies the machine. */
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
  /** Formats the figure. Without it the table has only the ratio, because the figure depends on the machine. */
  readonly show?: (value: number) => string;
}

/** The events a second of 300 streams with an event each 20 ms. */
const PACED_EVENTS_PER_SECOND = 15_000;
/** Below this share a server reads several events at once, which is cheaper: its paced figure is not comparable. */
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
  readonly unit: "ratio" | "ms" | "µs";
  /** The measured value; undefined where one of its servers was not measured. */
  readonly value: number | undefined;
  /** True if a server fell behind the pace: its figure is then not comparable. */
  readonly isBehind?: boolean;
}

/** The bars of this project, with the measured values. */
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
    ...DIALECT_SERVERS.flatMap(({ name }): Bar[] => [
      { what: `CPU per event, burst, ${name}`, limit: 6, unit: "µs", value: of(name, "burstCpuMicros") },
      ratio(`CPU per event, paced, ${name} against chat-stream`, 1.3, "pacedCpuMicros", "chat-stream", name),
    ]),
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

/** The table of the bars. It says whether each is met. */
export function barTable(results: Results): string {
  const shown = ({ unit }: Bar, value: number) => unit === "ratio" ? `×${digits(value)}` : `${digits(value)} ${unit}`;
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

/** The servers that could not be measured, with the reasons. Empty if there are none. */
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

## What the figures mean

In brackets: the ratio to ${REFERENCE}. CPU is the user and system time of the server's process and its children, divided
by the delivered events. It does not depend on other work on the machine. Times and throughput do, so only their ratios
are given. [docs/performance.md](../docs/performance.md) describes the scenarios.

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
