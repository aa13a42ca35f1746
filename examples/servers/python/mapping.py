"""The provider's chunks as chat-stream's events. Pure: no network and no framework."""
import codecs
import json
import uuid

CODES = {"context_length_exceeded": ("ExceededContextWindow", 400), "model_not_found": ("ModelNotFound", 404),
         "insufficient_quota": ("InsufficientQuota", 502), "invalid_api_key": ("InvalidProviderAPIKey", 502)}
STATUSES = {401: ("InvalidProviderAPIKey", 502), 402: ("InsufficientQuota", 502), 429: ("RateLimitExceeded", 429)}
# A provider's message about these may quote the key.
FIXED = {"InvalidProviderAPIKey": "The model provider refused this server's API key.",
         "RateLimitExceeded": "The model provider is receiving too many requests."}


class ChatError(Exception):
    retry_after = None

    def __init__(self, type, message, status=502, **body):
        self.type, self.message, self.status, self.body = type, message, status, body


def provider_error(failure, status=None):
    """The typed error for a provider's error object. Pages and plain text are never forwarded."""
    outer = failure if isinstance(failure, dict) else {}
    error = outer["error"] if isinstance(outer.get("error"), dict) else outer
    type, http = CODES.get(str(error.get("code"))) or STATUSES.get(status, ("ProviderBizError", 502))
    message = error.get("message") if isinstance(error.get("message"), str) else "The model provider reported an error."
    return ChatError(type, FIXED.get(type, message), http)


def http_error(status, body, retry_after):
    """The typed error for a response with an error status."""
    try:
        failure = json.loads(body)
    except ValueError:
        failure = None
    error = provider_error(failure, status)
    error.retry_after = (retry_after or "5") if error.status == 429 else None
    return error


async def read_sse(chunks):
    """The data of each message. A message that the stream's end cuts is dropped, as the standard says."""
    decoder, buffer, data = codecs.getincrementaldecoder("utf-8")("replace"), "", []
    async for chunk in chunks:
        *lines, buffer = (buffer + decoder.decode(chunk)).split("\n")
        for line in (line.rstrip("\r") for line in lines):
            if line.startswith("data:"):
                data.append(line[5:].removeprefix(" "))
            elif not line and data:
                yield "\n".join(data)
                data = []


class Mapper:
    """Maps one stream. `on_data` and `end` return events as pairs of a type and its data; the last one is terminal."""

    def __init__(self):
        self.calls, self.finish, self.usage = [], None, None

    def on_data(self, data):
        if data == "[DONE]":
            return self.close("stop", self.finish or "unknown")
        try:
            chunk = json.loads(data)
            if chunk.get("error"):
                return self.fail(provider_error(chunk))
            self.usage = usage_of(chunk["usage"]) if chunk.get("usage") else self.usage
            return [event for choice in (chunk.get("choices") or [])[:1] for event in self.on_choice(choice)]
        except (ValueError, AttributeError, TypeError, KeyError):
            return self.fail(broken("invalid_json", "The model provider sent something that could not be read."))

    def on_choice(self, choice):
        delta = choice.get("delta") or {}
        self.finish = self.finish or choice.get("finish_reason")
        reasoning = delta.get("reasoning_content") or delta.get("reasoning")
        text = delta.get("content") or delta.get("refusal")
        calls = [self.on_call(call) for call in delta.get("tool_calls") or []]
        return [event for event in (("reasoning", reasoning), ("text", text), ("tool_calls", calls)) if event[1]]

    def on_call(self, part):
        """A fragment belongs to the call of its index, unless it brings another id, and else to the last one."""
        id, index, function = part.get("id"), part.get("index"), part.get("function") or {}
        known = [call for call in self.calls if index in (None, call["index"]) and id in (None, "", call["sent"])][-1:]
        call = known[0] if known else {"index": index, "sent": id, "id": id or f"call_{uuid.uuid4()}", "named": False}
        if not known:
            self.calls.append(call)
        name = None if call["named"] else function.get("name") or None
        call["named"] = call["named"] or name is not None
        function = {"name": name, "arguments": function.get("arguments") or ""}
        return {"index": self.calls.index(call), "id": call["id"], "type": "function", "function": function}

    def end(self):
        """The provider's bytes have ended, properly or not. Without a finish reason the answer was cut."""
        if self.finish:
            return self.close("stop", self.finish)
        return self.fail(broken("unexpected_end", "The model provider ended the answer before it was complete."))

    def fail(self, error):
        data = {"type": error.type, "message": error.message, **({"body": error.body} if error.body else {})}
        return self.close("error", data)

    def close(self, type, data):
        if data == "content_filter":
            return self.fail(ChatError("ProviderContentPolicyViolation", "The provider's content policy stopped it."))
        return ([("usage", self.usage)] if self.usage else []) + [(type, data)]


def broken(reason, message):
    return ChatError("StreamChunkError", message, reason=reason)


def usage_of(usage):
    details = [usage.get("prompt_tokens_details") or {}, usage.get("completion_tokens_details") or {}]
    counts = {"totalInputTokens": usage.get("prompt_tokens"), "totalOutputTokens": usage.get("completion_tokens"),
              "totalTokens": usage.get("total_tokens"), "inputCachedTokens": details[0].get("cached_tokens"),
              "outputReasoningTokens": details[1].get("reasoning_tokens")}
    return {name: count for name, count in counts.items() if count is not None}


def whole_answer(events):
    """The answer as one object, for a client that wants no stream. Raises the ChatError of one that broke."""
    answer, calls = {"text": ""}, {}
    for type, data in events:
        if type in ("text", "reasoning"):
            answer[type] = answer.get(type, "") + data
        elif type == "tool_calls":
            for part in data:
                function = calls.setdefault(part["id"], {"name": "", "arguments": ""})
                function["name"] = function["name"] or part["function"]["name"] or ""
                function["arguments"] += part["function"]["arguments"]
            answer["tool_calls"] = [{"id": id, "type": "function", "function": call} for id, call in calls.items()]
        elif type == "error":
            raise ChatError(data["type"], data["message"], 502, **{**data.get("body", {}), "answer": answer})
        else:
            answer[type] = data
    return answer
