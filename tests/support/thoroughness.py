"""How much is tried of what could be tried for ever: `make check` tries more than `make test`."""

from __future__ import annotations

import os

IS_THOROUGH = bool(os.environ.get("THOROUGH"))
_SHARE = 5


def examples(most: int) -> int:
    """Return how many examples of a property to try; the first are always the same."""
    return most if IS_THOROUGH else max(most // _SHARE, 20)
