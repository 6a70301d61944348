"""When a call is made again. Whether it may be is decided where the call is made: by its method, or by its key."""

from __future__ import annotations

import random
from dataclasses import dataclass

from ._errors import ApiError, UnreachableError

_PASSING = (429, 502, 503, 504)


@dataclass(frozen=True)
class Retry:
    """How often, and after what pause."""

    #: Tries in all; 1 never repeats.
    tries: int = 4
    #: Seconds before the second try at most; doubled for each further one.
    first: float = 0.25
    #: The longest pause. Where the server asks for a longer one, the error is raised instead, with `retry_after`.
    longest: float = 20.0

    def pause(self, tried: int, error: ApiError) -> float | None:
        """Seconds until the next try; `None` where there is none."""
        if tried >= self.tries or not (isinstance(error, UnreachableError) or error.status in _PASSING):
            return None
        # The random part keeps many clients from coming back in step.
        pause = min(self.longest, self.first * 2.0 ** (tried - 1)) * random.uniform(0.5, 1)
        if error.retry_after is None:
            return pause
        return None if error.retry_after > self.longest else max(pause, error.retry_after)
