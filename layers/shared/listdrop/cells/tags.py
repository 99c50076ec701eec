"""Tags: those in a cell."""

from __future__ import annotations

import re

_QUOTED_TAGS = re.compile(r'\s*"[^"]*"(?:\s*,\s*"[^"]*")*\s*')


def tag_list(text: str) -> list[str]:
    """Split a cell of tags at `;`, `|` or `:::`, leaving out empty ones and repeats.

    Mailchimp's are quoted and separated by commas; a star marks what Google Contacts itself names.
    """
    if _QUOTED_TAGS.fullmatch(text):
        found = re.findall(r'"([^"]*)"', text)
    else:
        found = re.split(r"[;|]|:::", text)
    pieces = (piece.strip().removeprefix("* ").strip() for piece in found)
    return list(dict.fromkeys(piece for piece in pieces if piece))
