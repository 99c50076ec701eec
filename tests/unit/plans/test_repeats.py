"""Which row had an identity first: the same as a dictionary would say."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from listdrop.plans.repeats import FirstRows, SharedFirstRows
from tests.support.thoroughness import examples

FEW = st.sampled_from(
    ["", "a@example.com", "A@example.com", "b@example.com", "in/ada", "é", "\x00"]
)
BLOCKS = st.lists(st.lists(st.one_of(FEW, st.text(max_size=3)), max_size=12), max_size=6)


def by_dictionary(blocks: list[list[str]]) -> list[dict[int, int]]:
    seen: dict[str, int] = {}
    row = 0
    found = []
    for block in blocks:
        repeated = {}
        for place, identity in enumerate(block):
            row += 1
            first = seen.setdefault(identity, row) if identity else row
            if first != row:
                repeated[place] = first
        found.append(repeated)
    return found


@settings(derandomize=True, deadline=None, database=None, max_examples=examples(200))
@given(BLOCKS)
def test_repeats_are_those_that_a_dictionary_finds(blocks: list[list[str]]) -> None:
    rows = FirstRows()
    assert [rows.repeats(block) for block in blocks] == by_dictionary(blocks)


def test_identities_whose_slots_collide_are_told_apart() -> None:
    identities = [f"p{number}@example.com" for number in range(300_000)]
    rows = FirstRows()

    assert rows.repeats(identities) == {}
    assert rows.repeats(identities[::-1]) == {
        place: len(identities) - place for place in range(len(identities))
    }


DESTINATIONS = 4
OF_DESTINATIONS = st.lists(st.integers(0, 2), min_size=DESTINATIONS, max_size=DESTINATIONS)


@settings(derandomize=True, deadline=None, database=None, max_examples=examples(200))
@given(st.lists(st.tuples(st.lists(FEW, max_size=5), OF_DESTINATIONS), max_size=8))
def test_each_destination_has_its_own_repeats_also_where_several_share(
    blocks: list[tuple[list[str], list[int]]],
) -> None:
    # Each destination leaves out the identity at some place, or none.
    by_destination = [
        [["" if at == left_out[each] else name for at, name in enumerate(names)]
         for names, left_out in blocks]
        for each in range(DESTINATIONS)
    ]  # fmt: skip
    rows = SharedFirstRows(DESTINATIONS)

    found = [rows.repeats(list(block)) for block in zip(*by_destination, strict=True)]

    expected = [by_dictionary(each) for each in by_destination]
    assert found == [list(block) for block in zip(*expected, strict=True)]


def test_destinations_share_until_their_identities_differ() -> None:
    rows = SharedFirstRows(3)
    ada, ivo = ["ada@example.com"], ["ivo@example.com"]

    together = rows.repeats([ada, ada, ada])
    assert together[0] is together[1] is together[2]
    parted = rows.repeats([ada, ivo, ada])
    assert parted == [{0: 1}, {}, {0: 1}]
    assert parted[0] is parted[2]
    assert rows.repeats([ivo, ivo, ivo]) == [{}, {0: 2}, {}]
