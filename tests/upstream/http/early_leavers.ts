/**
 * A program that sends requests which are aborted within milliseconds, and prints how many sockets they leave open.
 * It runs in a process of its own, where no other test opens any. Arguments: the address, and `warm` for a host that responds
 * to the first request.
 * @module
 */
import { HttpClient } from "../../../upstream/http/http_client.ts";
import { SeededRandom } from "../../seeded_random.ts";

const REQUESTS = 2000;
const AT_ONCE = 50;
const MAX_MS = 8;
/** How often the sockets are counted before some count as left. */
const MAX_LOOKS = 1000;

const [url = "", isWarm] = Deno.args;
const client = new HttpClient(url);
const random = new SeededRandom(14);

/** The descriptors of sockets only: the runtime opens its caches when it likes. */
function openSockets(): number {
  return [...Deno.readDirSync("/proc/self/fd")].filter(({ name }) => {
    try {
      return Deno.readLinkSync(`/proc/self/fd/${name}`).startsWith("socket:");
    } catch {
      // The descriptor of the listing itself, closed again.
      return false;
    }
  }).length;
}

async function leaveAfter(ms: number): Promise<void> {
  const controller = new AbortController();
  const response = client.send({ url, headers: {}, body: "{}", signal: controller.signal });
  const timer = setTimeout(() => controller.abort(), ms);
  await response.then(({ body }) => body.cancel(), () => {});
  clearTimeout(timer);
}

async function repeat(times: number): Promise<void> {
  for (let time = 0; time < times; time++) await leaveAfter(random.next() * MAX_MS);
}

// Whatever the runtime opens for its first connections is not a leak.
if (isWarm === "warm") await leaveAfter(10_000);
await repeat(10);
const before = openSockets();
await Promise.all(Array.from({ length: AT_ONCE }, () => repeat(REQUESTS / AT_ONCE)));
for (let look = 0; look < MAX_LOOKS && openSockets() > before; look++) {
  await new Promise((resolve) => setTimeout(resolve, 10));
}
console.log(Math.max(0, openSockets() - before));
Deno.exit();
