/**
 * The table of routes, and what surrounds every one of them: errors in one shape, CORS, one log line. A plain function
 * from `Request` to `Response`, so that tests call it without a socket.
 * @module
 */
import { ChatError } from "../protocol/chat_error.ts";
import { chat, type ChatRouteOptions } from "./chat.ts";
import { type Connection, Exchange, serverBusy, StreamSlots } from "./exchange.ts";
import { health, readiness } from "./health.ts";
import { listModels } from "./models.ts";
import { type AllowedOrigins, answerPreflight, assertAllowedOrigin, corsHeaders } from "./origins.ts";
import { toOpenAIError } from "./openai_error.ts";
import { proxy, type ProxyOptions } from "./proxy.ts";
import { isRateLimit } from "./rate_limits.ts";
import type { RequestLog } from "./request_log.ts";
import { serveStatic, type StaticFiles } from "./static.ts";
import { identifyVisitor, type VisitorOptions } from "./visitor.ts";

/** What the application is made of. */
export interface AppOptions extends ChatRouteOptions, VisitorOptions {
  readonly allowedOrigins: AllowedOrigins;
  readonly staticFiles: StaticFiles;
  /** The most chat streams at once, those that wait for a provider included. */
  readonly maxStreams: number;
  /** Proxy mode; absent: there is nothing at /v1. */
  readonly proxy?: Pick<ProxyOptions, "keys" | "relay">;
  readonly log: RequestLog;
}

/** The application: its handler, and the switch that turns new work away. */
export interface App {
  /** Answers a request; never rejects. Without a connection it is taken for one from this machine, done at once. */
  readonly handle: (request: Request, connection?: Connection) => Promise<Response>;
  /** From now on new chats are refused with 503 and /readyz says so. What is under way goes on. */
  readonly startDraining: () => void;
}

/** Stands in where tests call without a socket. */
const NO_CONNECTION: Connection = {
  remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 0 },
  completed: Promise.resolve(),
};

type Handler = (request: Request, exchange: Exchange) => Response | Promise<Response>;

/** Builds the application. */
export function createApp(options: AppOptions): App {
  const { allowedOrigins, staticFiles, streams, rateLimits, log } = options;
  const slots = new StreamSlots(options.maxStreams);
  const proxyOptions = options.proxy && { ...options, ...options.proxy, maxStreamMs: options.timeouts.maxStreamMs };
  let isDraining = false;

  /** Before anything is read or opened, whatever the route. */
  function takePlace(exchange: Exchange): void {
    if (isDraining) throw serverBusy("This server is shutting down.");
    exchange.hold(slots);
  }

  const routes: Readonly<Record<string, Readonly<Record<string, Handler>>>> = {
    "/api/chat": {
      // Who may chat, in order: nothing of the body is read before all of these have agreed.
      async POST(request, exchange) {
        assertAllowedOrigin(request, allowedOrigins);
        takePlace(exchange);
        const visitor = await identifyVisitor(request, exchange, options);
        if (rateLimits !== undefined) exchange.atEnd(await rateLimits.admit(visitor));
        return await chat(request, exchange, visitor, options);
      },
      OPTIONS: (request) => answerPreflight(request, allowedOrigins),
    },
    "/api/models": {
      GET(request) {
        assertAllowedOrigin(request, allowedOrigins);
        return listModels(options.models);
      },
      OPTIONS: (request) => answerPreflight(request, allowedOrigins),
    },
    "/healthz": { GET: health },
    "/readyz": { GET: () => readiness(isDraining) },
  };

  function route(request: Request, exchange: Exchange): Response | Promise<Response> {
    if (exchange.path === "") throw new ChatError("InvalidRequestFormat", "The request names no address.");
    if (proxyOptions !== undefined && exchange.path.startsWith("/v1/")) {
      takePlace(exchange);
      return proxy(request, exchange, proxyOptions);
    }
    const methods = Object.hasOwn(routes, exchange.path) ? routes[exchange.path] : undefined;
    const file = staticFiles.get(exchange.path);
    const isRead = request.method === "GET" || request.method === "HEAD";
    const handler = methods?.[isRead ? "GET" : request.method];
    if (handler !== undefined) return handler(request, exchange);
    if (file !== undefined && isRead) return serveStatic(request, exchange.path, file);
    if (file === undefined && methods === undefined) {
      throw new ChatError("NotFound", "There is nothing at this address.");
    }
    const allowed = methods === undefined ? ["GET", "HEAD"] : Object.keys(methods);
    throw new ChatError("MethodNotAllowed", "This address does not take that method.", { body: { allow: allowed } });
  }

  return {
    startDraining: () => isDraining = true,
    async handle(request, connection = NO_CONNECTION) {
      const exchange = new Exchange(request, { connection, now: streams.now, log });
      let response: Response;
      let error: ChatError | undefined;
      try {
        response = await route(request, exchange);
      } catch (thrown) {
        error = asChatError(thrown);
        response = answerError(error, exchange.path);
      }
      if (exchange.path.startsWith("/api/")) {
        for (const [name, value] of corsHeaders(request, allowedOrigins)) response.headers.set(name, value);
      }
      exchange.answered(response.status, error);
      return response;
    },
  };
}

/** A fault of ours is told to the operator, and to the client only that there was one. */
function asChatError(thrown: unknown): ChatError {
  if (thrown instanceof ChatError) return thrown;
  if (thrown instanceof DOMException && thrown.name === "AbortError") {
    return new ChatError("ClientLeft", "The client left before there was an answer.");
  }
  console.error(thrown);
  return new ChatError("InternalServerError", "Something went wrong on this server.", { cause: thrown });
}

/** An error before the first byte, as the protocol has it; below /v1, as OpenAI has it. */
function answerError(error: ChatError, path: string): Response {
  const { allow: _, ...body } = error.body;
  const answer = path.startsWith("/v1/")
    ? toOpenAIError(error)
    : { errorType: error.type, body: { message: error.message, ...body } };
  return Response.json(answer, { status: error.status, headers: errorHeaders(error) });
}

/** What an error says in headers. */
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
