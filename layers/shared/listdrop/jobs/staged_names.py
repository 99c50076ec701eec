"""Names that browsers give to files, and the names of their copies in an inbox."""

from __future__ import annotations

import unicodedata

from listdrop.models import Upload

_LONGEST = 200
"""Characters, of up to four bytes; a whole key may have 1,024 bytes."""
_NAMELESS = "upload"


def plain_name(path: str) -> str:
    """Return what a file is called: its last part, without what no name should have.

    A browser may send any text as a name, with folders, control characters and no end.
    """
    found = path.replace("\\", "/").rpartition("/")[2]
    found = "".join(map(_plain, found)).strip(" ")
    if not found.strip("._ "):
        return _NAMELESS
    return _shortened(found)


def file_name(file: Upload) -> str:
    """Return what a staged file is called."""
    return plain_name(file.key)


def inbox_key(route: str, file: Upload) -> str:
    """Return the key of a staged file's copy in a route's inbox."""
    return f"inbox/{route}/{file_name(file)}"


def _plain(character: str) -> str:
    """Make a character visible, and every space an ordinary one."""
    if character.isprintable():
        return character
    return " " if unicodedata.category(character) == "Zs" else "_"


def _shortened(name: str) -> str:
    """Cut a long name in the middle: its end says what is in it."""
    if len(name) > _LONGEST:
        name = f"{name[: _LONGEST - 40]}…{name[-39:]}"
    return name
