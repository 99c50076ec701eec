"""HTML entities, which web pages and forms leave in cells: `O&#39;Neil`, `Marlow &amp; Co`."""

from __future__ import annotations

import html
import re

from listdrop.cells.patterns import lazy

_ENTITY = lazy(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});", re.I)
_MOST_TIMES = 3
"""How often a text may have been encoded: `&amp;amp;` was, twice."""


def has_entities(text: str) -> bool:
    """Whether a text contains a whole entity, with its semicolon."""
    return "&" in text and _ENTITY.search(text) is not None


def decoded(text: str) -> str:
    """Return a text with the letters that its entities stand for. `AT&T;` is left as it is.

    Only with its semicolon is it one: browsers read `&copy=1` as one as well.
    """
    for _ in range(_MOST_TIMES):
        if not has_entities(text):
            break
        text = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
    return text


_ESCAPES = lazy(r"(?:\\u[0-9a-f]{4})+|(?<!\\)\\++(?=['\"])", re.I)
"""Letters as JSON and databases write them: `M\\u00fcller`, `O\\'Neil`."""


def unescaped(text: str) -> str:
    """Return a text with the letters that its escapes stand for."""
    return _ESCAPES.sub(_letters, text)


def _letters(escapes: re.Match[str]) -> str:
    """Return the letters of escapes, which are units of UTF-16; the escapes if they are none."""
    if escapes[0][-1] == "\\":
        return ""
    units = bytes.fromhex(escapes[0].lower().replace("\\u", ""))
    try:
        return units.decode("utf-16-be")
    except UnicodeDecodeError:
        return escapes[0]
