"""Tags: those in a cell."""

from __future__ import annotations

import re

_QUOTED_TAGS = re.compile(r'\s*"[^"]*"(?:\s*,\s*"[^"]*")*\s*')

_SURE = re.compile(r"[;|\r\n\uff1b]+|:::")
_COMMAS = re.compile(r"[,\u3001\u060c\uff0c]")
"""Also those of Chinese, Japanese and Arabic."""


def tag_list(text: str) -> list[str]:
    """Split a cell of tags, leaving out empty ones and repeats.

    At `;`, `|`, `:::` or line breaks, and where there is none of these, at commas, as in Shopify.
    Mailchimp's are quoted and separated by commas; a star marks what Google Contacts itself names.
    """
    if _QUOTED_TAGS.fullmatch(text):
        found = re.findall(r'"([^"]*)"', text)
    else:
        found = _SURE.split(text)
        if len(found) == 1:
            found = _COMMAS.split(text)
    pieces = (piece.strip().removeprefix("* ").strip() for piece in found)
    return list(dict.fromkeys(piece for piece in pieces if piece))
