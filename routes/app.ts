/**
 * The table of routes, and what all routes share: the format of errors, CORS, one log line. The application is a plain
 * function from `Request` to `Response`, so that tests can call it without a socket.
 * @module
 */
import { ChatError } from "../protocol/chat_error.ts";
import type { RunRegistry } from "../runs/run_registry.ts";
import type { Models } from "../upstream/models.ts";
import type { Access } from "./access.ts";
import { agUi } from "./ag_ui/ag_ui.ts";
import { aiSdkChat, followAiSdkChat, stopAiSdkChat } from "./ai_sdk/ai_sdk.ts";
import { Answers } from "./answers.ts";
import { isMessagesAddress, toAnthropicError } from "./anthropic_error.ts";
import { chat } from "./chat.ts";
import { type Accepting, health, readiness } from "./health.ts";
import type { Limits } from "./limits.ts";
import { listModels } from "./models.ts";
import { isWorthRetrying, toOpenAIError } from "./openai_error.ts";
import { proxy, type ProxyParts } from "./proxy.ts";
import { isRateLimit } from "./rate_limits.ts";
import { followRun, stopRun, stopRunByKey } from "./runs.ts";
import { type Connection, RequestContext } from "./request_context.ts";
import type { RequestLog } from "./request_log.ts";
import { serveStatic, type StaticFiles } from "./static.ts";

/** The parts of the application. */
export interface AppParts {
  readonly models: Models;
  readonly runs: RunRegistry;
  readonly listener: Accepting;
  readonly limits: Limits;
  readonly access: Access;
  readonly systemPrompt: string | undefined;
  /** Proxy mode; undefined: there is nothing at /v1. */
  readonly proxy: Pick<ProxyParts, "keys" | "relay" | "store" | "upload"> | undefined;
  readonly staticFiles: StaticFiles;
  readonly log: RequestLog;
}

/** Responds to a request; never rejects. Without a connection the client counts as local and the response as sent. */
export type App = (request: Request, connection?: Connection) => Promise<Response>;

type Handler = (request: Request, context: RequestContext) => Response | Promise<Response>;
type Methods = Readonly<Record<string, Handler>>;

/** The connection of a call without a socket, as in tests. */
const NO_CONNECTION: Connection = {
  remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 0 },
  completed: Promise.resolve(),
};

/** Builds the application. */
export function createApp({ models, runs, limits, access, systemPrompt, staticFiles, log, ...parts }: AppParts): App {
  const answers = new Answers({ models, runs, limits, systemPrompt });
  const preflight: Handler = (request) => access.preflightResponse(request);
  const routes: Readonly<Record<string, Methods>> = {
    "/api/chat": {
      POST: chat({ answers, access }),
      DELETE: stopRunByKey({ runs, limits, access }),
      OPTIONS: preflight,
    },
    "/api/chat/*": {
      GET: followRun({ runs, limits, access }),
      DELETE: stopRun({ runs, limits, access }),
      OPTIONS: preflight,
    },
    "/api/ai-sdk": { POST: aiSdkChat({ answers, access }), OPTIONS: preflight },
    "/api/ai-sdk/*/stream": {
      GET: followAiSdkChat({ runs, limits, access }),
      DELETE: stopAiSdkChat({ runs, limits, access }),
      OPTIONS: preflight,
    },
    "/api/ag-ui": { POST: agUi({ answers, access }), OPTIONS: preflight },
    "/api/models": { GET: listModels({ models, limits, access }), OPTIONS: preflight },
    "/healthz": { GET: health },
    "/readyz": { GET: readiness({ runs, listener: parts.listener }) },
  };
  const handleProxy = parts.proxy && proxy({ ...parts.proxy, runs, limits });

  function route(request: Request, context: RequestContext): Response | Promise<Response> {
    const { path } = context;
    if (path === "") throw new ChatError("InvalidRequestFormat", "The request has no valid address.");
    if (handleProxy !== undefined && path.startsWith("/v1/")) return handleProxy(request, context);
    const methods = Object.hasOwn(routes, context.route) ? routes[context.route] : undefined;
    const file = staticFiles.get(path);
    const isRead = request.method === "GET" || request.method === "HEAD";
    // A HEAD of a run is refused: it would count as a reader.
    const handler = methods?.[isRead && context.id === "" ? "GET" : request.method];
    if (handler !== undefined) return handler(request, context);
    if (file !== undefined && isRead) return serveStatic(request, path, file);
    if (file === undefined && methods === undefined) {
      throw new ChatError("NotFound", "There is nothing at this address.");
    }
    const allow = methods === undefined ? ["GET", "HEAD"] : Object.keys(methods);
    throw new ChatError("MethodNotAllowed", "This address does not accept that method.", { body: { allow } });
  }

  return async function handle(request, connection = NO_CONNECTION) {
    const context = new RequestContext(request, connection, runs.clock.now, log);
    let response: Response;
    let error: ChatError | undefined;
    try {
      response = await route(request, context);
    } catch (thrown) {
      error = toChatError(thrown);
      if (error.type === "OriginNotAllowed") context.refusedOrigin = request.headers.get("origin") ?? undefined;
      response = errorResponse(error, context.path);
    }
    if (context.path.startsWith("/api/")) {
      for (const [name, value] of access.corsHeaders(request)) response.headers.set(name, value);
    }
    context.respond(response.status, error);
    return response;
  };
}

/** Logs an unexpected error. The client learns only that there was one. */
function toChatError(thrown: unknown): ChatError {
  if (thrown instanceof ChatError) return thrown;
  if (thrown instanceof DOMException && thrown.name === "AbortError") {
    return new ChatError("ClientLeft", "The client left before the response.");
  }
  console.error(thrown);
  return new ChatError("InternalServerError", "Something went wrong on this server.", { cause: thrown });
}

/** An error before the first byte, in the protocol's format; below /v1, in OpenAI's or Anthropic's. */
function errorResponse(error: ChatError, path: string): Response {
  const { allow: _, ...body } = error.body;
  const headers = errorHeaders(error);
  if (!path.startsWith("/v1/")) {
    const json = { errorType: error.type, body: { message: error.message, ...body } };
    return Response.json(json, { status: error.status, headers });
  }
  if (!isWorthRetrying(error)) headers.set("x-should-retry", "false");
  const json = isMessagesAddress(path) ? toAnthropicError(error) : toOpenAIError(error);
  return Response.json(json, { status: error.status, headers });
}

function errorHeaders({ status, body: { allow, limit }, retryAfterSeconds }: ChatError): Headers {
  const headers = new Headers({ "cache-control": "no-store", "x-content-type-options": "nosniff" });
  if (Array.isArray(allow)) headers.set("allow", allow.join(", "));
  if (status === 401) headers.set("www-authenticate", "Bearer");
  if (retryAfterSeconds !== undefined) headers.set("retry-after", String(retryAfterSeconds));
  if (isRateLimit(limit)) {
    headers.set("ratelimit-policy", `"${limit.name}";q=${limit.quota};w=${limit.windowSeconds}`);
    headers.set("ratelimit", `"${limit.name}";r=0;t=${retryAfterSeconds}`);
  }
  return headers;
}
