"""Tags: splits a cell into tags."""

from __future__ import annotations

import re

_QUOTED_TAGS = re.compile(r'\s*"[^"]*"(?:\s*,\s*"[^"]*")*\s*')

_SURE = re.compile(r"[;|\r\n\uff1b]+|:::")
_COMMAS = re.compile(r"[,\u3001\u060c\uff0c]")
"""Commas, also Chinese, Japanese and Arabic ones."""


def tag_list(text: str) -> list[str]:
    """Split a cell into tags, without empty ones and repeats.

    Splits at `;`, `|`, `:::` or line breaks; if there are none, at commas, as in Shopify. Mailchimp
    quotes tags and separates them by commas. Google Contacts marks its own tags with a star, which
    is removed.
    """
    if _QUOTED_TAGS.fullmatch(text):
        found = re.findall(r'"([^"]*)"', text)
    else:
        found = _SURE.split(text)
        if len(found) == 1:
            found = _COMMAS.split(text)
    pieces = (piece.strip().removeprefix("* ").strip() for piece in found)
    return list(dict.fromkeys(piece for piece in pieces if piece))
