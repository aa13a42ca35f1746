/**
 * Makes the methods of `console` safe for a server: they throw when standard output or standard error cannot be written,
 * as on a full disk or a closed pipe.
 * @module
 */

/** Replaces the console methods that this program and its packages use by ones that never throw. */
export function guardConsole(console: Pick<Console, "log" | "info" | "warn" | "error" | "debug">): void {
  for (const name of ["log", "info", "warn", "error", "debug"] as const) {
    const write = console[name].bind(console);
    console[name] = (...data) => {
      try {
        write(...data);
      } catch {
        // The server goes on without this line.
      }
    };
  }
}
