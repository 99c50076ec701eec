"""What the questions are made of: pages, words, and how rows are counted."""

from __future__ import annotations

import pytest

from listdrop.models import Job, JobState, Outcome, Page
from listdrop_cli.questions import (
    Balance,
    balance_of,
    everything,
    first,
    words_of,
)


def test_pages_are_asked_for_as_they_are_wanted() -> None:
    asked: list[str] = []
    pages = {"": Page([1, 2], "a"), "a": Page([], "b"), "b": Page([3], "c"), "c": Page([4])}

    def ask(cursor: str) -> Page[int]:
        asked.append(cursor)
        return pages[cursor]

    assert first(everything(ask), 2) == ([1, 2], True)
    assert asked == ["", "a", "b"]
    assert first(everything(ask), None) == ([1, 2, 3, 4], False)
    assert first(everything(ask), 4) == ([1, 2, 3, 4], False)


def test_every_outcome_is_in_one_group_of_the_balance(job: Job) -> None:
    for number, outcome in enumerate(Outcome, 1):
        counts = job.counts | dict.fromkeys(Outcome, 0) | {"rows": number, outcome: number}
        balance = balance_of(job.model_copy(update={"counts": counts}))
        assert sorted(balance, reverse=True) == [number, 0, 0, 0]
        assert bool(balance.bad) == outcome.is_bad
    open_job = job.model_copy(update={"counts": job.counts | dict.fromkeys(Outcome, 0)})
    assert balance_of(open_job) == Balance(0, 0, 0, 7)


def test_words_are_of_their_list() -> None:
    assert words_of(JobState, ["partial, failed", "EXPIRED"]) == ["partial", "failed", "expired"]
    with pytest.raises(ValueError, match="'good' is not one of confirmed"):
        words_of(Outcome, ["good"])
