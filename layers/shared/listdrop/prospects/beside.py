"""What stands beside an address or a profile in its cell: `ada@example.com (unsubscribed)`."""

from __future__ import annotations

from collections.abc import Sequence

from listdrop.cells.patterns import lazy
from listdrop.cells.profiles import profile_slug
from listdrop.prospects.clauses import Remark, remark
from listdrop.prospects.consent import Verdict
from listdrop.prospects.likely import may_begin_no
from listdrop.prospects.phrases import words
from listdrop.prospects.vocabulary import found_in, has, phrases

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
    if remark(rest) is Remark.OUT or phrases("status_only").are(said) or _denies(rest):
        return Verdict.OUT if len(addresses) == 1 else Verdict.UNREAD
    if phrases("failed").is_only(said):
        return Verdict.FAILED if len(addresses) == 1 else Verdict.UNREAD
    is_told = found_in("no", said) or found_in("failed", said)
    return Verdict.UNREAD if is_told else Verdict.FREE


def _denies(rest: str) -> bool:
    """Whether a label of mailing has a no: `Newsletter: nein`."""
    label, colon, answer = rest.partition(":")
    is_asked = any(has(name, words(label)) for name in ("advertising", "opt_in_columns"))
    return bool(colon) and is_asked and phrases("not_so").are(words(answer))


_MOST_ADDRESSES = 10
"""In a cell with more, nobody says anything beside each, and each is looked for."""


def in_use(cell: str, addresses: Sequence[str]) -> Sequence[str]:
    """Return the addresses of a cell but those said to fail or to be old, if any is left."""
    if len(addresses) > _MOST_ADDRESSES:
        return addresses
    text = cell.casefold()
    places = sorted((text.find(each.casefold()), each) for each in addresses)
    gone = set()
    for (place, address), (end, _) in zip(places, [*places[1:], (len(text), "")], strict=True):
        said = [word for word in words(text[place + len(address) : end]) if not word.isdecimal()]
        if place >= 0 and (phrases("failed").is_only(said) or phrases("gone").are(said)):
            gone.add(address)
    return [each for each in addresses if each not in gone] or addresses


def said_beside_profile(cell: str) -> Verdict:
    """Return what a cell of profiles says besides, or instead: there, one word is not enough."""
    rest = " ".join(word for word in cell.split() if "linkedin." not in word).strip(_MARKS)
    if not rest or (len(words(rest)) == 1 and not profile_slug(cell.split()[0])):
        return Verdict.FREE
    what = remark(rest)
    if what is Remark.OUT:
        return Verdict.OUT
    return Verdict.UNREAD if what is Remark.OPEN else Verdict.FREE


_ASIDE = lazy(r"[(\[]([^()\[\]]{2,60})[)\]]|\s[-\u2013\u2014]\s(.{2,60})$")


def says_no_in_name(text: str) -> bool:
    """Whether a no stands beside a name, in brackets or after a dash, or several words instead.

    A single word may be a name: people are called Stop, and companies Unsubscribed.
    """
    if "(" in text or "[" in text or " - " in text or " \u2013 " in text:
        asides = ("".join(found) for found in _ASIDE.findall(text[:_LONGEST_NAME]))
        if any(remark(aside) is Remark.OUT for aside in asides):
            return True
    if " " not in text or not may_begin_no(text):
        return False
    return len(words(text)) > 1 and remark(text) is Remark.OUT


_LONGEST_NAME = 200
