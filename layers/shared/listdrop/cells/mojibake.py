"""Letters that another program has read in a wrong encoding before: `JÃ¼rgen`, which was Jürgen."""

from __future__ import annotations

from collections.abc import Iterator

from listdrop.cells.patterns import lazy

LOST = "\ufffd"
"""Stands in the place of a letter that is lost."""
_WRONG = ("cp1252", "mac_roman", "cp1251", "cp1250", "cp437", "cp850", "latin-1")
_RUN = lazy(r"[^\x00-\x7f]{2,12}")


def runs_in(text: str) -> Iterator[str]:
    """Yield the letters beyond ASCII that stand together, each of them once."""
    yield from dict.fromkeys(_RUN.findall(text))


def is_mojibake(run: str) -> bool:
    """Whether signs that stand together are bytes of UTF-8, each read as a letter.

    What was read so twice is found when it is read back once.
    """
    for wrong in _WRONG:
        try:
            meant = run.encode(wrong).decode("utf-8")
        except UnicodeError:
            continue
        least = 2 if wrong == "cp1251" else 1  # two letters of Russian may be one of UTF-8
        if least <= len(meant) < len(run) and (all(map(_is_of_text, meant)) or is_mojibake(meant)):
            return True
    return False


def has_mojibake(text: str) -> bool:
    """Whether a text has such letters, which are all that is left of a name."""
    return not text.isascii() and any(map(is_mojibake, runs_in(text)))


def _is_of_text(sign: str) -> bool:
    return sign.isalpha() or sign in "\u2019\u2018\u201c\u201d\u2013\u2014\u2026\u20ac\u00a0"
