"""Rows by column are the same rows."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from listdrop.tables.even_rows import EvenRows, columns_of, widths_of
from tests.support.thoroughness import examples

CELLS = st.sampled_from(["", "a", " ", "Zoë", "東京", "\r", "\u2028"])
WIDTHS = st.integers(1, 3)
MANY = settings(derandomize=True, deadline=None, database=None, max_examples=examples(300))


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
    assert widths_of(found) == widths_of(wanted) == {width}
