/**
 * Several servers on one port, each in a thread of its own, behind the same interface as one. They share nothing: every
 * limit and every count is each one's own, and the start says so.
 * @module
 */
import type { Config } from "./config/config.ts";
import type { RunningServer } from "./server.ts";

/** What the supervisor tells a worker. */
export type WorkerCommand = { readonly type: "start"; readonly config: Config } | { readonly type: "stop" };
/** What a worker tells the supervisor. */
export type WorkerReport = { readonly type: "listening"; readonly address: Deno.NetAddr } | {
  readonly type: "stopped";
};

/**
 * Starts `config.workers` servers. One that dies is replaced: the others go on meanwhile.
 * @throws {Error} when the first start of one fails
 */
export async function startWorkers(config: Config): Promise<RunningServer> {
  const workers = new Set<Worker>();
  let isStopping = false;

  async function start(): Promise<Deno.NetAddr> {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    workers.add(worker);
    const listening = Promise.withResolvers<Deno.NetAddr>();
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      console.error(`A worker failed: ${event.message}`);
      workers.delete(worker);
      listening.reject(new Error(`Cannot start a worker: ${event.message}`));
    });
    send(worker, { type: "start", config });
    worker.addEventListener("message", ({ data }: MessageEvent<WorkerReport>) => {
      if (data.type === "listening") listening.resolve(data.address);
    });
    const address = await listening.promise;
    worker.addEventListener("error", () => {
      if (!isStopping) start().catch((error) => console.error(error));
    });
    return address;
  }

  const [address] = await Promise.all(Array.from({ length: config.workers }, start));
  return {
    address: address!,
    async stop() {
      isStopping = true;
      await Promise.all([...workers].map(stopWorker));
    },
  };
}

async function stopWorker(worker: Worker): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    worker.addEventListener("message", ({ data }: MessageEvent<WorkerReport>) => {
      if (data.type === "stopped") resolve();
    });
  });
  send(worker, { type: "stop" });
  await stopped;
  worker.terminate();
}

function send(worker: Worker, command: WorkerCommand): void {
  worker.postMessage(command);
}
