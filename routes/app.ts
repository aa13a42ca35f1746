/**
 * The table of routes, and what surrounds every one of them: errors in one shape, CORS, one log line. A plain function
 * from `Request` to `Response`, so that tests call it without a socket.
 * @module
 */
import { ChatError } from "../protocol/chat_error.ts";
import { chat, type ChatRouteOptions } from "./chat.ts";
import { Exchange, serverBusy, StreamSlots } from "./exchange.ts";
import { health, readiness } from "./health.ts";
import { type AllowedOrigins, answerPreflight, assertAllowedOrigin, corsHeaders } from "./origins.ts";
import type { RequestLog } from "./request_log.ts";
import { serveStatic, type StaticFiles } from "./static.ts";

/** What the application is made of. */
export interface AppOptions extends ChatRouteOptions {
  readonly allowedOrigins: AllowedOrigins;
  readonly staticFiles: StaticFiles;
  /** The most chat streams at once, those that wait for a provider included. */
  readonly maxStreams: number;
  readonly log: RequestLog;
}

/** The application: its handler, and the switch that turns new work away. */
export interface App {
  /** Answers a request; never rejects. */
  readonly handle: (request: Request) => Promise<Response>;
  /** From now on new chats are refused with 503 and /readyz says so. What is under way goes on. */
  readonly startDraining: () => void;
}

type Handler = (request: Request, exchange: Exchange) => Response | Promise<Response>;

/** Builds the application. */
export function createApp(options: AppOptions): App {
  const { allowedOrigins, staticFiles, streams, log } = options;
  const slots = new StreamSlots(options.maxStreams);
  let isDraining = false;

  const routes: Readonly<Record<string, Readonly<Record<string, Handler>>>> = {
    "/api/chat": {
      POST(request, exchange) {
        assertAllowedOrigin(request, allowedOrigins);
        if (isDraining) throw serverBusy("This server is shutting down.");
        exchange.hold(slots);
        return chat(request, exchange, options);
      },
      OPTIONS: (request) => answerPreflight(request, allowedOrigins),
    },
    "/healthz": { GET: health },
    "/readyz": { GET: () => readiness(isDraining) },
  };

  function route(request: Request, exchange: Exchange): Response | Promise<Response> {
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
    async handle(request) {
      const exchange = new Exchange(request, streams.now, log);
      let response: Response;
      let error: ChatError | undefined;
      try {
        response = await route(request, exchange);
      } catch (thrown) {
        error = asChatError(thrown);
        response = answerError(error);
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

/** An error before the first byte, as the protocol has it. */
function answerError(error: ChatError): Response {
  const { allow, ...body } = error.body;
  return Response.json({ errorType: error.type, body: { message: error.message, ...body } }, {
    status: error.status,
    headers: {
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      ...(Array.isArray(allow) && { allow: allow.join(", ") }),
      ...(error.retryAfterSeconds !== undefined && { "retry-after": String(error.retryAfterSeconds) }),
    },
  });
}
