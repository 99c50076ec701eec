"""Hostile uploads: each kind is read to exactly its rows, or rejected for its one reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from tests.unit.tables.hostile.addresses import CASES
from tests.unit.tables.hostile.checks import check_preview, check_rows, preview
from tests.unit.tables.hostile.containers import CONTAINERS
from tests.unit.tables.hostile.corpus import HUGE, KINDS
from tests.unit.tables.hostile.kind import Kind, in_pieces, written

CHECKS = [pytest.param(check_rows, id="row by row"), pytest.param(check_preview, id="previewed")]


def named(kind: Kind) -> str:
    return kind.name


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("kind", KINDS, ids=named)
def test_an_upload_of_any_kind_is_read_or_rejected_as_it_should(
    kind: Kind, check: Callable[[Kind], None]
) -> None:
    check(kind)


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("kind", CONTAINERS, ids=named)
def test_an_archive_or_workbook_is_read_or_rejected_as_it_should(
    kind: Kind, check: Callable[[Kind], None]
) -> None:
    check(kind)


@pytest.mark.parametrize(
    ("cell", "reason"),
    CASES,
)
def test_an_address_is_sent_or_has_a_reason(cell: str, reason: str) -> None:
    table = written([("email", "first name"), (cell, "Ada")])

    campaign, _ = preview(in_pieces(table.encode())).destinations

    assert campaign.to_send == (not reason)
    assert [problem.reason for problem in campaign.problems] == [reason] * bool(reason)


def test_every_kind_has_a_name_of_its_own() -> None:
    names = Counter(kind.name for kind in (*KINDS, *CONTAINERS, *HUGE))
    assert names.total() >= 161
    assert max(names.values()) == 1


def test_every_address_is_tried_once() -> None:
    assert len(dict(CASES)) == len(CASES) >= 185
