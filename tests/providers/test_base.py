from __future__ import annotations

from typing import Any

import pytest

from listdrop.aws.items import clipped
from listdrop.providers.base import words


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("  Not \n a\tprospect. ", "Not a prospect."),
        (["One.", " Two. "], "One.; Two."),
        (None, ""),
        ({"message": "no"}, ""),
        ("x" * 1_001, "x" * 1_000),
        ("ö" * 1_001, "ö" * 1_000),
        ("日" * 1_000, "日" * 666),
    ],
)
def test_what_a_provider_says_is_kept_as_one_line_that_an_item_has_room_for(
    said: Any, kept: str
) -> None:
    assert words(said) == kept
    assert clipped(kept) == kept
