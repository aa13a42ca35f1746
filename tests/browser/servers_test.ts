/** The component in front of servers of other languages. `deno task test:packages` has the one in Node. */
import { findPythonServer, THIS_SERVER } from "../conformance/example_servers.ts";
import { browserTest } from "./browser.ts";
import { chatWith } from "./chat_with.ts";
import { ignoreTest } from "./open_browser.ts";

browserTest(
  "chat-stream streams, stops and reports errors with this server",
  ({ page }) => chatWith(page, THIS_SERVER),
);

const PYTHON = "chat-stream streams, stops and reports errors with the example server in Python";
const python = await findPythonServer();
if (python === undefined) ignoreTest(PYTHON, "FastAPI, uvicorn and httpx are not installed here");
else browserTest(PYTHON, ({ page }) => chatWith(page, python));
