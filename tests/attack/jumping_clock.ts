/**
 * Loaded before the program: SIGUSR2 sets its clock an hour back, and SIGWINCH two hours forth.
 * @module
 */
const HOUR_MS = 60 * 60_000;
const now = Date.now;
let offset = 0;
Date.now = () => now() + offset;

for (const [signal, jump] of [["SIGUSR2", -HOUR_MS], ["SIGWINCH", 2 * HOUR_MS]] as const) {
  Deno.addSignalListener(signal, () => {
    offset += jump;
    console.error(signal);
  });
}
