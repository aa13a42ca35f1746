/**
 * The inside of a worker: one server, started and stopped by messages from `workers.ts`.
 * @module
 */
import { type RunningServer, startServer } from "./server.ts";
import type { WorkerCommand, WorkerReport } from "./workers.ts";

/** The worker's own global scope, of which the default types know nothing. */
interface WorkerScope extends EventTarget {
  postMessage(report: WorkerReport): void;
}

const scope = globalThis as unknown as WorkerScope;
let server: RunningServer | undefined;

scope.addEventListener("message", async (event) => {
  const command = (event as MessageEvent<WorkerCommand>).data;
  if (command.type === "start") {
    server = await startServer(command.config, { reusePort: true });
    scope.postMessage({ type: "listening", address: server.address });
  } else {
    await server?.stop();
    scope.postMessage({ type: "stopped" });
  }
});
