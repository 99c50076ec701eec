"""Marks lead to rows by each name, for next to nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from math import ceil
from types import SimpleNamespace
from typing import Any

import pytest

from listdrop.aws.items import MOST_BYTES
from listdrop.aws.marks import DynamoMarks
from listdrop.cells import persons
from listdrop.cells.persons import mark_of, marks_of, names_in
from listdrop.cells.profiles import profile_slug
from listdrop.models import Job, Marks, Upload
from listdrop.models.marks import NO_MARK

USD_A_WRITE = 0.625 / 1_000_000
"""https://aws.amazon.com/dynamodb/pricing/on-demand/ (us-east-1, 1 KB)"""
MOST_USD = 0.15
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
JOBS = [
    Job(
        job_id=f"spring-provider{number}-0123456789abcdef",
        upload=Upload(bucket="uploads", key="inbox/spring/a.csv", version_id="v1"),
        route="spring",
        provider="toy",
        account="default",
        created_at=NOW,
        updated_at=NOW,
        deadline_at=NOW,
        expires_at=1_800_000_000,
    )
    for number in range(5)
]


class Shelves:
    """A table that keeps what is put into it."""

    name = "jobs"
    meta = SimpleNamespace(client=None)

    def __init__(self) -> None:
        self.items: list[dict[str, Any]] = []

    @contextmanager
    def batch_writer(self) -> Iterator[Any]:
        yield SimpleNamespace(put_item=lambda Item: self.items.append(Item))  # noqa: N803 # boto3's


def stored(rows: int) -> list[dict[str, Any]]:
    emails = [f"given.family{n}@example{n % 997}.com" for n in range(rows)]
    slugs = [f"given-family-{n}" for n in range(rows)]
    marks, table = Marks(), Shelves()
    marks.add(1, marks_of(emails, slugs))
    anything: Any = table
    DynamoMarks(anything).save(JOBS, marks)
    return table.items


def size_of(item: dict[str, Any]) -> int:
    return sum(len(name) + len(str(value)) for name, value in item.items())


@pytest.mark.parametrize("rows", [1_000, 100_000, 150_000])
def test_row_items_and_marks_stay_within_their_price(rows: int) -> None:
    items = stored(rows)
    writes = sum(ceil(size_of(item) / 1024) for item in items)
    row_items = 2 * rows  # and one copy in an index

    assert (writes + row_items) * USD_A_WRITE * 100_000 / rows < MOST_USD
    assert writes < 0.06 * rows


def test_no_attribute_is_too_long_and_every_row_is_there_by_both_names() -> None:
    items = stored(20_000)
    entries = [entry for item in items for entry in item["marks"].split()]

    assert max(len(item["marks"]) for item in items) <= MOST_BYTES
    assert len({item["pk"] + item["sk"] for item in items}) == len(items)
    assert len(entries) == 40_000
    assert f"{mark_of('EMAIL#given.family7@example7.com'):08x}:8" in entries
    assert f"{mark_of('LINKEDIN#given-family-7'):08x}:8" in entries


AWKWARD = [
    ("Ada@Example.com", "https://www.linkedin.com/in/Ada"),
    ("", "https://de.linkedin.com/in/zo%C3%AB/?x=1"),
    ("two\nlines", ""),
    ("", ""),
    ("Ünï@example.com", "linkedin.com/in/a-b/"),
    ("İ@example.com", "nothing"),
]


@pytest.mark.parametrize("rows", [AWKWARD, AWKWARD[:1], AWKWARD[:2], AWKWARD[3:]])
def test_a_block_has_the_marks_of_its_rows_names(rows: list[tuple[str, str]]) -> None:
    addresses = [email.lower() for email, _ in rows]
    slugs = [profile_slug(url).lower() for _, url in rows]
    marks = Marks()
    marks.add(1, marks_of(addresses, slugs))
    found = set(marks)

    wanted = {
        (mark_of(name), row)
        for row, (email, url) in enumerate(rows, 1)
        for name in names_in(email, url)
    }
    assert wanted <= found


def test_marks_keep_the_rows_that_blocks_leave_out() -> None:
    marks = Marks()
    marks.add(2, [[7, NO_MARK], [NO_MARK, 9]])
    marks.add(5, [[8], [NO_MARK]])

    assert list(marks) == [(7, 2), (8, 5), (9, 3)]
    assert len(marks) == 3
    assert dict(marks.shelved(2)) == {0: [(8, 5)], 1: [(7, 2), (9, 3)]}


def test_every_name_has_a_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(persons, "crc32", lambda *_: NO_MARK)

    assert marks_of(["ada@example.com", ""], ["", "bo"]) == [[1, NO_MARK], [NO_MARK, 1]]
    assert mark_of("EMAIL#ada@example.com") == 1
