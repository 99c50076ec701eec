"""Reads remarks: a note, a reply, what stands beside an address. A clause may be nothing but a no.

Of `DO NOT CONTACT - legal` the first clause says that the person opted out. Of `Unsubscribed: no`
it does not, and of `please do not contact me about delivery` nobody can tell.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from functools import cache, lru_cache
from itertools import chain

from listdrop.cells.patterns import lazy
from listdrop.prospects.phrases import words
from listdrop.prospects.vocabulary import consent_words, found_in, has, negators, phrases


class Remark(StrEnum):
    """What a remark says."""

    NOTHING = "nothing"
    OUT = "out"
    FAILED = "failed"
    NO_CALLS = "no calls"
    OPEN = "open"
    """It may be a no."""


CLAUSE_END = lazy(r"([\r\n,.;:!?()\[\]\u2013\u2014|]|(?<=\s)-(?=\s))")
"""What ends a clause."""
_LONGEST = 200
_LONGEST_DOUBTFUL = 40
"""A longer text that only contains a no is about something else."""

_ZERO = ("0",)
_Clause = tuple[Sequence[str], str]
"""The words of a clause, and the mark after it."""


def remark(text: str, *, may_be_name: bool = False) -> Remark:
    """Return what a remark says. A no counts if a clause says nothing else.

    Where the text `may_be_name`, of a company or a place, a clause has to be clear: `Unsubscribe,
    Inc.` is none.
    """
    if len(text) > _LONGEST:
        return Remark.NOTHING
    clauses = _clauses(text)
    say = _said_clearly if may_be_name else _said_by
    found = [_answered(say(said), clauses, place) for place, (said, _) in enumerate(clauses)]
    if Remark.OUT in found and not _takes_back(clauses, found):
        return Remark.OUT
    if found and found[0] is Remark.FAILED:
        return Remark.FAILED
    if Remark.OUT in found or Remark.FAILED in found or Remark.OPEN in found:
        return Remark.OPEN
    if Remark.NO_CALLS in found:
        return Remark.NO_CALLS
    if may_be_name:
        return Remark.NOTHING
    is_short = len(text) <= _LONGEST_DOUBTFUL and not any("?" in mark for _, mark in clauses)
    is_doubtful = is_short and any(_begins_with_no(said) for said, _ in clauses)
    return Remark.OPEN if is_doubtful else Remark.NOTHING


def is_one_clause(text: str) -> bool:
    """Whether a text is not several clauses, or words of a list."""
    return len(_clauses(text)) <= 1


def _clauses(text: str) -> list[_Clause]:
    *pieces, last = zip(*[iter([*CLAUSE_END.split(text), ""])] * 2, strict=True)
    found: list[_Clause] = []
    for piece, mark in (*pieces, last):
        said = words(piece)
        if said and (said == _ZERO or not all(map(str.isdecimal, said))):
            found.append((said, mark))
        elif found:
            found[-1] = (found[-1][0], found[-1][1] + mark)
    return found


def _said_by(said: Sequence[str]) -> Remark:
    """Return what a clause says, if it says nothing else."""
    said = [word for word in said if not word.isdecimal()]
    if _is_wish(said):
        return Remark.OUT
    said = _without_source(said)
    if found_in("no", said) is False:
        return Remark.NOTHING
    if phrases("no").is_only(said):
        is_open = phrases("unclear_alone").is_only(said)
        return Remark.OPEN if is_open else Remark.OUT
    if phrases("failed_alone").is_only(said):
        return Remark.FAILED
    if phrases("removal").are(said):
        return Remark.OUT
    if phrases("do_not_call").is_only(said) and (len(said) > 1 or not said[0].isascii()):
        return Remark.NO_CALLS
    for section, meaning in (
        ("unclear_alone", Remark.OPEN),
        ("removal", Remark.OUT),
        ("no", Remark.OUT),
        ("do_not_call", Remark.NO_CALLS),
    ):
        if any(_is_polite(said, *span) for span in phrases(section).spans(said)):
            return meaning
    return Remark.NOTHING


def _said_clearly(said: Sequence[str]) -> Remark:
    """Return what a clause says, if no company, place, title or topic is called so."""
    said = [word for word in said if not word.isdecimal()]
    found = Remark.NOTHING if phrases("like_names").are(said) else _said_by(said)
    is_word = len(said) == 1 and said[0].isascii()
    return Remark.NOTHING if is_word and found is Remark.FAILED else found


_WISHES = (("refusing", "written_to"), ("requesting", "leaving"))
_BESIDE_WISH = ("beside_wish", "speakers", "before_no")
_FEWEST_OF_WISH = 2


def _is_wish(said: Sequence[str]) -> bool:
    """Whether a clause says nothing but that somebody wants no mail: `doesn't want any emails`."""
    if len(said) < _FEWEST_OF_WISH or not all(map(_may_stand, said)):
        return False
    for wish, about in _WISHES:
        wishes, things = _places(wish, said), _places(about, said)
        if wishes and things - wishes and _has_only(said, wishes | things):
            return True
    return False


@lru_cache(maxsize=1 << 14)
def _may_stand(word: str) -> bool:
    """Whether a word may stand in such a clause at all. Most clauses have another word early on."""
    exact, begun = _of_wishes()
    return word in exact or word.startswith(begun)


@cache
def _of_wishes() -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the words of the sections about wishes, and what other words of them begin with."""
    sections = (*chain.from_iterable(_WISHES), *_BESIDE_WISH)
    found = chain.from_iterable(
        re.split(r"[\s/\[\]]+", phrase)
        for section in sections
        for listed in consent_words()[section].values()
        for phrase in listed
    )
    exact, begun = set[str](), set[str]()
    for piece in filter(None, found):
        (begun.update if piece.endswith("*") else exact.update)(words(piece))
    return frozenset(exact), tuple(begun)


def _places(section: str, said: Sequence[str]) -> set[int]:
    """Return the indexes of the words of the phrases of a section."""
    return {place for first, after in phrases(section).spans(said) for place in range(first, after)}


def _has_only(said: Sequence[str], known: set[int]) -> bool:
    """Whether all other words than these are small ones."""
    return all(
        place in known or any(phrases(name).are([word]) for name in _BESIDE_WISH)
        for place, word in enumerate(said)
    )


def _is_polite(said: Sequence[str], place: int, after: int) -> bool:
    """Whether nothing but small words stands beside a phrase."""
    if after - place == len(said):
        return False  # only where it is expected
    before, behind = phrases("before_no"), phrases("after_no")
    return all(before.are([word]) for word in said[:place]) and all(
        behind.are([word]) or before.are([word]) for word in said[after:]
    )


def _without_source(said: Sequence[str]) -> Sequence[str]:
    """Return words without who said so, or where: `DNC per Bob`, `opted out via email`."""
    is_source = phrases("sources").are
    place = next((n for n, word in enumerate(said) if n and is_source([word])), len(said))
    tail = said[place:]
    is_more = has("mistakes", tail) or has("phone", tail)  # perhaps only of calls
    return said if len(tail) > _MOST_SOURCE_WORDS or is_more else said[:place]


_MOST_SOURCE_WORDS = 4


def _answered(found: Remark, clauses: Sequence[_Clause], place: int) -> Remark:
    """Return what a clause says, given the label before it, and the answer after it."""
    if found is Remark.NOTHING:
        return found
    if place and ":" in clauses[place - 1][1] and phrases("about_else").are(clauses[place - 1][0]):
        return Remark.NOTHING
    after = clauses[place + 1][0] if place + 1 < len(clauses) else ()
    if after and (after == _ZERO or phrases("not_so").are(after) or has("open", after)):
        return Remark.NOTHING
    is_asked = "?" in clauses[place][1] and not phrases("yes").are(after)
    return Remark.OPEN if is_asked else found


def _takes_back(clauses: Sequence[_Clause], found: Sequence[Remark]) -> bool:
    """Whether another clause says that the person agrees after all."""
    others = (said for (said, _), what in zip(clauses, found, strict=True) if what != Remark.OUT)
    return any(has("granted", said) for said in others)


def _begins_with_no(said: Sequence[str]) -> bool:
    """Whether a clause begins with a no, or has one that is an instruction."""
    subjects = {
        place for name in ("subjects", "subjects_of_cells") for place in phrases(name).places(said)
    }
    before = phrases("before_no")
    for place, after in phrases("no").spans(said):
        is_first = all(before.are([word]) for word in said[:place])
        is_instruction = not negators().isdisjoint(said[place:after])
        if place not in subjects and (is_first or is_instruction) and after < len(said):
            return True
    return False
