"""Which row had an identity first: the same as a dictionary would say."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from listdrop.plans.repeats import FirstRows
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
