"""A name whose letters were read in a wrong encoding before is sent as it is, with a warning."""

from __future__ import annotations

import pytest

from listdrop.cells.mojibake import has_mojibake
from listdrop.cells.names import Name, tidy_part, whole_name

MEANT = ["José", "Muñoz", "Jörg", "François", "Strauß", "Иван", "山田"]


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman"])
@pytest.mark.parametrize("meant", MEANT)
def test_no_sign_of_it_is_left_out(meant: str, encoding: str) -> None:
    read = meant.encode().decode(encoding)

    assert has_mojibake(read)
    assert tidy_part(read) == read
    assert whole_name(f"Ann {read}") == Name(f"Ann {read}", "Ann", read)
    assert whole_name(f"{read}, Ann") == Name(f"{read}, Ann")


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("Ada ©", "Ada"),
        ("Ada\u00ae", "Ada"),
        ("Zoë ★✨", "Zoë"),
        ("José", "José"),
        ("Ada½", "Ada½"),
    ],
)
def test_a_sign_beside_a_name_is_left_out_as_before(cell: str, name: str) -> None:
    assert not has_mojibake(cell)
    assert tidy_part(cell) == name
