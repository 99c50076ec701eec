from __future__ import annotations

from contextlib import ExitStack

import pytest

from listdrop.jobs import reason_counts
from listdrop.jobs.reason_counts import ReasonCounter
from listdrop.models import ReasonCount


@pytest.mark.parametrize("in_memory", [2, 10, 10_000])
def test_a_reason_that_is_frequent_late_is_counted_right(
    in_memory: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reason_counts, "IN_MEMORY", in_memory)
    with ExitStack() as stack:
        counter = ReasonCounter(stack)
        for number in range(50):
            counter.add("refused", f"Unheard of: {number}")
            counter.add("unknown", "lost_answer")
        for _ in range(30):
            counter.add("refused", "Late, but often")

        assert counter.top(3) == [
            ReasonCount("unknown", "lost_answer", 50),
            ReasonCount("refused", "Late, but often", 30),
            ReasonCount("refused", "Unheard of: 0", 1),
        ]


def test_the_same_words_of_another_outcome_are_another_reason() -> None:
    with ExitStack() as stack:
        counter = ReasonCounter(stack)
        counter.add("refused", "x")
        counter.add("unknown", "x")

        assert len(counter.top(5)) == 2


@pytest.mark.parametrize("in_memory", [2, 10, 10_000])
def test_what_was_counted_before_counts_first_and_again_and_again(
    in_memory: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reason_counts, "IN_MEMORY", in_memory)
    with ExitStack() as stack:
        before, after = ReasonCounter(stack), ReasonCounter(stack)
        for reason in ("b", "a", "b", "c"):
            before.add("refused", reason)
        after.resume(before.fresh())
        for reason in ("d", "a", "d"):
            after.add("refused", reason)

        expected = [("b", 2), ("a", 2), ("d", 2), ("c", 1)]
        for _ in range(2):
            assert [(each.reason, each.rows) for each in after.top(9)] == expected
        assert b'"d"' in after.fresh()
        assert [(each.reason, each.rows) for each in after.top(9)] == expected
