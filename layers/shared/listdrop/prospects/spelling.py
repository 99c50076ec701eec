"""Finds the alias that a header stands for if it is only spelled in another way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from listdrop.cells.patterns import lazy

Ranks = Mapping[str, tuple[str, float]]
"""Folded aliases, each with its field and rank."""

_PLURAL = lazy(r"\((?:s|n|e|en|es|i|as|os|a|in|innen|nummer)\)")
"""`First Name(s)`, `Vorname(n)`, `Ansprechpartner(in)`."""
_EITHER = lazy(r"[/|]")
_NUMBERED = lazy(r"(?:#|n[or]\.?)?1$|^1st")
"""`Company 1`, `Email #1`: the first of several. A first of several names is none: see `Name 2`."""
_NUMBERS = (lazy(r"^n[o°r]\.?(?:de|di|do|of)?"), lazy(r"(?:n[o°r]\.?|#)$"))
"""`N° de téléphone`, `Mobile No.`."""
_MARKS = lazy(r"[:/.\[\]()]+")
_CUSTOM = lazy(r"(?<=\w{5})c$")
"""What is left of `__c`, which ends the names of Salesforce's custom fields."""

_NUMBERED_FIELDS = ("company", "job_title", "email", "phone", "linkedin_url", "website")
_WAYS = ("email", "phone")


def spelled(folded: str, ranks: Ranks) -> tuple[str, float] | None:
    """Return field and rank of the alias that a folded header is another spelling of."""
    for text, fields in _spellings(folded):
        known = ranks.get(text)
        if text != folded and known and (not fields or known[0] in fields):
            return known
    return _of_either(folded, ranks) or _of_kind(folded, ranks)


def _spellings(folded: str) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield other spellings of a header, and the fields that each may stand for; empty if any."""
    yield _PLURAL.sub("", folded), ()
    yield _CUSTOM.sub("", folded), ()
    yield _NUMBERED.sub("", folded), _NUMBERED_FIELDS
    for number in _NUMBERS:
        yield number.sub("", folded), ("phone",)


def _of_either(folded: str, ranks: Ranks) -> tuple[str, float] | None:
    """Return field and rank of a header in two words for one field: `Company/Organization`."""
    found = [ranks.get(part) for part in _EITHER.split(folded)]
    fields = {known[0] if known else "" for known in found}
    return found[0] if len(found) > 1 and len(fields) == 1 else None


def _of_kind(folded: str, ranks: Ranks) -> tuple[str, float] | None:
    """Return field and rank of `Email: Work` and `Phone [mobile]`; not of `Company: Email`.

    Nor of `Email.1`, which is the second of the name.
    """
    first, *rest = _MARKS.split(folded)
    known, whole = ranks.get(first), ranks.get("".join((first, *rest)))
    is_way = known and whole and known[0] == whole[0] and known[0] in _WAYS
    return whole if is_way and not any(map(str.isdecimal, folded)) else None
