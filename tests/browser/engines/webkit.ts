/**
 * WebKit: the MiniBrowser of WebKitGTK, driven by plain WebDriver, in an X server of its own.
 * @see https://www.w3.org/TR/webdriver2/
 * @module
 */
import { freeOrigin } from "../../conformance/start_server.ts";
import {
  type Engine,
  type EnginePage,
  type EngineStarter,
  firstFile,
  type Key,
  type Modifier,
  type Place,
  WINDOW,
} from "./engine.ts";

const DRIVERS = ["/usr/bin/WebKitWebDriver"];
const DISPLAYS = ["/usr/bin/Xvfb"];
/** Newest API first. The folder in the middle is named after the machine. */
const BROWSERS = ["webkitgtk-6.0", "webkit2gtk-4.1", "webkit2gtk-4.0"].flatMap((api) =>
  ["/x86_64-linux-gnu", "/aarch64-linux-gnu", ""].map((machine) => `/usr/lib${machine}/${api}/MiniBrowser`)
);

/** The code points of keys. https://www.w3.org/TR/webdriver2/#keyboard-actions */
const KEYS: Readonly<Record<Key | Modifier, string>> = {
  Enter: "\ue007",
  Escape: "\ue00c",
  Tab: "\ue004",
  Shift: "\ue008",
  Control: "\ue009",
  c: "c",
  v: "v",
};

/** The browser's processes in a container: often there is no user namespace and no graphics card. */
const ENVIRONMENT = {
  WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1",
  WEBKIT_DISABLE_DMABUF_RENDERER: "1",
  LIBGL_ALWAYS_SOFTWARE: "1",
  GSETTINGS_BACKEND: "memory",
};

/** How often the driver is asked whether it is ready, in milliseconds. */
const RETRY_MS = 50;

export const WEBKIT: EngineStarter = {
  name: "WebKit",
  async start(): Promise<Engine | string> {
    const [driver, display, browser] = await Promise.all([DRIVERS, DISPLAYS, BROWSERS].map(firstFile));
    if (driver === undefined || browser === undefined) return "webkit2gtk-driver is not installed here";
    if (display === undefined) return "Xvfb is not installed here";
    const screen = await startDisplay(display);
    const origin = freeOrigin();
    const service = new Deno.Command(driver, {
      args: [`--port=${new URL(origin).port}`],
      env: { ...ENVIRONMENT, DISPLAY: screen.name },
      stdout: "null",
      stderr: "null",
    }).spawn();
    await untilReady(origin, service);
    return {
      newPage: () => openSession(origin, browser),
      async [Symbol.asyncDispose]() {
        service.kill();
        await service.status;
        await screen[Symbol.asyncDispose]();
      },
    };
  },
};

/** Starts an X server. It chooses a free number itself, and prints it. */
async function startDisplay(program: string): Promise<AsyncDisposable & { readonly name: string }> {
  const args = ["-displayfd", "1", "-screen", "0", "1600x1200x24", "-nolisten", "tcp"];
  const server = new Deno.Command(program, { args, stdout: "piped", stderr: "null" }).spawn();
  const reader = server.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value } = await reader.read();
  if (value === undefined) throw new Error("Xvfb ended before it was ready");
  return {
    name: `:${value.trim()}`,
    async [Symbol.asyncDispose]() {
      server.kill();
      await server.status;
      await reader.cancel();
    },
  };
}

async function untilReady(origin: string, service: Deno.ChildProcess): Promise<void> {
  let hasEnded = false;
  void service.status.then(() => hasEnded = true);
  while (!hasEnded) {
    const response = await fetch(`${origin}/status`).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
  throw new Error("WebKitWebDriver ended before it was ready");
}

/** Starts a browser with an empty profile. */
async function openSession(origin: string, binary: string): Promise<EnginePage> {
  const options = { "webkitgtk:browserOptions": { binary, args: ["--automation"] } };
  const session = await send(`${origin}/session`, { capabilities: { alwaysMatch: options } });
  const url = `${origin}/session/${(session as { readonly sessionId: string }).sessionId}`;
  const act = async (source: unknown) => void await send(`${url}/actions`, { actions: [source] });
  const point = (...actions: readonly unknown[]) =>
    act({ type: "pointer", id: "mouse", parameters: { pointerType: "mouse" }, actions });
  await send(`${url}/window/rect`, WINDOW);
  return {
    open: async (address) => void await send(`${url}/url`, { url: address }),
    evaluate: (expression) => send(`${url}/execute/sync`, { script: `return ${expression}`, args: [] }),
    pointAt: (place) => point(moveTo(place)),
    drag: (from, to) =>
      point(moveTo(from), { type: "pointerDown", button: 0 }, moveTo(to), { type: "pointerUp", button: 0 }),
    async type(text) {
      await act({ type: "key", id: "keyboard", actions: [...text].flatMap((letter) => strike(letter)) });
    },
    async press(key, held) {
      const actions = strike(KEYS[key]);
      await act({ type: "key", id: "keyboard", actions: held ? strike(KEYS[held], actions) : actions });
    },
    [Symbol.asyncDispose]: async () => void await send(url, undefined, "DELETE"),
  };
}

function moveTo({ x, y }: Place): unknown {
  return { type: "pointerMove", x: Math.round(x), y: Math.round(y), origin: "viewport", duration: 0 };
}

/** Presses a key, does other things, and releases it. */
function strike(value: string, between: readonly unknown[] = []): unknown[] {
  return [{ type: "keyDown", value }, ...between, { type: "keyUp", value }];
}

/** Sends a command. @throws {Error} with the browser's message */
async function send(url: string, body: unknown, method = "POST"): Promise<unknown> {
  const response = await fetch(url, { method, ...(body !== undefined && { body: JSON.stringify(body) }) });
  const { value } = await response.json();
  if (!response.ok) throw new Error(`${value?.error}: ${value?.message}`);
  return value;
}
