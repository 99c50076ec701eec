"""Reading ahead: several small files at once, in their order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

S = TypeVar("S")
T = TypeVar("T")


def ahead(read: Callable[[S], T], names: Iterable[S], readers: int) -> Iterator[T]:
    """Yield what `read` returns for each name, in order, with this many reads under way.

    No more than that many results wait to be taken. With one reader, everything happens in turn and
    in the caller's thread.
    """
    if readers == 1:
        yield from map(read, names)
        return
    with ThreadPoolExecutor(readers) as pool:
        waiting: deque[Future[T]] = deque()
        for name in names:
            waiting.append(pool.submit(read, name))
            if len(waiting) > readers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
