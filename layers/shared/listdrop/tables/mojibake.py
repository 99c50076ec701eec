"""Letters that another program has read in a wrong encoding before: `JÃ¼rgen`, which was Jürgen.

Such a file is UTF-8 without a fault, so it is read as it is, with a warning.
"""

from __future__ import annotations

import re

_WRONG = ("cp1252", "mac_roman", "cp1251", "cp1250", "cp437", "cp850", "latin-1")
_EAST_ASIAN = rb"[\xa3-\xad](?:\xc2[\x80-\xbf]|\xc5[\x92-\xbe]|\xc6\x92|\xcb|\xe2[\x80-\x84])"
"""A letter and a sign that begin a Chinese, Japanese or Korean letter that was read as cp1252."""
_HINTS = re.compile(
    # Ã Â Å Ä Ð Ñ, and â before €
    rb"\xc3(?:[\x83\x82\x85\x84\x90\x91]|\xa2\xe2\x82\xac|" + _EAST_ASIAN + rb")"
    rb"|\xe2(?:\x88\x9a|\x94\x9c)"  # √ ├
    rb"|\xd0[\xa0\xa1\x93]|\xc4\x82|\xef\xbf\xbd"  # three letters of Cyrillic, Ă, and what is lost
)
"""One of these is in every text that was read in a wrong encoding; most texts have none.

One pattern finds them in half the time of a search for each.
"""
_ASCII = bytes(range(128))
_RUN = re.compile(r"[^\x00-\x7f]{2,12}")
_LOST = "\ufffd"
_MOST_RUNS = 2_000


def mojibake_in(chunk: bytes) -> str:
    """Return two signs of a text where another letter was meant; empty if all seem right."""
    high = chunk.translate(None, _ASCII)  # a fraction, in which to look is a fraction of the time
    if not _HINTS.search(high):
        return ""
    text = chunk.decode("utf-8", "ignore")
    if _LOST in text:
        return _LOST
    for number, run in enumerate(dict.fromkeys(_RUN.findall(text))):
        if number == _MOST_RUNS:
            break
        if _is_wrong(run):
            return str(run)[:2]
    return ""


def _is_wrong(run: str) -> bool:
    """Whether signs that stand together are bytes of UTF-8, each read as a letter of its own.

    What was read so twice is found when it is read back once.
    """
    for wrong in _WRONG:
        try:
            meant = run.encode(wrong).decode("utf-8")
        except UnicodeError:
            continue
        least = 2 if wrong == "cp1251" else 1  # two letters of Russian may be one of UTF-8
        if least <= len(meant) < len(run) and (all(map(_is_of_text, meant)) or _is_wrong(meant)):
            return True
    return False


def _is_of_text(sign: str) -> bool:
    return sign.isalpha() or sign in "\u2019\u2018\u201c\u201d\u2013\u2014\u2026\u20ac\u00a0"
