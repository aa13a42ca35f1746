"""A chat server with FastAPI: the page, and POST /api/chat in front of an OpenAI-compatible provider."""
import asyncio
import json
import logging
import os
from contextlib import aclosing
from pathlib import Path
from typing import Any, Dict, List, Literal, Optional, Union

import httpx
import uvicorn
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response, StreamingResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, Field, StrictBool, StrictStr

from mapping import ChatError, Mapper, http_error, read_sse, whole_answer

MODEL = os.environ.get("CHAT_MODEL", "gpt-4o-mini")
PAGE = os.environ.get("STATIC_DIR", Path(__file__).resolve().parents[3] / "dist" / "static")
HEADERS = {"cache-control": "no-store, no-transform", "x-accel-buffering": "no", "x-content-type-options": "nosniff"}
PING_SECONDS, STALL_SECONDS = 15, 60
ENDINGS = ("stop", "error")

app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
provider = httpx.AsyncClient(
    base_url=os.environ.get("OPENAI_BASE_URL", "https://api.openai.com/v1"),
    headers={"authorization": f"Bearer {os.environ.get('OPENAI_API_KEY', 'none')}"},
    timeout=httpx.Timeout(60, read=120), limits=httpx.Limits(max_connections=None))


class Message(BaseModel):
    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: Optional[Union[StrictStr, List[Dict[str, Any]]]] = None
    tool_calls: Optional[List[Dict[str, Any]]] = None
    tool_call_id: Optional[StrictStr] = None


class ChatRequest(BaseModel):
    """What a client may send. Other fields are dropped."""
    messages: List[Message] = Field(..., min_items=1, max_items=200)
    stream: StrictBool = True
    temperature: Optional[float] = None
    max_tokens: Optional[int] = Field(None, gt=0)
    tools: Optional[List[Dict[str, Any]]] = None
    tool_choice: Optional[Union[StrictStr, Dict[str, Any]]] = None


async def ask(request: ChatRequest, queue: asyncio.Queue):
    """Puts None once the provider has accepted, then events; a ChatError in place of None where it has not."""
    options = {"model": MODEL, "stream": True, "stream_options": {"include_usage": True}}
    body = {**request.dict(exclude_none=True), **options}
    mapper, accepted = Mapper(), False
    try:
        async with provider.stream("POST", "chat/completions", json=body) as response:
            if response.status_code != 200:
                error = http_error(response.status_code, await response.aread(), response.headers.get("retry-after"))
                await queue.put(error)
                return
            accepted = True
            await queue.put(None)
            async for data in read_sse(response.aiter_bytes()):
                for event in mapper.on_data(data):
                    await asyncio.wait_for(queue.put(event), STALL_SECONDS)
                    if event[0] in ENDINGS:
                        return
    except httpx.TimeoutException:
        error = ChatError("ProviderTimeout", "The model provider did not answer in time.", 504)
    except httpx.HTTPError:
        error = ChatError("ProviderNetworkError", "The model provider could not be reached.")
    except asyncio.TimeoutError:  # The client reads nothing, or left before its response began.
        return
    except Exception:  # Without an ending the client would wait for ever.
        logging.exception("The answer failed")
        error = ChatError("InternalServerError", "Something went wrong on this server.", 500)
    for event in mapper.end() if accepted else [error]:
        await queue.put(event)


async def left(request: Request):
    while (await request.receive())["type"] != "http.disconnect":
        pass


@app.post("/api/chat")
async def chat(body: ChatRequest, request: Request):
    queue: asyncio.Queue = asyncio.Queue(maxsize=16)
    # A task of its own: cancelled inside of Starlette's scope, httpx would not close its connection.
    answer = asyncio.create_task(ask(body, queue))
    first, leaving = asyncio.create_task(queue.get()), asyncio.create_task(left(request))
    await asyncio.wait({first, leaving}, return_when=asyncio.FIRST_COMPLETED)
    leaving.cancel()
    if not first.done():
        answer.cancel(), first.cancel()
        return Response(status_code=499)
    if first.result() is not None:
        raise first.result()
    events = read(queue, answer)
    if body.stream:
        return StreamingResponse(wire(events), media_type="text/event-stream", headers=HEADERS)
    return JSONResponse(whole_answer([event async for event in events if event]))


async def read(queue: asyncio.Queue, answer: asyncio.Task):
    """The events up to the terminal one, and None after each silence. Closing it cancels the provider's request."""
    event = None
    try:
        while event is None or event[0] not in ENDINGS:
            try:
                event = await asyncio.wait_for(queue.get(), PING_SECONDS)
            except asyncio.TimeoutError:
                event = None
            yield event
    finally:
        answer.cancel()


async def wire(events):
    number = 0
    async with aclosing(events):
        async for event in events:
            number += event is not None
            yield f"id: {number}\nevent: {event[0]}\ndata: {json.dumps(event[1])}\n\n" if event else ": ping\n"


@app.exception_handler(ChatError)
async def send_error(_request: Request, error: ChatError):
    headers = {"retry-after": error.retry_after} if error.retry_after else {}
    body = {"message": error.message, **error.body}
    return JSONResponse({"errorType": error.type, "body": body}, error.status, headers)


@app.exception_handler(RequestValidationError)
async def on_invalid(request: Request, invalid: RequestValidationError):
    error = invalid.errors()[0]
    # A syntax error has a position in place of a path.
    names = [] if "json" in error["type"] else error["loc"][1:]
    path = "".join(f"[{name}]" if isinstance(name, int) else f".{name}" for name in names).lstrip(".")
    details = {"path": path} if path else {}
    message = f"{path or 'The body'}: {error['msg']}"
    return await send_error(request, ChatError("InvalidRequestFormat", message, 400, **details))


app.mount("/", StaticFiles(directory=PAGE, html=True))

if __name__ == "__main__":
    uvicorn.run(app, host=os.environ.get("HOST", "127.0.0.1"), port=int(os.environ.get("PORT", "3001")))
