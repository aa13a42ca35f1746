// A program for Node: requests each response of the fuzz test with Node's HTTP client, and prints each result as a line
// of JSON. Arguments: the address, the first seed, the number of seeds.
import { Agent, request } from "node:http";
import { argv } from "node:process";

const AT_ONCE = 16;
const [, , address, firstSeed, count] = argv;
let next = Number(firstSeed);
const end = next + Number(count);

/** Resolves with the status, the body, and whether Node accepts the response as complete. */
function send(path, agent) {
  return new Promise((resolve) => {
    const sent = request(`${address}/${path}`, { method: "POST", agent }, (response) => {
      const chunks = [];
      const finish = () =>
        resolve({
          status: response.statusCode,
          body: Buffer.concat(chunks).toString("latin1"),
          isComplete: response.complete,
        });
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("error", () => {});
      response.on("close", finish);
    });
    sent.on("upgrade", (_response, socket) => {
      socket.destroy();
      resolve({ isComplete: false });
    });
    sent.on("error", () => resolve({ isComplete: false }));
    sent.end("{}");
  });
}

async function work() {
  for (let seed = next++; seed < end; seed = next++) {
    const agent = new Agent({ keepAlive: true });
    console.log(JSON.stringify({ seed, first: await send(seed, agent) }));
    agent.destroy();
  }
}

await Promise.all(Array.from({ length: AT_ONCE }, work));
