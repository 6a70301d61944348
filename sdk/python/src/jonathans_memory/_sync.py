"""Made by `sdk/python/generate` from _async.py. Not to be changed by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from time import monotonic, sleep
from types import TracebackType
from typing import Any, Literal, cast, overload
from uuid import uuid4

import httpx
from typing_extensions import Self, Unpack

from . import types as t
from ._errors import NotFoundError, OperationFailedError, VersionConflictError, WaitTimeoutError, error_of
from ._retry import Retry
from ._shared import Stored, as_operation, at, given, is_done, json_of, settings, unreachable

MEMORIES = "/api/v1/memories/"
PROJECTS = "/api/v1/projects/"


class Memory:
    """One person's memory. Keep one for the life of the program; it may be used by many threads at a time."""

    def __init__(
        self,
        url: str | None = None,
        api_key: str | None = None,
        *,
        timeout: float = 30.0,
        retry: Retry | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """`JM_URL` and `JM_API_KEY` stand in for what is not given. `transport` is for proxies and certificates of one's own."""
        self._url, headers = settings(url, api_key)
        self._retry = retry or Retry()
        self._http = httpx.Client(base_url=self._url, headers=headers, timeout=timeout, transport=transport)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._url})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    # Writing

    @overload
    def add(
        self,
        text: str,
        /,
        *,
        infer: Literal[True],
        wait: bool = False,
        idempotency_key: str | None = None,
        **fields: Unpack[t.AddOptions],
    ) -> t.Operation | Stored: ...

    @overload
    def add(
        self,
        text: None = None,
        /,
        *,
        messages: Sequence[t.Message],
        infer: bool = True,
        wait: bool = False,
        idempotency_key: str | None = None,
        **fields: Unpack[t.AddOptions],
    ) -> t.Operation | Stored: ...

    @overload
    def add(
        self,
        text: str,
        /,
        *,
        infer: Literal[False] = False,
        wait: bool = False,
        idempotency_key: str | None = None,
        **fields: Unpack[t.AddOptions],
    ) -> t.CreatedOut: ...

    def add(
        self,
        text: str | None = None,
        /,
        *,
        messages: Sequence[t.Message] | None = None,
        infer: bool = False,
        wait: bool = False,
        idempotency_key: str | None = None,
        **fields: Any,
    ) -> Any:
        """Stores a text as it is. With `messages=[…]`, or a text and `infer=True`, facts are taken from it: an operation for `wait`.

        `wait=True` has the server wait for embedding and facts, as long as it waits for anybody. A repeated call with the same
        `idempotency_key` stores nothing new; one is made up for each call, so that a lost answer is asked for again.
        """
        body = {**fields, **given({"text": text, "messages": messages, "infer": infer or None})}
        answer = self._keyed(MEMORIES, body, wait, idempotency_key)
        return as_operation(answer) if infer or messages else answer

    def add_many(self, memories: Sequence[t.MemoryIn], *, wait: bool = False, idempotency_key: str | None = None) -> t.BatchOut:
        """Stores up to 1,000 texts as they are; the answer says for each what became of it."""
        answer = self._keyed(f"{MEMORIES}batch", {"memories": list(memories)}, wait, idempotency_key)
        return cast(t.BatchOut, answer)

    def update(
        self, memory_id: str, text: str | None = None, /, *, version: int | None = None, **change: Unpack[t.MemoryChange]
    ) -> t.Memory:
        """Changes what is named and leaves the rest. With `version`, only if the memory still is that version."""
        body: dict[str, Any] = {**change} if text is None else {"memory_content": text, **change}
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        try:
            return cast(t.Memory, self.request("PUT", at(MEMORIES, memory_id), json=body, headers=headers))
        except VersionConflictError as error:
            # After a lost answer, the conflict may be with the change itself.
            if version is None or not error.after_loss or not is_done(memory := self.get(memory_id), version, body):
                raise
            return memory

    def delete(self, memory_id: str, *, permanent: bool = False) -> t.DeletedOut:
        """Deletes a memory; it can be restored for 30 days, unless `permanent`."""
        try:
            params = {"permanent": True} if permanent else {}
            return cast(t.DeletedOut, self.request("DELETE", at(MEMORIES, memory_id), params=params))
        except NotFoundError as error:
            if not error.after_loss:
                raise
            return {"message": "Deleted by a try whose answer was lost.", "deleted": 1, "ids": [memory_id]}

    def keep(self, memory_id: str) -> t.Memory:
        """Keeps a memory that the write gate holds back."""
        return cast(t.Memory, self.request("POST", at(MEMORIES, memory_id, "/keep")))

    def feedback(
        self,
        memory_id: str,
        feedback: Literal["POSITIVE", "NEGATIVE", "NEUTRAL", "CORRECTION", "CONFIRMATION"],
        **more: Unpack[t.FeedbackOptions],
    ) -> t.Learned:
        """Says what a memory was worth; a `CORRECTION` may bring the right `text`."""
        body = {"memory_id": memory_id, "feedback": feedback, **more}
        return cast(t.Learned, self.request("POST", "/api/v1/learning/feedback", json=body))

    # Reading

    def search(self, query: str, **conditions: Unpack[t.SearchOptions]) -> t.SearchOut:
        """Finds by meaning and by words, best first."""
        return cast(t.SearchOut, self._read(f"{MEMORIES}search", {"query": query, **conditions}))

    def context(self, query: str | None = None, **options: Unpack[t.ContextOptions]) -> t.Context:
        """Who the user is, what is new and what bears on the query: `text` is made for a model to read."""
        body = {**options} if query is None else {"query": query, **options}
        return cast(t.Context, self._read("/api/v1/context", body))

    def list(self, *, page_size: int = 100, **conditions: Unpack[t.ListOptions]) -> Iterator[t.Memory]:
        """Every memory that fits, newest first, fetched page by page."""
        cursor = None
        while True:
            page = self.request("GET", MEMORIES, params={**conditions, "limit": page_size, "cursor": cursor})
            for memory in page["items"]:
                yield memory
            cursor = page.get("next_cursor")
            if cursor is None:
                return

    def get(self, memory_id: str) -> t.Memory:
        return cast(t.Memory, self.request("GET", at(MEMORIES, memory_id)))

    def history(self, memory_id: str) -> t.History:
        return cast(t.History, self.request("GET", at(MEMORIES, memory_id, "/history")))

    def export(self) -> Iterator[str]:
        """Everything, as the lines of a JSON-lines file (without their ends). The last one counts them."""
        response = self._send("GET", "/api/v1/export", stream=True)
        try:
            # Split by hand: what httpx takes for the end of a line may stand inside one.
            rest = b""
            for block in response.iter_bytes():
                *lines, rest = (rest + block).split(b"\n")
                for line in lines:
                    yield line.decode()
            if rest:
                yield rest.decode()
        except httpx.RequestError as error:
            raise unreachable(error) from None
        finally:
            response.close()

    # Operations

    def operation(self, operation_id: str) -> t.Operation:
        return cast(t.Operation, self.request("GET", at("/api/v1/operations/", operation_id)))

    def wait(self, operation: t.Operation | Stored | str, *, timeout: float = 60.0) -> t.Operation | Stored:
        """The operation when it is done; raises where it fails, or is not done after so many seconds."""
        end, pause = monotonic() + timeout, 0.1
        now: Any = self.operation(operation) if isinstance(operation, str) else operation
        while now["status"] == "queued":
            left = end - monotonic()
            if left <= 0:
                detail = f"Operation {now['id']} is not done after {timeout:g} s."
                raise WaitTimeoutError(detail, code="wait_timeout", retryable=True)
            sleep(min(pause, left))
            pause = min(pause * 1.5, 2.0)
            now = self.operation(now["id"])
        if now["status"] == "failed":
            raise OperationFailedError(f"Operation {now['id']} failed: {now.get('reason')}.", code="operation_failed")
        return cast(t.Operation, now)

    # Projects

    def projects(self) -> t.ProjectList:
        return cast(t.ProjectList, self.request("GET", PROJECTS))

    def create_project(self, name: str) -> t.Project:
        return cast(t.Project, self.request("POST", PROJECTS, json={"name": name}))

    def rename_project(self, project_id: str, name: str) -> t.Project:
        return cast(t.Project, self.request("PUT", at(PROJECTS, project_id), json={"name": name}))

    def delete_project(self, project_id: str) -> t.Message:
        return cast(t.Message, self.request("DELETE", at(PROJECTS, project_id)))

    # Everything else

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Any route of the REST API. A POST or PATCH is made once, anything else again where its answer is lost."""
        return json_of(self._send(method, path, params=params, json=json, headers=headers))

    def _keyed(self, path: str, body: Any, wait: bool, key: str | None) -> Any:
        headers = {"Idempotency-Key": key or str(uuid4())}
        params = {"wait": True if wait else None}
        return json_of(self._send("POST", path, params=params, json=body, headers=headers, repeatable=True))

    def _read(self, path: str, body: Any) -> Any:
        """A POST that changes nothing."""
        return json_of(self._send("POST", path, json=body, repeatable=True))

    def _send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
        stream: bool = False,
        repeatable: bool | None = None,
    ) -> httpx.Response:
        """The one place where requests are made, and made again where that cannot do anything twice."""
        if repeatable is None:
            repeatable = method not in ("POST", "PATCH")
        tried, lost = 0, False
        while True:
            tried += 1
            request = self._http.build_request(method, path, params=given(params), json=json, headers=headers)
            try:
                response = self._http.send(request, stream=stream)
                if response.is_success:
                    return response
                response.read()
                error = error_of(response)
                response.close()
            except httpx.RequestError as broken:
                error = unreachable(broken)
            pause = self._retry.pause(tried, error) if repeatable else None
            # Raised here, and not where it was caught: a cause of httpx would carry the request, and with it the key.
            if pause is None:
                error.after_loss = lost
                raise error
            # Any of these may have done its work: 502 and 504 come from what stands before the server, 503 when time ran out.
            lost = lost or error.status != 429
            sleep(pause)
