"""How much is tried of what could be tried for ever: `make soak` tries more than `make check`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

IS_THOROUGH = bool(os.environ.get("THOROUGH"))
_SHARE, _THOROUGH_SHARE = 5, 5 / 3


def examples(most: int) -> int:
    """Return how many examples of a property to try; the first are always the same."""
    return max(int(most / (_THOROUGH_SHARE if IS_THOROUGH else _SHARE)), 20)


def some_of(cases: Sequence[T]) -> Sequence[T]:
    """Return every fifth of many cases, or all of them."""
    return cases if IS_THOROUGH else cases[::_SHARE]
