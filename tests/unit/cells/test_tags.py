"""Tags as programs, databases and shops write lists of them."""

from __future__ import annotations

import pytest

from listdrop.cells.tags import tag_list


@pytest.mark.parametrize(
    "cell",
    [
        '["vip","wholesale"]', '["vip", "wholesale"]', "['vip','wholesale']",
        "['vip', 'wholesale']",
        "{vip,wholesale}", '{"vip",wholesale}', "'vip','wholesale'", "('vip', 'wholesale')",
        "[vip, wholesale]", "{'vip', 'wholesale'}", '[ "vip" , "wholesale" ]', '"vip","wholesale",',
        "('vip','wholesale',)", "[&quot;vip&quot;,&quot;wholesale&quot;]", "{vip;wholesale}",
    ],
)  # fmt: skip
def test_a_list_of_tags_has_no_brackets_and_quotation_marks_in_its_tags(cell: str) -> None:
    assert tag_list(cell) == ["vip", "wholesale"]


@pytest.mark.parametrize(
    ("cell", "tags"),
    [
        ("['vip']", ["vip"]),
        ("{vip}", ["vip"]),
        ("[]", []),
        ("{}", []),
        ("R&amp;D, vip", ["R&D", "vip"]),
        ("R&D; vip", ["R&D", "vip"]),
        ('["Spring, fair","vip"]', ["Spring, fair", "vip"]),
        ("[vip]", ["[vip]"]),
        ("tier (a, b)", ["tier (a", "b)"]),
        ("5' ladder, vip", ["5' ladder", "vip"]),
        ("rock 'n' roll", ["rock 'n' roll"]),
    ],
)
def test_other_cells_are_split_as_before(cell: str, tags: list[str]) -> None:
    assert tag_list(cell) == tags
