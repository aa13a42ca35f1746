/**
 * Attacks on the routes of other clients and on uploads: visitors who leave, readers who do not read, forms that cost more
 * than their bytes, and models that are hidden in a body.
 * @module
 */
import { answerOf, contentChunk, FakeOpenAI, sse } from "../fake_openai.ts";
import { Program } from "../program.ts";
import {
  type Attack,
  countDescriptors,
  type Outcome,
  peakMemoryMB,
  Pulse,
  repeat,
  type Size,
  within,
} from "./attack.ts";

/** How many descriptors may differ after an attack: the runtime opens and closes some of its own. */
const DESCRIPTOR_SLACK = 8;
/** How long what was closed may take to be gone, in milliseconds. */
const SETTLE_MS = 10_000;
/** How long no request may be answered while a form is read, in milliseconds. */
const MAX_STALL_MS = 2000;
/** How much memory any load may take until it is collected, in megabytes. */
const GARBAGE_MB = 100;
const MB = 2 ** 20;

const PROXY_KEY = "a-proxy-key-of-an-attacker-0123456789";
const PROXY_ENV = { PROXY_KEYS: `attacker:${PROXY_KEY}` };
const CHAT_ID = "chat-0123456789abcdef";
const AI_SDK_BODY = JSON.stringify({
  id: CHAT_ID,
  messages: [{ id: "1", role: "user", parts: [{ type: "text", text: "Hi" }] }],
});
const AG_UI_BODY = JSON.stringify({ threadId: "t", runId: "r", messages: [{ id: "1", role: "user", content: "Hi" }] });

/** A request as text. */
function post(path: string, body: string, type = "application/json", length = body.length): string {
  return `POST ${path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${PROXY_KEY}\r\ncontent-type: ${type}\r\n` +
    `content-length: ${length}\r\n\r\n${body}`;
}

/** What visitors send before they leave. */
const REQUESTS: readonly string[] = [
  post("/api/ai-sdk", AI_SDK_BODY),
  post("/api/ag-ui", AG_UI_BODY),
  `GET /api/ai-sdk/${CHAT_ID}/stream HTTP/1.1\r\nhost: localhost\r\n\r\n`,
  `DELETE /api/ai-sdk/${CHAT_ID}/stream HTTP/1.1\r\nhost: localhost\r\n\r\n`,
  post("/v1/audio/transcriptions", "x".repeat(50_000), "multipart/form-data; boundary=b", 100_000),
  post("/v1/audio/speech", '{"model":"m","input":"Hi"}'),
];

/** Visitors who leave within 80 ms, during every kind of request, while the provider responds in every way. */
async function leaveEarly(size: Size): Promise<Outcome> {
  const count = size === "full" ? 3000 : 600;
  await using provider = new FakeOpenAI((_, index) => {
    if (index % 4 === 0) return { status: 429 };
    if (index % 4 === 1) return { body: answerOf("a", "b") };
    return { body: sse(contentChunk("a")), end: index % 4 === 2 ? "stall" : "cut" };
  });
  const env = { ABANDON_MS: "1000", OPENAI_BASE_URL: provider.baseURL, ...PROXY_ENV };
  await using program = await Program.start(env);
  const before = countDescriptors(program);
  await repeat(count, 25, async (index) => {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: program.port });
    const bytes = new TextEncoder().encode(REQUESTS[index % REQUESTS.length]);
    for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
    await new Promise((resolve) => setTimeout(resolve, index % 79));
  });
  const isOver = () => provider.openSockets === 0 && countDescriptors(program) <= before + DESCRIPTOR_SLACK;
  await within(SETTLE_MS, isOver);
  return {
    holds: isOver(),
    figure: `${count} visitors: ${before} → ${countDescriptors(program)} descriptors, ` +
      `${provider.openSockets} open at the provider`,
  };
}

/** Many readers of one answer, none of whom reads. */
async function idleReaders(size: Size): Promise<Outcome> {
  const [readers, megabytes] = size === "full" ? [500, 7] : [100, 7];
  const event = sse(contentChunk("x".repeat(1000))).join("").repeat(64);
  const body = Array.from({ length: Math.ceil(megabytes * MB / event.length) }, () => event);
  await using provider = new FakeOpenAI(() => ({ body, end: "stall" }));
  const env = { MAX_READERS: "1000", RATE_LIMIT_READS_PER_MINUTE: "0", OPENAI_BASE_URL: provider.baseURL };
  await using program = await Program.start(env);
  const asked = await fetch(`${program.origin}/api/ai-sdk`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: AI_SDK_BODY,
  });
  let bytes = 0;
  const reader = asked.body!.getReader();
  // The provider's chunks are longer than the client's.
  while (bytes < 0.8 * megabytes * MB) bytes += (await reader.read()).value!.length;
  const before = peakMemoryMB(program);
  const responses: Response[] = [];
  for (let index = 0; index < readers; index++) {
    responses.push(await fetch(`${program.origin}/api/ai-sdk/${CHAT_ID}/stream`));
  }
  const grownMB = peakMemoryMB(program) - before;
  const served = responses.filter(({ status }) => status === 200).length;
  await Promise.all(responses.map(({ body }) => body?.cancel()));
  await reader.cancel();
  return {
    // Each holds a chunk of the log in the client's format. The rest is garbage that was not collected yet.
    holds: served === readers && grownMB < GARBAGE_MB + readers * 0.75,
    figure: `${served} of ${readers} readers of ${megabytes} MB: ${grownMB} MB more`,
  };
}

/** A configuration with one model, `small`, and a provider that keeps what it gets. */
async function withModelList(
  run: (program: Program, seen: readonly { readonly type: string; readonly body: string }[]) => Promise<Outcome>,
): Promise<Outcome> {
  const seen: { type: string; body: string }[] = [];
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  await using provider = Deno.serve(options, async (request) => {
    seen.push({ type: request.headers.get("content-type") ?? "", body: await request.text() });
    return Response.json({ text: "Hello" });
  });
  const baseURL = `http://127.0.0.1:${provider.addr.port}/v1`;
  const file = await Deno.makeTempFile({ suffix: ".json" });
  const providers = [{ name: "p", baseURL, models: [{ name: "small" }] }];
  await Deno.writeTextFile(file, JSON.stringify({ providers, defaultModel: "small" }));
  await using program = await Program.start({ CONFIG: file, ...PROXY_ENV });
  return await run(program, seen);
}

function relay({ origin }: Program, path: string, type: string, body: BodyInit): Promise<Response> {
  const headers = { authorization: `Bearer ${PROXY_KEY}`, "content-type": type };
  return fetch(`${origin}/v1/${path}`, { method: "POST", headers, body });
}

/** Forms of 25 MB whose fields cost far more memory and time than their bytes. */
function costlyForms(size: Size): Promise<Outcome> {
  const bytes = size === "full" ? 25 * MB : 5 * MB;
  const multipart = "multipart/form-data; boundary=b";
  const field = '--b\r\ncontent-disposition: form-data; name="a"; filename="a"\r\n\r\n\r\n';
  const forms: readonly (readonly [type: string, unit: string, status: number])[] = [
    ["application/x-www-form-urlencoded", "a&", 400],
    [multipart, field, 400],
    [multipart, field.replace("; filename", ";".repeat(50) + "filename"), 400],
    [multipart, "\r\n--", 400],
    // Line ends in a text, which `FormData` replaces one by one.
    [multipart, "\r", 200],
    [multipart, "\n--b", 200],
  ];
  const before = '--b\r\ncontent-disposition: form-data; name="prompt"\r\n\r\n';
  const after = '\r\n--b\r\ncontent-disposition: form-data; name="model"\r\n\r\nsmall\r\n--b--\r\n';
  return withModelList(async (program) => {
    const pulse = new Pulse(program);
    const statuses: number[] = [];
    for (const [type, unit, wanted] of forms) {
      const content = unit.repeat(Math.floor(bytes / unit.length));
      const body = wanted === 200 ? before + content + after : content;
      const response = await relay(program, "audio/transcriptions", type, body);
      await response.body?.cancel();
      statuses.push(response.status);
    }
    const stallMs = await pulse.stop();
    const peakMB = peakMemoryMB(program);
    return {
      holds: statuses.every((status, at) => status === forms[at]![2]) && stallMs < MAX_STALL_MS && peakMB < 700,
      figure: `${forms.length} forms of ${bytes / MB} MB: ${peakMB} MB at the most, ${stallMs} ms of standstill`,
    };
  });
}

/** Bodies in which a provider could find another model than this server. */
function hiddenModels(): Promise<Outcome> {
  const json = "application/json";
  const formOf = (...models: readonly string[]) =>
    [
      ...models.map((head) => `--b\r\ncontent-disposition: form-data; ${head}\r\n\r\n`),
      "--b--\r\n",
    ].join("");
  const bodies: readonly (readonly [path: string, type: string, body: string])[] = [
    ["chat/completions", json, '{"model":"secret","model":"small"}'],
    ["chat/completions", json, '{"model":"small","Model":"secret"}'],
    ["chat/completions", json, '{"mod\\u0065l":"secret","model":"small"}'],
    ["chat/completions", "application/x-www-form-urlencoded", '{"model":"small","user":"&model=secret"}'],
    [
      "audio/transcriptions",
      "multipart/form-data; boundary=b",
      formOf('name="model"\r\n\r\nsmall', 'name="model"\r\n\r\nsecret'),
    ],
    [
      "audio/transcriptions",
      "multipart/form-data; boundary=c; boundary=b",
      formOf('name="x"; name="model"\r\n\r\nsecret'),
    ],
    ["audio/transcriptions", "application/x-www-form-urlencoded", "model=small&model=secret"],
  ];
  return withModelList(async (program, seen) => {
    for (const [path, type, body] of bodies) await (await relay(program, path, type, body)).body?.cancel();
    const found = seen.filter(({ type, body }) => {
      return /"model"\s*:\s*"secret"|"Model"|name="model"\s+secret/.test(body) ||
        (body.includes("&model=secret") && !type.includes("json"));
    });
    return {
      holds: found.length === 0 && seen.length > 0,
      figure: `${bodies.length} bodies, ${seen.length} relayed, ${found.length} with another model`,
    };
  });
}

/** The attacks of this file. */
export const CLIENT_ATTACKS: readonly Attack[] = [
  { name: "leaving other clients' routes", wanted: "no descriptor and no request is left", run: leaveEarly },
  { name: "readers who do not read", wanted: "less than a megabyte each", run: idleReaders },
  { name: "costly forms", wanted: "the right status, bounded memory, no standstill", run: costlyForms },
  { name: "hidden models", wanted: "no provider gets one", run: hiddenModels },
];
