"""Rows by column are the same rows."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from listdrop.tables.even_rows import EvenRows, columns_of, split_evenly, widths_of
from tests.support.thoroughness import examples

CELLS = st.sampled_from(["", "a", " ", "Zoë", "東京", "\r", "\u2028"])
WIDTHS = st.integers(1, 3)
MANY = settings(derandomize=True, deadline=None, database=None, max_examples=examples(300))


@MANY
@given(st.lists(st.lists(CELLS, min_size=1, max_size=3), min_size=1, max_size=5), WIDTHS)
@example([["a", "b", "c"], ["d"]], 2)  # as many cells as there should be, in the wrong rows
def test_lines_are_split_only_if_each_is_as_wide_as_the_header(
    rows: list[list[str]], width: int
) -> None:
    found = split_evenly([";".join(cells) for cells in rows], ";", width)

    if all(len(cells) == width for cells in rows):
        assert found is not None
        assert list(found) == rows
        assert widths_of(found) == {width}
    else:
        assert found is None


@MANY
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=5), st.data())
def test_other_rows_take_the_place_of_lines_and_the_line_ends_belong_to_no_cell(
    rows: list[tuple[str, str]], data: st.DataObject
) -> None:
    other = ["a;b", "c\r\n"]
    places = sorted(data.draw(st.sets(st.integers(0, len(rows) - 1))))
    ends = [data.draw(st.sampled_from(["", "\r"])) for _ in rows]
    lines = [";".join(cells).replace("\r", "") for cells in rows]
    for place in places:
        lines[place] = ";"

    found = split_evenly(
        list(map(str.__add__, lines, ends)),
        ";",
        2,
        [(place, other) for place in places],
        has_returns=True,
    )

    wanted = [other if place in places else line.split(";") for place, line in enumerate(lines)]
    assert found is not None
    assert list(found) == wanted


@MANY
@given(st.data(), WIDTHS)
def test_they_are_taken_like_the_rows_of_a_list(data: st.DataObject, width: int) -> None:
    rows = st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=6)
    wanted = data.draw(rows)
    found = EvenRows(list(map(list, zip(*wanted, strict=True))))
    start, end = sorted(data.draw(st.tuples(st.integers(0, 6), st.integers(0, 6))))

    assert list(found[start:end]) == wanted[start:end]
    assert [found[place] for place in range(-len(wanted), len(wanted))] == [*wanted, *wanted]
    assert list(map(list, columns_of(found))) == list(map(list, columns_of(wanted)))
