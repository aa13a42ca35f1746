/**
 * What a process and its children have cost so far, from Linux's `/proc`. CPU time is what the processes really ran, so
 * it holds on a machine that does other work too.
 * @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 * @module
 */

/** Linux counts CPU time for programs in hundredths of a second on every common architecture (`getconf CLK_TCK`). */
const TICKS_PER_SECOND = 100;

/** User and system time of a process, its living descendants and its children that have ended, in seconds. */
export function cpuSeconds(pid: number): number {
  return family(pid).reduce((sum, member) => sum + parseCpuTicks(read(`/proc/${member}/stat`)), 0) / TICKS_PER_SECOND;
}

/** Memory of a process and its descendants that is in RAM now, in bytes. */
export function memoryBytes(pid: number): number {
  return family(pid).reduce((sum, member) => sum + parseStatusBytes(read(`/proc/${member}/status`), "VmRSS"), 0);
}

/** The most memory that each of a process and its descendants had in RAM since {@linkcode resetPeak}, in bytes. */
export function peakMemoryBytes(pid: number): number {
  return family(pid).reduce((sum, member) => sum + parseStatusBytes(read(`/proc/${member}/status`), "VmHWM"), 0);
}

/** Starts the peak anew from the present. */
export function resetPeak(pid: number): void {
  for (const member of family(pid)) Deno.writeTextFileSync(`/proc/${member}/clear_refs`, "5");
}

/** User and system ticks, own and of waited-for children, in a line of `/proc/<pid>/stat`. */
export function parseCpuTicks(stat: string): number {
  // The name in parentheses may hold spaces and parentheses: fields are counted from the last one.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [user, system, childrenUser, childrenSystem] = fields.slice(11, 15).map(Number);
  return (user ?? 0) + (system ?? 0) + (childrenUser ?? 0) + (childrenSystem ?? 0);
}

/** A size in `/proc/<pid>/status`, in bytes; 0 where it is missing, as in a process that is just ending. */
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

/** A file's text, empty when its process has ended meanwhile. */
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
