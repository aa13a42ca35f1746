/**
 * Starts an executable and has one demo answer streamed, on the system that it was made for:
 * `deno run --allow-all tools/release/smoke.ts ./chat-stream`. With an address instead of a path it uses a server that
 * runs already.
 * @module
 */
import { type ChatAnswer, EMPTY_ANSWER, reduceChatAnswer } from "../../protocol/chat_answer.ts";
import { readChatEvents } from "../../protocol/chat_event_reader.ts";

/** No provider, whatever the environment and `.env` say. */
const DEMO = { OPENAI_API_KEY: "", OPENAI_BASE_URL: "", CONFIG: "", EMBED_SECRET: "", NO_COLOR: "1" };

/** What the server serves besides the chat. */
const PATHS = ["/", "/chat-stream.js", "/chat-client.js", "/healthz", "/readyz"];

/**
 * Starts an executable, tests it, and stops it.
 * @param args arguments before the server's own
 * @throws {Error} that says what did not work
 */
export async function smokeExecutable(path: string, args: readonly string[] = []): Promise<ChatAnswer> {
  const command = new Deno.Command(path, { args: [...args, "--port=0"], env: DEMO, stdout: "piped" });
  await using server = command.spawn();
  let printed = "";
  // One reader for the whole life: a server whose output nobody reads would wait.
  const origin = Promise.withResolvers<string>();
  const reading = server.stdout.pipeThrough(new TextDecoderStream()).pipeTo(
    new WritableStream({
      write(text) {
        printed += text;
        const found = printed.match(/listening on (\S+)\n/);
        if (found !== null) origin.resolve(found[1]!);
      },
    }),
  ).finally(() => origin.reject(new Error(`The executable ended. It printed: ${printed}`)));
  try {
    return await smokeServer(await origin.promise);
  } finally {
    await stop(server);
    await reading;
  }
}

/** A stop must be clean. On Windows a process can only be killed. */
async function stop(server: Deno.ChildProcess): Promise<void> {
  try {
    server.kill(Deno.build.os === "windows" ? "SIGKILL" : "SIGTERM");
  } catch {
    // It has ended already, which is reported elsewhere.
  }
  const { code } = await server.status;
  if (Deno.build.os !== "windows" && code !== 0) throw new Error(`The executable stopped with the exit code ${code}`);
}

/** Tests a running server. @throws {Error} that says what did not work */
export async function smokeServer(origin: string): Promise<ChatAnswer> {
  for (const path of PATHS) {
    const response = await fetch(origin + path);
    await response.body?.cancel();
    if (response.status !== 200) throw new Error(`GET ${path} has the status ${response.status}, wanted 200`);
  }
  const response = await fetch(`${origin}/api/chat`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ messages: [{ role: "user", content: "Hi" }] }),
  });
  if (!response.ok) throw new Error(`POST /api/chat has the status ${response.status}: ${await response.text()}`);
  let answer = EMPTY_ANSWER;
  await readChatEvents(response.body!, (event) => answer = reduceChatAnswer(answer, event));
  if (answer.text === "" || answer.stop !== "stop") throw new Error(`The answer is ${JSON.stringify(answer)}`);
  return answer;
}

if (import.meta.main) {
  const [target = "./chat-stream"] = Deno.args;
  const { text } = await (/^https?:/.test(target) ? smokeServer(target) : smokeExecutable(target));
  console.log(`${target} works: a demo answer of ${text.length} characters`);
}
