"""How much is tried of what could be tried for ever: `make check` tries more than `make test`."""

from __future__ import annotations

import os

IS_THOROUGH = bool(os.environ.get("THOROUGH"))
_SHARE, _THOROUGH_SHARE = 5, 5 / 3


def examples(most: int) -> int:
    """Return how many examples of a property to try; the first are always the same."""
    return max(int(most / (_THOROUGH_SHARE if IS_THOROUGH else _SHARE)), 20)
