"""A chat server with FastAPI: the page, and POST /api/chat in front of an OpenAI-compatible provider."""
import asyncio
import json
import os
from contextlib import aclosing
from typing import Literal

import httpx
import uvicorn
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response, StreamingResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, Field, StrictBool

MODEL = os.environ.get("CHAT_MODEL", "gpt-4o-mini")
HEADERS = {"cache-control": "no-store, no-transform", "x-accel-buffering": "no", "x-content-type-options": "nosniff"}
USAGE = {"totalInputTokens": "prompt_tokens", "totalOutputTokens": "completion_tokens", "totalTokens": "total_tokens",
         "inputCachedTokens": "cached_tokens", "outputReasoningTokens": "reasoning_tokens"}
# A provider's error code or status, and the error type and status of our response.
ERRORS = {"context_length_exceeded": ("ExceededContextWindow", 400), "insufficient_quota": ("InsufficientQuota", 502),
          "model_not_found": ("ModelNotFound", 404), 401: ("InvalidProviderAPIKey", 502), 429: ("RateLimitExceeded", 429)}

app = FastAPI()
provider = httpx.AsyncClient(base_url=os.environ.get("OPENAI_BASE_URL", "https://api.openai.com/v1"), timeout=60,
                             headers={"authorization": f"Bearer {os.environ.get('OPENAI_API_KEY', 'none')}"})


class Message(BaseModel, extra="allow"):
    role: Literal["system", "developer", "user", "assistant", "tool"]


class ChatRequest(BaseModel):
    """What a client may send. Other fields are dropped."""
    messages: list[Message] = Field(..., min_items=1)
    stream: StrictBool = True
    temperature: float | None = None
    tools: list[dict] | None = None


def error_response(type, message, status=502, headers=None, **body):
    return JSONResponse({"errorType": type, "body": {"message": message, **body}}, status, headers)


@app.post("/api/chat")
async def chat(body: ChatRequest, request: Request):
    opening, leaving = asyncio.create_task(open_provider(body)), asyncio.create_task(request.receive())
    await asyncio.wait({opening, leaving}, return_when=asyncio.FIRST_COMPLETED)
    if opening.cancel():  # It was not done: the client has left.
        return Response(status_code=499)
    leaving.cancel()
    response, answer, calls = opening.result(), {"text": ""}, []
    if isinstance(response, JSONResponse):
        return response
    if body.stream:
        return StreamingResponse(wire(response), media_type="text/event-stream", headers=HEADERS)
    async with aclosing(response):
        async for type, data in read_answer(response, calls):
            if type == "error":
                return error_response(data["type"], data["message"], answer=answer)
            answer[type] = answer.get(type, "") + data if isinstance(data, str) else data
    return {**answer, "tool_calls": calls} if calls else answer


async def open_provider(request: ChatRequest):
    """Asks the provider. Returns its stream, or the typed error of a provider that refuses."""
    body = request.dict(exclude_none=True) | {"model": MODEL, "stream": True, "stream_options": {"include_usage": True}}
    try:
        response = await provider.send(provider.build_request("POST", "chat/completions", json=body), stream=True)
        if response.status_code == 200:
            return response
        await response.aread()
    except httpx.HTTPError:
        return error_response("ProviderNetworkError", "The provider could not be reached.")
    error = response.json().get("error", {}) if "json" in response.headers.get("content-type", "") else {}
    type, status = ERRORS.get(error.get("code")) or ERRORS.get(response.status_code, ("ProviderBizError", 502))
    message = "The provider refused." if response.status_code == 401 else error.get("message")  # It may quote the key.
    headers = {"retry-after": response.headers.get("retry-after", "5")} if status == 429 else None
    return error_response(type, message or "The provider failed.", status, headers)


async def read_answer(response, calls):
    """Yields the answer as events, (type, data), the last one "stop" or "error". Collects the tool calls."""
    usage, finish, rest = None, None, b""
    try:
        async for data in response.aiter_bytes():  # Not aiter_lines(), which also splits at a U+2028 inside a text.
            *lines, rest = (rest + data).split(b"\n")
            payloads = (line[5:].strip() for line in lines if line.startswith(b"data:"))
            for chunk in (json.loads(payload) for payload in payloads if payload != b"[DONE]"):
                if chunk.get("error"):
                    yield "error", {"type": "ProviderBizError", "message": chunk["error"].get("message", "It failed.")}
                    return
                usage = chunk.get("usage") or usage
                for choice in chunk.get("choices") or []:
                    finish, delta = choice.get("finish_reason") or finish, choice.get("delta") or {}
                    for type, text in ("reasoning", delta.get("reasoning_content")), ("text", delta.get("content")):
                        if text:
                            yield type, text
                    for part in delta.get("tool_calls") or []:
                        yield "tool_calls", [map_call(calls, part)]
    except httpx.HTTPError:
        pass  # A broken connection is an answer without its end.
    except Exception:
        yield "error", {"type": "StreamChunkError", "message": "Invalid data.", "body": {"reason": "invalid_json"}}
        return
    if usage:
        counts = usage | (usage.get("prompt_tokens_details") or {}) | (usage.get("completion_tokens_details") or {})
        yield "usage", {name: counts[field] for name, field in USAGE.items() if field in counts}
    cut = {"type": "StreamChunkError", "message": "The provider broke off.", "body": {"reason": "unexpected_end"}}
    yield ("stop", finish) if finish else ("error", cut)


def map_call(calls, part):
    """A fragment of a call. Providers send the id once; the protocol repeats it."""
    index, name, arguments = part["index"], part["function"].get("name"), part["function"].get("arguments", "")
    if index == len(calls):
        calls.append({"id": part["id"], "type": "function", "function": {"name": name, "arguments": ""}})
    calls[index]["function"]["arguments"] += arguments
    return {**calls[index], "index": index, "function": {"name": name, "arguments": arguments}}


async def wire(response):
    """The events as text, with a comment after each silence. A client that leaves cancels the provider's request."""
    events, number, type = read_answer(response, []), 0, None
    try:
        while type not in ("stop", "error"):
            # In a task of its own: cancelled inside of Starlette's scope, httpx does not close its connection.
            step = asyncio.ensure_future(anext(events))
            while not (await asyncio.wait({step}, timeout=15))[0]:
                yield ": ping\n"
            type, data = step.result()
            number += 1
            yield f"id: {number}\nevent: {type}\ndata: {json.dumps(data)}\n\n"
    finally:
        step.cancel()
        asyncio.ensure_future(response.aclose())


@app.exception_handler(RequestValidationError)
async def on_invalid(_request: Request, invalid: RequestValidationError):
    error = invalid.errors()[0]
    steps = [] if "json" in error["type"] else error["loc"][1:]  # A syntax error has a position in place of a path.
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")
    return error_response("InvalidRequestFormat", error["msg"], 400, **({"path": path} if path else {}))


app.mount("/", StaticFiles(directory=os.environ.get("STATIC_DIR", "../../../dist/static"), html=True))
if __name__ == "__main__":
    uvicorn.run(app, host=os.environ.get("HOST", "127.0.0.1"), port=int(os.environ.get("PORT", "3001")))
