"""Names of staged files: what the browser called them, and what their copies are called."""

from __future__ import annotations

import unicodedata

from listdrop.models import Upload

_LONGEST = 200
"""Characters, of up to four bytes; a whole key may have 1,024 bytes."""
_NAMELESS = "upload"


def file_name(file: Upload) -> str:
    """Return what a staged file is called: its last part, without what no name should have.

    A browser may send any text as a name, with folders, control characters and no end.
    """
    found = file.key.replace("\\", "/").rpartition("/")[2]
    found = "".join("_" if _is_odd(character) else character for character in found).strip(" ")
    if not found.strip("._ "):
        return _NAMELESS
    return _shortened(found)


def inbox_key(route: str, file: Upload) -> str:
    """Return the key of a staged file's copy in a route's inbox."""
    return f"inbox/{route}/{file_name(file)}"


def _is_odd(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def _shortened(name: str) -> str:
    """Cut a long name in the middle: its end says what is in it."""
    if len(name) > _LONGEST:
        name = f"{name[: _LONGEST - 40]}…{name[-39:]}"
    return name
