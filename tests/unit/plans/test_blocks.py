from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from listdrop.models import (
    PHONE_LEFT_OUT,
    BatchItem,
    ColumnPayloads,
    Entries,
    Json,
    Outcome,
    PlannedRow,
    RowResult,
)
from listdrop.plans.blocks import BatchRows, PlanBlock, decode_rows, result_of, sent_rows
from listdrop.ports import Files

SENT = PlannedRow(
    row=1,
    line=2,
    identity="ada@example.com",
    email="Ada@Example.com",
    linkedin_url="linkedin.com/in/ada",
    payload={"email": "Ada@Example.com", "tags": ["a", "b"], "extra": {"x": None, "n": 1.5}},
)
SETTLED = PlannedRow(
    row=2,
    line=3,
    email="ada",
    result=RowResult(Outcome.INVALID, "invalid_email", "The address is not a valid one."),
)


def encode_row(row: PlannedRow) -> bytes:
    """A line of one row."""
    return block_of(row).encode()


def block_of(*rows: PlannedRow) -> PlanBlock:
    """Rows that follow each other, as Submit has them."""
    return PlanBlock(
        rows[0].row,
        [row.line for row in rows],
        [row.identity for row in rows],
        [row.email for row in rows],
        [row.linkedin_url for row in rows],
        [row.payload or {} for row in rows],
        {place: row.result for place, row in enumerate(rows) if row.result},
        {place: row.warning for place, row in enumerate(rows) if row.warning},
    )


class OnePlan:
    """The results bucket with one plan, counting how often it is read."""

    def __init__(self, rows: list[PlannedRow]) -> None:
        self.lines = [encode_row(row) for row in rows]
        self.reads = 0

    def read_plan(self, job_id: str, first_byte: int, last_byte: int) -> bytes:
        del job_id
        self.reads += 1
        return b"".join(self.lines)[first_byte : last_byte + 1]

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Return first and last byte of the lines from `first` to `last`, counted from 0."""
        start = sum(map(len, self.lines[:first]))
        return start, start + sum(map(len, self.lines[first : last + 1])) - 1


def batch(plan: OnePlan, first: int, last: int, rows: int, **members: Any) -> BatchItem:
    first_byte, last_byte = plan.span(first, last)
    return BatchItem(
        job_id="j", number=1, first_row=first + 1, rows=rows, first_byte=first_byte,
        last_byte=last_byte, **members,
    )  # fmt: skip


def files(plan: OnePlan) -> Files:
    return cast("Files", plan)


def planned(row: int) -> PlannedRow:
    return PlannedRow(row=row, line=row + 1, identity=f"id{row}", payload={"n": row})


# ---------------------------------------------------------------- a row's line


@pytest.mark.parametrize(
    "row",
    [
        SENT,
        SETTLED,
        SENT._replace(payload={}),
        SENT._replace(warning=PHONE_LEFT_OUT),
        SENT._replace(payload={"name": 'line\nfeed "quote" \u2028 田中 \U0001f600'}),
        SETTLED._replace(result=RowResult(Outcome.UNKNOWN, "r", "t", "ref", "raw")),
        PlannedRow(row=1, line=1, payload={}),
    ],
)
def test_a_row_comes_back_as_it_was(row: PlannedRow) -> None:
    (back,) = decode_rows(encode_row(row))
    assert back == row
    assert type(back) is PlannedRow
    assert back.result is None or type(back.result) is RowResult
    assert back.result is None or type(back.result.outcome) is Outcome


@pytest.mark.parametrize("text", ["a\nb", "a\r\nb", "a\x0bb", "a\x85b", "a\u2028b", "a\x1cb"])
def test_a_row_is_one_line_whatever_is_in_it(text: str) -> None:
    line = encode_row(SENT._replace(payload={"notes": text}))
    assert line.endswith(b"\n")
    assert line.splitlines() == [line[:-1]]


def test_a_line_may_have_many_rows() -> None:
    rows = [planned(1), SETTLED, planned(3)]
    assert list(decode_rows(block_of(*rows).encode())) == rows


def test_payloads_by_column_are_those_of_each_row() -> None:
    columns: dict[str, list[JsonValue]] = {
        "email": ["a@x.test", "b@x.test"],
        "name": ["Ada", ""],
        "tags": [[], ["vip"]],
    }
    payloads = ColumnPayloads(2, columns, {"list": 7, "tags": ["all"]})
    block = replace(block_of(planned(1), planned(2)), payloads=payloads)

    assert [row.payload for row in decode_rows(block.encode())] == [
        {"list": 7, "tags": ["all"], "email": "a@x.test", "name": "Ada"},
        {"list": 7, "tags": ["vip"], "email": "b@x.test"},
    ]
    assert [row.payload for row in block.part(1, 2)] == [row.payload for row in block][1:]


NESTED = ColumnPayloads(
    3,
    {
        "url": ["in/a", "in/b", "in/c"],
        "profile": ColumnPayloads(
            3,
            {
                "name": ["Ada", "", "Cy"],
                "company": ColumnPayloads(3, {"name": ["Acme", "", ""]}),
            },
        ),
        "fields": Entries(("id", "value"), [7, 8], [["x", "", ""], ["", "", "y"]]),
    },
    {"list": 7},
)


def test_objects_and_lists_of_entries_may_be_by_column_too() -> None:
    block = replace(block_of(planned(1), planned(2), planned(3)), payloads=NESTED)
    first: Json = {
        "list": 7,
        "url": "in/a",
        "profile": {"name": "Ada", "company": {"name": "Acme"}},
        "fields": [{"id": 7, "value": "x"}],
    }
    last: Json = {
        "list": 7,
        "url": "in/c",
        "profile": {"name": "Cy"},
        "fields": [{"id": 8, "value": "y"}],
    }
    wanted: list[Json | None] = [first, {"list": 7, "url": "in/b"}, last]

    assert [row.payload for row in block] == wanted
    assert [row.payload for row in decode_rows(block.encode())] == wanted
    assert [row.payload for row in decode_rows(block.part(1, 3).encode())] == wanted[1:]
    assert sum(block.sizes()) <= len(block.encode()) + block.to_send * block.unwritten


def test_of_a_settled_row_nothing_is_left_within_objects_and_entries() -> None:
    block = replace(block_of(planned(1), planned(2), planned(3)), payloads=NESTED)
    emptied = block.emptied({0: RowResult(Outcome.INVALID, "invalid_email")})
    assert b"Ada" not in emptied.encode()
    assert b'"x"' not in emptied.encode()
    assert [row.payload for row in emptied][1:] == [row.payload for row in block][1:]


def test_payloads_without_any_column_are_those_that_are_the_same_in_all() -> None:
    block = replace(block_of(planned(1), planned(2)), payloads=ColumnPayloads(2, {}, {"list": 7}))
    assert [row.payload for row in decode_rows(block.encode())] == [{"list": 7}, {"list": 7}]


@given(
    settled=st.lists(st.booleans(), min_size=1, max_size=12),
    most=st.integers(0, 12),
    column_wise=st.booleans(),
)
def test_a_block_is_cut_before_the_row_that_is_too_many(
    settled: list[bool], most: int, *, column_wise: bool
) -> None:
    refusal = RowResult(Outcome.INVALID, "invalid_email")
    rows = [
        PlannedRow(row=7 + n, line=n, result=refusal) if out else planned(7 + n)
        for n, out in enumerate(settled)
    ]
    block = block_of(*rows)
    if column_wise:
        numbers = [row.row for row in rows]
        block = replace(block, payloads=ColumnPayloads(len(rows), {"n": numbers}))

    cut = block.end_of(most)
    first, rest = block.part(0, cut), block.part(cut, len(block))

    assert [*first, *rest] == rows
    assert first.to_send == min(most, settled.count(False))
    assert not rest or (rest.to_send and rest.first_sent == rest.first)
    assert [size > 0 for size in block.sizes()] == [not out for out in settled]
    payloads = sum(first.sizes())
    assert payloads <= len(first.encode()) + first.to_send * first.unwritten


def test_a_result_has_an_outcome_of_the_closed_list() -> None:
    assert result_of(["refused", "why"]) == RowResult(Outcome.REFUSED, "why")
    with pytest.raises(ValueError, match="fine"):
        result_of(["fine"])


# ---------------------------------------------------------------- a batch's rows


def test_a_batch_has_the_rows_for_sending_of_its_part_of_the_plan() -> None:
    plan = OnePlan([planned(1), SETTLED, planned(3), planned(4)])
    assert [row.row for row in sent_rows(files(plan), batch(plan, 0, 2, 2))] == [1, 3]
    assert [row.row for row in sent_rows(files(plan), batch(plan, 3, 3, 1))] == [4]


def test_a_row_with_an_empty_payload_is_for_sending() -> None:
    plan = OnePlan([SENT._replace(payload={})])
    assert [row.row for row in sent_rows(files(plan), batch(plan, 0, 0, 1))] == [1]


def test_rows_are_read_only_when_somebody_looks_and_then_once() -> None:
    plan = OnePlan([planned(1), planned(2)])
    rows = BatchRows(files(plan), [batch(plan, 0, 1, 2)])

    assert len(rows) == 2
    assert plan.reads == 0
    assert list(rows) == [(1, "id1"), (2, "id2")]
    assert rows[1] == (2, "id2")
    assert rows[:1] == [(1, "id1")]
    assert plan.reads == 1


def test_rows_that_are_settled_are_left_out() -> None:
    plan = OnePlan([planned(1), planned(2), planned(3)])
    settled = {2: RowResult(Outcome.REFUSED, "no")}
    rows = BatchRows(files(plan), [batch(plan, 0, 2, 3, settled=settled)])

    assert len(rows) == 2
    assert list(rows) == [(1, "id1"), (3, "id3")]


def test_rows_of_several_batches_come_in_order() -> None:
    plan = OnePlan([planned(1), planned(2), SETTLED, planned(4)])
    rows = BatchRows(files(plan), iter([batch(plan, 0, 1, 2), batch(plan, 2, 3, 1)]))

    assert len(rows) == 3
    assert list(rows) == [(1, "id1"), (2, "id2"), (4, "id4")]


def test_no_batches_have_no_rows() -> None:
    rows = BatchRows(files(OnePlan([])), [])
    assert len(rows) == 0
    assert list(rows) == []


def test_a_plan_in_a_file_is_one_that_can_be_read_in_parts(tmp_path: Path) -> None:
    plan = OnePlan([planned(1), SETTLED, planned(3)])
    path = tmp_path / "plan.jsonl"
    path.write_bytes(b"".join(plan.lines))
    with path.open("rb") as opened:
        assert [row.row for line in opened for row in decode_rows(line)] == [1, 2, 3]
