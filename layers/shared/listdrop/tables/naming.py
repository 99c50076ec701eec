"""What an upload's name says of it: that it is none, what can be read, and what cannot."""

from __future__ import annotations

import re

from listdrop.cells.patterns import lazy

TEXTS = (".csv", ".tsv", ".txt")
READABLE = (*TEXTS, *(f"{text}.gz" for text in TEXTS), ".xlsx", ".zip")
"""How the name of what can be read ends. A name without a suffix is text, too."""

_SYSTEM_FILES = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
_SYSTEM_STARTS = ("~$", "._")
_UNFINISHED = (".part", ".filepart", ".crdownload", ".tmp")
_SUFFIX = lazy(r"\.(?=\w*[a-z])[a-z0-9_]{1,10}$", re.I)
"""It has a letter in it: the end of "Q3 2.5" is no suffix."""


def is_no_upload(name: str) -> bool:
    """Whether no person meant a file: an operating system's own, an editor's lock, half of a file.

    `name` may be a path.
    """
    file = _file_of(name)
    return file in _SYSTEM_FILES or file.startswith(_SYSTEM_STARTS) or file.endswith(_UNFINISHED)


def is_archive(name: str) -> bool:
    """Whether an upload's name is that of an archive of tables."""
    return name.lower().endswith(".zip")


def unreadable_suffix(name: str) -> str:
    """Return the suffix of a file that cannot be read; empty if it may be one that can."""
    file = _file_of(name)
    if file.endswith(READABLE):
        return ""
    found = _SUFFIX.search(file)
    if found and found[0] == ".gz" and not _SUFFIX.search(file.removesuffix(".gz")):
        return ""
    return found[0] if found else ""


def _file_of(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2].lower()
