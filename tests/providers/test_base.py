from __future__ import annotations

from typing import Any

import pytest

from listdrop.aws.items import clipped
from listdrop.errors import BatchRefusedError, FateUnknownError, ProviderBusyError
from listdrop.providers.base import Batch, BatchRow, raise_for_fate, refused_whole, words
from listdrop.providers.http import Answer

ROWS = [BatchRow(row, f"person{row}", {}) for row in (1, 2, 3)]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("  Not \n a\tprospect. ", "Not a prospect."),
        (["One.", " Two. "], "One.; Two."),
        (None, ""),
        ({"message": "no"}, ""),
        ("x" * 1_001, "x" * 1_000),
        ("ö" * 1_001, "ö" * 1_000),
        ("日" * 1_000, "日" * 666),
    ],
)
def test_what_a_provider_says_is_kept_as_one_line_that_an_item_has_room_for(
    said: Any, kept: str
) -> None:
    assert words(said) == kept
    assert clipped(kept) == kept


@pytest.mark.parametrize("status", [303, 408, 500, 503, 520])
def test_an_answer_of_unclear_fate_may_say_when_to_come_back(status: int) -> None:
    for headers, seconds in (({"Retry-After": "7"}, 7), ({"Retry-After": "soon"}, 60), ({}, 0)):
        with pytest.raises(FateUnknownError) as unclear:
            raise_for_fate(Answer(status, headers, b""))
        assert unclear.value.retry_after == seconds
    assert str(status) in str(unclear.value)


def test_a_rate_limit_took_nothing() -> None:
    with pytest.raises(ProviderBusyError) as busy:
        raise_for_fate(Answer(429, {}, b""), busy_seconds=5)
    assert busy.value.retry_after == 5


@pytest.mark.parametrize("status", [200, 302, 400, 401, 404, 409, 422, 499])
def test_no_other_answer_is_unclear_by_its_status_alone(status: int) -> None:
    raise_for_fate(Answer(status, {"Retry-After": "7"}, b""))


@pytest.mark.parametrize("status", [200, 204, 500, 503])
def test_only_a_refusal_takes_nothing(status: int) -> None:
    with pytest.raises(FateUnknownError):
        refused_whole(Answer(status, {}, b""), Batch(ROWS), "No.")


def test_a_refusal_is_split_unless_it_is_about_one_row_or_none() -> None:
    split = refused_whole(Answer(409, {}, b""), Batch(ROWS, retried=frozenset({2})), "")
    assert split.refusal is not None
    assert (split.refusal.reason, split.max_rows, split.retried) == (
        "HTTP 409",
        1,
        frozenset({2}),
    )
    for status, rows in ((409, ROWS[:1]), (302, ROWS)):
        with pytest.raises(BatchRefusedError) as refused:
            refused_whole(Answer(status, {}, b""), Batch(rows), "No.", "E1")
        assert (refused.value.reason, refused.value.raw_status) == ("No.", "E1")
