"""What stands beside an address in its cell: `ada@example.com (unsubscribed)`."""

from __future__ import annotations

from collections.abc import Sequence

from listdrop.prospects.consent import Verdict
from listdrop.prospects.likely import may_begin_no
from listdrop.prospects.phrases import words
from listdrop.prospects.vocabulary import found_in, phrases

_REFUSING = frozenset("❌✗✘❎⛔\U0001f6ab\U0001f44e")
_MARKS = " \t\r\n<>()[]{}\"',;|.:-"


def said_beside(cell: str, addresses: Sequence[str]) -> Verdict:
    """Return what the rest of a cell means for its row.

    A rest that is nothing but a no is one. A no among other words, which may be a name, and what is
    said of one of several addresses, is not understood. Of a cell without a usable address, only a
    clear no counts.
    """
    rest = cell.casefold()
    for address in addresses:
        rest = rest.replace(address.casefold(), " ")
    if not addresses:
        rest = " ".join(word for word in rest.split() if "@" not in word)
    rest = rest.strip(_MARKS)
    if not rest or (not addresses and not may_begin_no(rest)):
        return Verdict.FREE
    if addresses and not _REFUSING.isdisjoint(rest):
        return Verdict.OUT
    said = [word for word in words(rest) if not word.isdecimal()]
    if phrases("no").is_only(said):
        return Verdict.OUT
    if not addresses:
        return Verdict.FREE
    if phrases("failed").is_only(said):
        return Verdict.OUT if len(addresses) == 1 else Verdict.UNREAD
    is_told = found_in("no", said) or found_in("failed", said)
    return Verdict.UNREAD if is_told else Verdict.FREE
