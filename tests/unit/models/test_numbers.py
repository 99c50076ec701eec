from __future__ import annotations

import pytest

from listdrop.models.numbers import Numbers, has, numbers_in, runs_of, with_more


@pytest.mark.parametrize(
    ("numbers", "more", "expected"),
    [
        ((), [], ()),
        ((), [3, 1, 2], ((1, 3),)),
        (((1, 3),), [4, 6], ((1, 4), (6, 6))),
        (((1, 3), (5, 9)), [4], ((1, 9),)),
        (((1, 3),), [2], ((1, 3),)),
    ],
)
def test_numbers_are_joined_to_ranges(numbers: Numbers, more: list[int], expected: Numbers) -> None:
    assert with_more(numbers, more) == expected


def test_of_too_many_ranges_the_shortest_are_left_out() -> None:
    scattered = with_more((), range(1000, 3000, 2))
    kept = with_more(scattered, [1, 2, 3])

    assert len(scattered) == len(kept) == 50
    assert has(kept, 2)
    assert not has(kept, 4)


def test_ranges_keep_the_order_of_numbers() -> None:
    numbers = [5, 6, 7, 2, 9, 10]
    assert runs_of(numbers) == [[5, 7], [2, 2], [9, 10]]
    assert numbers_in(runs_of(numbers)) == numbers
    assert numbers_in(numbers) == numbers  # as they were kept before
