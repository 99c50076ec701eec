"""Finds out whether another program has read a file in a wrong encoding before.

Such a file is UTF-8 without a fault, so it is read as it is, with a warning.
"""

from __future__ import annotations

from listdrop.cells.mojibake import LOST, is_mojibake, runs_in
from listdrop.cells.patterns import lazy

_EAST_ASIAN = rb"[\xa3-\xad](?:\xc2[\x80-\xbf]|\xc5[\x92-\xbe]|\xc6\x92|\xcb|\xe2[\x80-\x84])"
"""A letter and a sign that begin a Chinese, Japanese or Korean letter that was read as cp1252."""
_HINTS = lazy(
    # Ã Â Å Ä Ð Ñ, and â before €
    rb"\xc3(?:[\x83\x82\x85\x84\x90\x91]|\xa2\xe2\x82\xac|" + _EAST_ASIAN + rb")"
    rb"|\xe2(?:\x88\x9a|\x94\x9c)"  # √ ├
    rb"|\xd0[\xa0\xa1\x93]|\xc4\x82|\xef\xbf\xbd"  # three letters of Cyrillic, Ă, and what is lost
)
"""One of these is in every text that was read in a wrong encoding; most texts have none.

One pattern finds them in half the time of a search for each.
"""
_ASCII = bytes(range(128))
_MOST_RUNS = 2_000


def mojibake_in(chunk: bytes) -> str:
    """Return two signs of a text where another letter was meant; empty if all seem right."""
    high = chunk.translate(None, _ASCII)  # a fraction, in which to look is a fraction of the time
    if not _HINTS.search(high):
        return ""
    text = chunk.decode("utf-8", "ignore")
    if LOST in text:
        return LOST
    for number, run in enumerate(runs_in(text)):
        if number == _MOST_RUNS:
            break
        if is_mojibake(run):
            return run[:2]
    return ""
