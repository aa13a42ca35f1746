/**
 * A program that sends requests, aborts them within milliseconds, and prints how many sockets stay open. It runs in its own
 * process, where no other test opens sockets. Arguments: the address, and `warm` for a host that responds
 * to the first request.
 * @module
 */
import { HttpClient } from "../../../upstream/http/http_client.ts";
import { SeededRandom } from "../../seeded_random.ts";

const REQUESTS = 2000;
const AT_ONCE = 50;
const MAX_MS = 8;
/** How often the sockets are counted before the open ones count as leaked. */
const MAX_LOOKS = 1000;

const [url = "", isWarm] = Deno.args;
const client = new HttpClient(url);
const random = new SeededRandom(14);

/** The number of this process's sockets to the host. The runtime has others. */
function openSockets(): number {
  const port = `:${Number(new URL(url).port).toString(16).toUpperCase().padStart(4, "0")}`;
  const lines = ["tcp", "tcp6"].flatMap((name) => Deno.readTextFileSync(`/proc/self/net/${name}`).split("\n").slice(1));
  return lines.filter((line) => {
    const fields = line.trim().split(/\s+/);
    // A socket that the process has closed has no inode.
    return fields[2]?.endsWith(port) && fields[9] !== "0";
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

if (isWarm === "warm") await leaveAfter(10_000);
await repeat(10);
const before = openSockets();
await Promise.all(Array.from({ length: AT_ONCE }, () => repeat(REQUESTS / AT_ONCE)));
for (let look = 0; look < MAX_LOOKS && openSockets() > before; look++) {
  await new Promise((resolve) => setTimeout(resolve, 10));
}
console.log(Math.max(0, openSockets() - before));
Deno.exit();
