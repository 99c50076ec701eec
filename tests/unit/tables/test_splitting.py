"""A text is split at once as `csv.reader` splits it, or not at all."""

from __future__ import annotations

import csv
import io
from typing import Literal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from listdrop.tables.even_rows import EvenRows
from listdrop.tables.splitting import split_records
from tests.support.thoroughness import examples

MANY = settings(derandomize=True, deadline=None, database=None, max_examples=examples(400))
SIGNS = st.text(st.sampled_from(' ab",;\n\r東'), max_size=5)
DELIMITERS = st.sampled_from(",;\t|")
ENDS = st.sampled_from(("\n", "\r\n", "\r"))
QUOTING = st.sampled_from((csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC))


def written(
    rows: list[list[str]], delimiter: str, end: str, quoting: Literal[0, 1, 2] = csv.QUOTE_MINIMAL
) -> str:
    """Write rows as Python 3.13 does: older ones quote a CR only where it is part of a line end."""
    return "".join(f"{line_of(cells, delimiter, quoting)}{end}" for cells in rows)


def line_of(cells: list[str], delimiter: str, quoting: Literal[0, 1, 2]) -> str:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, lineterminator="\r\n", quoting=quoting).writerow(cells)
    return file.getvalue().removesuffix("\r\n")


def table(width: int) -> st.SearchStrategy[list[list[str]]]:
    return st.lists(st.lists(SIGNS, min_size=width, max_size=width), min_size=1, max_size=5)


@MANY
@given(st.integers(1, 3).flatmap(table), DELIMITERS, ENDS, QUOTING, st.booleans())
def test_what_a_program_writes_is_split_by_column(
    rows: list[list[str]], delimiter: str, end: str, quoting: Literal[0, 1, 2], is_open: bool
) -> None:
    text = written(rows, delimiter, end, quoting)
    text = text.removesuffix(end) if is_open and rows[-1] != [""] else text

    found = split_records(text, delimiter, len(rows[0]), has_returns=end == "\r")

    assert found is not None
    assert isinstance(found.rows, EvenRows)
    assert list(found.rows) == rows
    assert found.taken == len(text)


@MANY
@given(st.lists(st.lists(SIGNS, min_size=1, max_size=3), min_size=1, max_size=5), ENDS)
@example([["a", "b", "c"], ["d"]], "\n")  # as many cells as there should be, in the wrong rows
@example([["a", "b", "c"], [""], [""], ["d", "e", "f"]], "\r\n")  # line ends where they should be
def test_rows_of_any_width_are_split(rows: list[list[str]], end: str) -> None:
    text = written(rows, ",", end)

    for width in (2, 3):
        found = split_records(text, ",", width, has_returns=end == "\r")
        assert found is not None
        assert list(found.rows) == rows
        assert isinstance(found.rows, EvenRows) == all(len(cells) == width for cells in rows)


@MANY
@given(table(2), ENDS, st.data())
def test_a_record_is_taken_if_it_ends_in_the_text(
    rows: list[list[str]], end: str, data: st.DataObject
) -> None:
    whole = [written([cells], ",", end) for cells in rows]
    before = "".join(whole[:-1])
    cut = data.draw(st.sampled_from([0, *opened_at(whole[-1])]))

    found = split_records(before + whole[-1][:cut], ",", 2, has_returns=end == "\r")

    if before or cut:
        assert found is not None
        assert found.taken == len(before)
        assert list(found.rows) == rows[:-1]


def opened_at(line: str) -> list[int]:
    """Where a record ends for a reader that has no more of it: with a cell that is still quoted."""
    return [place for place in range(1, len(line)) if line[:place].count('"') % 2]


@MANY
@given(table(3), ENDS)
def test_lines_within_records_are_counted(rows: list[list[str]], end: str) -> None:
    further = {
        place: sum(len(f"{cell}.".splitlines()) - 1 for cell in cells)
        for place, cells in enumerate(rows)
    }

    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL):
        found = split_records(written(rows, ",", end, quoting), ",", 3, has_returns=end == "\r")
        assert found is not None
        assert found.further_lines == {place: lines for place, lines in further.items() if lines}


@pytest.mark.parametrize(
    "text",
    [
        'a,5" pipe\nb,6" pipe\n',  # a quotation mark within a cell is one of its letters
        'a, "b"\n',  # the blank belongs to no cell
        'a,"b" \n',
        'a,"b"c\n',
        '"a"b"c",d\n',
        'a"\n",b\n',  # an even number, of which none begins a cell
        'a,5" pipe\nb,c\n',  # no cell that goes on, however much of the text follows
        'a"b,c\n',
        'a, "b\nc\n',
        '"a"b",c\n',
    ],
)
def test_other_quotation_marks_need_a_closer_look(text: str) -> None:
    assert split_records(text, ",", 2) is None


@pytest.mark.parametrize("text", ['a,"b', '"', '"a\nb,c\n', '"a""\nb,c\n', '"","b\n'])
def test_nothing_is_taken_of_a_record_that_goes_on(text: str) -> None:
    assert split_records(text, ",", 2) == ([], 0, {})
    assert split_records(f"x,y\n{text}", ",", 2) is not None


@MANY
@given(st.text(st.sampled_from('"""ab,,\n\n'), max_size=14))
def test_any_text_is_split_as_the_csv_module_does_or_not_at_all(text: str) -> None:
    found = split_records(text, ",", 2)

    if found is not None and text:
        taken = io.StringIO(text[: found.taken], newline="")
        wanted = [cells or [""] for cells in csv.reader(taken, strict=True)]
        assert list(found.rows) == wanted
        assert found.taken == len(text) or text.count('"') % 2
