from __future__ import annotations

import threading

import pytest

from listdrop.jobs.ahead import ahead


@pytest.mark.parametrize("readers", [1, 2, 8])
def test_results_come_in_order_whatever_is_read_first(readers: int) -> None:
    assert list(ahead(lambda number: number * 2, range(50), readers)) == list(range(0, 100, 2))


def test_as_many_are_read_at_once_as_there_are_readers() -> None:
    together = threading.Barrier(4, timeout=60)

    def read(number: int) -> int:
        together.wait()
        return number

    assert list(ahead(read, range(8), 4)) == list(range(8))


def test_what_a_read_raises_is_raised_in_its_place() -> None:
    def read(number: int) -> int:
        if number == 2:
            raise KeyError(number)
        return number

    found = ahead(read, range(5), 2)

    assert [next(found), next(found)] == [0, 1]
    with pytest.raises(KeyError):
        next(found)
