/**
 * CPU time and memory of a process and its descendants, from Linux's `/proc`. CPU time does not depend on other work on
 * the machine.
 * @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 * @module
 */

/** The unit of CPU time in `/proc` on every common architecture (`getconf CLK_TCK`). */
const TICKS_PER_SECOND = 100;

/** User and system time of a process, its living descendants and its children that have ended, in seconds. */
export function cpuSeconds(pid: number): number {
  return family(pid).reduce((sum, member) => sum + parseCpuTicks(read(`/proc/${member}/stat`)), 0) / TICKS_PER_SECOND;
}

/** Resident memory of a process and its descendants, in bytes. */
export function memoryBytes(pid: number): number {
  return family(pid).reduce((sum, member) => sum + parseStatusBytes(read(`/proc/${member}/status`), "VmRSS"), 0);
}

/** The sum of the peaks of resident memory of a process and its descendants since {@linkcode resetPeak}, in bytes. */
export function peakMemoryBytes(pid: number): number {
  return family(pid).reduce((sum, member) => sum + parseStatusBytes(read(`/proc/${member}/status`), "VmHWM"), 0);
}

/** Resets the peaks to the present values. */
export function resetPeak(pid: number): void {
  for (const member of family(pid)) Deno.writeTextFileSync(`/proc/${member}/clear_refs`, "5");
}

/** The user and system ticks in a line of `/proc/<pid>/stat`, with those of children that have ended. */
export function parseCpuTicks(stat: string): number {
  // The name in parentheses may contain spaces and parentheses, so count fields after the last one.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [user, system, childrenUser, childrenSystem] = fields.slice(11, 15).map(Number);
  return (user ?? 0) + (system ?? 0) + (childrenUser ?? 0) + (childrenSystem ?? 0);
}

/** A size in `/proc/<pid>/status`, in bytes; 0 where it is missing because the process is ending. */
export function parseStatusBytes(status: string, field: "VmRSS" | "VmHWM"): number {
  const kibibytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1];
  return Number(kibibytes ?? 0) * 1024;
}

/** The process and all its living descendants. */
function family(pid: number): readonly number[] {
  const children = childrenOf(pid);
  return [pid, ...children.flatMap(family)];
}

function childrenOf(pid: number): readonly number[] {
  const threads = listed(`/proc/${pid}/task`);
  return threads.flatMap((thread) => read(`/proc/${pid}/task/${thread}/children`).trim().split(" "))
    .filter((child) => child !== "").map(Number);
}

/** A file's text; empty if its process has ended. */
function read(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}

function listed(path: string): readonly string[] {
  try {
    return [...Deno.readDirSync(path)].map((entry) => entry.name);
  } catch {
    return [];
  }
}
