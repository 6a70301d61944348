"""What the blocking and the asyncio client have in common."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any, Literal, TypedDict
from urllib.parse import quote, urlsplit

import httpx

from ._errors import ApiError, ServerError, UnreachableError
from .types import AddedOut, Memory

#: Where to, and the headers of every request.
Settings = tuple[str, dict[str, str]]


class Stored(TypedDict):
    """What `add` answers where facts were asked for and none had to be waited for: the shape of an operation that is done."""

    status: Literal["done"]
    results: list[AddedOut]


def settings(url: str | None, api_key: str | None) -> Settings:
    """Of arguments and environment. The key goes into a header and nowhere else, so that no `repr` can show it."""
    url = (url or os.environ.get("JM_URL", "")).strip().rstrip("/")
    key = (api_key or os.environ.get("JM_API_KEY", "")).strip()
    # A name and password in it would take the key's place.
    if not url.startswith(("http://", "https://")) or "@" in urlsplit(url).netloc:
        raise ValueError("Say where the server is: Memory(url='https://…'), or JM_URL in the environment.")
    # Whatever is no header value would be quoted by the library that refuses it.
    if not key or not all("!" <= letter <= "~" for letter in key):
        raise ValueError("An API key is wanted: Memory(api_key='jmk_…'), or JM_API_KEY in the environment.")
    agent = f"jonathans-memory-python/{version('jonathans-memory')}"
    return url, {"Authorization": f"Bearer {key}", "User-Agent": agent}


def at(prefix: str, id: str, rest: str = "") -> str:
    # An empty one would name the whole list.
    if id in ("", ".", ".."):
        raise ValueError(f"{id!r} is no id.")
    return f"{prefix}{quote(id, safe='')}{rest}"


def given(params: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (params or {}).items() if value is not None}


def json_of(response: httpx.Response) -> Any:
    try:
        return response.json() if response.content else None
    except ValueError:
        raise ServerError(
            "The answer is no JSON: is this the address of the server?", code="no_json", status=response.status_code
        ) from None


def unreachable(error: httpx.RequestError) -> ApiError:
    return UnreachableError(f"{type(error).__name__}: {error}".rstrip(": "), code="unreachable", retryable=True)


def as_operation(answer: dict[str, Any]) -> Any:
    """One shape for an add that asked for facts: the operation, or what was stored at once where no model is set up."""
    if "status" in answer:
        return answer
    return Stored(status="done", results=answer.get("results", [answer]))


def is_done(memory: Memory, version: int, change: Mapping[str, Any]) -> bool:
    """Whether this very change made the memory what it is: it has the next version, and all that was sent."""
    names = {"memory_content": "content", "metadata": "metadata_"}
    shown: Mapping[str, Any] = memory
    return memory["version"] == version + 1 and all(shown.get(names.get(name, name)) == value for name, value in change.items())
