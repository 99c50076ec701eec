"""Tags: splits a cell into tags."""

from __future__ import annotations

from listdrop.cells.entities import decoded
from listdrop.cells.patterns import lazy

_QUOTED_TAGS = lazy(r"""\s*(?:"[^"]*"(?:\s*,\s*"[^"]*")*|'[^']*'(?:\s*,\s*'[^']*')*)\s*,?\s*""")
_QUOTED_TAG = lazy(r"""\s*(?:"([^"]*)"|'([^']*)')\s*(?:,|$)""")
_LIST = lazy(r"""\s*(?:\[(\s*|[^\[\]]*[,"'][^\[\]]*)\]|\{([^{}:]*)\}|\(([^()]*,[^()]*)\))\s*""")
"""A list of JSON, Python, PostgreSQL or a set: `["a","b"]`, `['a', 'b']`, `{a,"b c"}`."""

_SURE = lazy(r"[;|\r\n\uff1b]+|:::")
_COMMAS = lazy(r"[,\u3001\u060c\uff0c]")
"""Commas, also Chinese, Japanese and Arabic ones."""


def tag_list(text: str) -> list[str]:
    """Split a cell into tags, without empty ones and repeats.

    Splits at `;`, `|`, `:::` or line breaks; if there are none, at commas, as in Shopify. Mailchimp
    quotes tags and separates them by commas; databases and programs also put brackets around all.
    Google Contacts marks its own tags with a star, which is removed.
    """
    text = decoded(text)
    listed = _LIST.fullmatch(text)
    if listed:
        text = listed[listed.lastindex or 0]
    if _QUOTED_TAGS.fullmatch(text):
        found = ["".join(filter(None, each.groups())) for each in _QUOTED_TAG.finditer(text)]
    else:
        found = _SURE.split(text)
        if len(found) == 1:
            found = _COMMAS.split(text)
        if listed:
            found = [_unquoted(piece.strip()) for piece in found]
    pieces = (piece.strip().removeprefix("* ").strip() for piece in found)
    return list(dict.fromkeys(piece for piece in pieces if piece))


def _unquoted(piece: str) -> str:
    """Remove quotation marks around one tag of a list, where others have none."""
    is_quoted = len(piece) > 1 and piece[0] == piece[-1] and piece[0] in "\"'"
    return piece[1:-1] if is_quoted else piece
