"""What goes wrong, as one family of exceptions. None of them holds a secret: the key is in no sentence of the server's."""

from __future__ import annotations

from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any

import httpx


class ApiError(Exception):
    """A call that failed. `code` is the word for programs, `detail` the sentence that says what to do next."""

    def __init__(
        self,
        detail: str,
        *,
        code: str = "error",
        status: int = 0,
        retryable: bool = False,
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code
        #: The HTTP status; 0 where there was no answer.
        self.status = status
        #: Whether the same call may succeed later.
        self.retryable = retryable
        #: Quote it when asking for help; it is in the server's log.
        self.request_id = request_id
        #: Seconds after which trying again makes sense, where the server said so.
        self.retry_after = retry_after
        #: Whether an earlier try of the same call went without an answer, and may have done its work.
        self.after_loss = False

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"


class InvalidRequestError(ApiError):
    """400, 413, 415, 422: a field is missing, malformed, too large or out of range."""


class AuthenticationError(ApiError):
    """401: the key is unknown, expired or revoked."""


class ForbiddenError(ApiError):
    """403: the key lacks a scope, its app is paused, or a limit is reached."""


class NotFoundError(ApiError):
    """404: nothing of that id is visible to this key."""


class ConflictError(ApiError):
    """409: something of that name exists already."""


class VersionConflictError(ApiError):
    """412: the memory is not the version that was to be changed."""


class RateLimitedError(ApiError):
    """429: too many requests; see `retry_after`."""


class ServerError(ApiError):
    """5xx: a fault of the server, or something that it depends on is down."""


class UnreachableError(ApiError):
    """No answer: no connection, a broken one, or none in time. Whether the server did the work is not known."""


class OperationFailedError(ApiError):
    """An operation that was waited for has failed."""


class WaitTimeoutError(ApiError):
    """An operation was not done in time. It goes on; wait again."""


_BY_STATUS: dict[int, type[ApiError]] = {
    400: InvalidRequestError,
    401: AuthenticationError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    412: VersionConflictError,
    413: InvalidRequestError,
    415: InvalidRequestError,
    422: InvalidRequestError,
    429: RateLimitedError,
}


def error_of(response: httpx.Response) -> ApiError:
    """The error that an answer stands for: its problem+json, or its status where something before the server answered."""
    status = response.status_code
    try:
        problem: Any = response.json()
    except ValueError:
        problem = None
    if not isinstance(problem, dict):
        problem = {}
    kind = _BY_STATUS.get(status, ServerError if status >= 500 else ApiError)
    return kind(
        str(problem.get("detail") or f"The answer was HTTP {status}."),
        code=str(problem.get("code") or f"http_{status}"),
        status=status,
        retryable=bool(problem.get("retryable", status in (429, 502, 503, 504))),
        request_id=problem.get("request_id") or response.headers.get("x-request-id"),
        retry_after=_seconds(response.headers.get("retry-after")),
    )


def _seconds(value: str | None) -> float | None:
    """`Retry-After`: seconds, or a date."""
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(timezone.utc)).total_seconds())
    except (ValueError, TypeError):
        return None
