"""Waiting for what should happen, however slow or busy the machine is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

PATIENCE = 300
"""Seconds after which something will never happen; nothing that passes takes a tenth of it."""

_EVERY = 0.2
_MOST_SECONDS = 30

Found = TypeVar("Found")


def until(
    look: Callable[[], Found],
    otherwise: Callable[[], object] | str = "it never happened",
    *,
    seconds: float = PATIENCE,
) -> Found:
    """Look until something is found that is true, and return it.

    If that never happens, the test fails with what `otherwise` says.
    """
    ends_at = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > ends_at:
            raise AssertionError(otherwise if isinstance(otherwise, str) else otherwise())
        time.sleep(_EVERY)
    return found


@contextmanager
def cheaply() -> Iterator[None]:
    """Fail if what is done takes the processor half a minute, where it should take a moment.

    Time in which other processes have the machine does not count.
    """
    began = time.thread_time()
    yield
    assert time.thread_time() - began < _MOST_SECONDS
