"""The start of a function: what is imported stays, so nobody looks for what could be let go of."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

_FIRST = ("pydantic.main", "boto3")
"""What imports most, one thing within the other. CPython takes memory for calls in chunks of 16 KB
(`Python/pystate.c`), and gives the last one back when it is empty. Where a chunk ends within a nest
of imports, many calls take one and give it back: over 2,500 times in the dashboard, a twentieth of
its start. Imported from here, these fit in the first.
"""


@contextmanager
def quick_start() -> Iterator[None]:
    """Import without garbage collection; what there is then is never looked at again."""
    gc.disable()
    try:
        for name in _FIRST:
            import_module(name)
        yield
    finally:
        gc.freeze()
        gc.enable()
