"""A client of Jonathan's Memory: one personal memory that all AI clients of a person share."""

from . import types
from ._async import AsyncMemory
from ._errors import (
    ApiError,
    AuthenticationError,
    ConflictError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    OperationFailedError,
    RateLimitedError,
    ServerError,
    UnreachableError,
    VersionConflictError,
    WaitTimeoutError,
)
from ._retry import Retry
from ._shared import Stored
from ._sync import Memory

__all__ = [
    "ApiError",
    "AsyncMemory",
    "AuthenticationError",
    "ConflictError",
    "ForbiddenError",
    "InvalidRequestError",
    "Memory",
    "NotFoundError",
    "OperationFailedError",
    "RateLimitedError",
    "Retry",
    "ServerError",
    "Stored",
    "UnreachableError",
    "VersionConflictError",
    "WaitTimeoutError",
    "types",
]
