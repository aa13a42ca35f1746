/**
 * Attacks with connections: as many idle ones as there are file descriptors, visitors who leave at once, and clients that
 * close half of a connection.
 * @module
 */
import { answerOf, contentChunk, FakeOpenAI, readTlsKeyPair, sse, TLS_CERTIFICATE } from "../fake_openai.ts";
import { Program } from "../program.ts";
import { eventsOf } from "../test_server.ts";
import { type Attack, countDescriptors, type Outcome, repeat, type Size, within } from "./attack.ts";

/** How many descriptors may differ after an attack: the runtime opens and closes some of its own. */
const DESCRIPTOR_SLACK = 8;
/** How long what was closed may take to be gone, in milliseconds. */
const SETTLE_MS = 10_000;
const CHAT = '{"messages":[{"role":"user","content":"Hi"}]}';
const CHAT_REQUEST = "POST /api/chat HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n" +
  `content-length: ${CHAT.length}\r\n\r\n${CHAT}`;

/** More idle connections than file descriptors. */
async function floodIdle(size: Size): Promise<Outcome> {
  const [openFiles, count] = size === "full" ? [1024, 1100] : [256, 300];
  const finished = Promise.withResolvers<void>();
  async function* body() {
    yield* sse(contentChunk("first "));
    await finished.promise;
    yield* answerOf("last");
  }
  await using provider = new FakeOpenAI(() => ({ body: body() }));
  await using program = await Program.start({ OPENAI_BASE_URL: provider.baseURL }, { openFiles });
  const live = await Promise.all(Array.from({ length: 5 }, () => program.chat()));
  const idle: Deno.Conn[] = [];
  for (let index = 0; index < count; index++) {
    await Deno.connect({ hostname: "127.0.0.1", port: program.port }).then((one) => idle.push(one), () => {});
  }
  await program.printedError("paused");
  for (const connection of idle) connection.close();
  await program.printedError("again");
  finished.resolve();
  const endings = await Promise.all(live.map(async (response) => (await eventsOf(response)).at(-1)?.type));
  const fresh = await eventsOf(await program.chat());
  const ended = endings.filter((type) => type === "stop").length;
  return {
    holds: ended === 5 && fresh.at(-1)?.type === "stop",
    figure: `${idle.length} idle with ${openFiles} descriptors: ${ended} of 5 live streams ended properly`,
  };
}

/** Visitors who leave within 8 ms, 50 at once. */
async function leaveEarly(size: Size, baseURL: string, env: Record<string, string> = {}): Promise<Outcome> {
  const count = size === "full" ? 2000 : 300;
  await using program = await Program.start({ OPENAI_BASE_URL: baseURL, ...env });
  const before = countDescriptors(program);
  await repeat(count, 50, (index) => visit(program, index % 9));
  await within(SETTLE_MS, () => countDescriptors(program) <= before + DESCRIPTOR_SLACK);
  const after = countDescriptors(program);
  return {
    holds: after <= before + DESCRIPTOR_SLACK,
    figure: `${count} visitors: ${before} → ${after} descriptors`,
  };
}

/** Sends a chat request and leaves after `stayMs`. */
async function visit({ port }: Program, stayMs: number): Promise<void> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(CHAT_REQUEST));
  if (stayMs > 0) await new Promise((resolve) => setTimeout(resolve, stayMs));
}

async function leavePlainProvider(size: Size): Promise<Outcome> {
  await using provider = new FakeOpenAI(() => ({ end: "silent" }));
  return await leaveEarly(size, provider.baseURL);
}

async function leaveTlsProvider(size: Size): Promise<Outcome> {
  await using provider = new FakeOpenAI(() => ({ end: "silent" }), await readTlsKeyPair());
  return await leaveEarly(size, provider.baseURL, { DENO_CERT: TLS_CERTIFICATE });
}

/** The host accepts connections and never begins the TLS handshake. */
async function leaveSilentHandshake(size: Size): Promise<Outcome> {
  using host = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted: Deno.Conn[] = [];
  const accepting = (async () => {
    for await (const connection of host) accepted.push(connection);
  })().catch(() => {});
  const outcome = await leaveEarly(size, `https://127.0.0.1:${host.addr.port}/v1`);
  host.close();
  await accepting;
  for (const connection of accepted) connection.close();
  return outcome;
}

/** Clients that close their side of the connection right after the request. */
async function halfClose(size: Size): Promise<Outcome> {
  const count = size === "full" ? 200 : 50;
  await using provider = new FakeOpenAI(() => ({ body: sse(contentChunk("a")), end: "stall" }));
  await using program = await Program.start({ OPENAI_BASE_URL: provider.baseURL });
  const before = countDescriptors(program);
  let healthy = 0;
  await repeat(count, 10, async () => {
    const health = await sendAndHalfClose(program, "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n");
    if (health.includes('{"status":"ok"}')) healthy++;
    await sendAndHalfClose(program, CHAT_REQUEST);
  });
  const isOver = () => provider.openSockets === 0 && countDescriptors(program) <= before + DESCRIPTOR_SLACK;
  await within(SETTLE_MS, isOver);
  return {
    holds: healthy === count && isOver(),
    figure:
      `${healthy} of ${count} health checks; ${provider.requests.length} of ${count} chats reached the provider, ` +
      `${provider.openSockets} are still open; ${before} → ${countDescriptors(program)} descriptors`,
  };
}

async function sendAndHalfClose({ port }: Program, request: string): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(request));
  await connection.closeWrite();
  return await new Response(connection.readable).text().catch(() => "");
}

/** The attacks of this file. */
export const CONNECTION_ATTACKS: readonly Attack[] = [
  { name: "idle connections", wanted: "live streams end properly, accepting resumes", run: floodIdle },
  { name: "early leavers", wanted: "no descriptor is left", run: leavePlainProvider },
  { name: "early leavers, TLS", wanted: "no descriptor is left", run: leaveTlsProvider },
  { name: "early leavers, silent handshake", wanted: "no descriptor is left", run: leaveSilentHandshake },
  { name: "half-closed clients", wanted: "health checks respond, nothing is left", run: halfClose },
];
