"""The words about consent in `consent.toml`, and whether a text contains them."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from itertools import chain

from listdrop.prospects.phrases import Phrases, joined, words


@cache
def consent_words() -> dict[str, dict[str, list[str]]]:
    """Return the published words, `consent.toml`: phrases by section and language."""
    text = files("listdrop.prospects").joinpath("consent.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def phrases(section: str) -> Phrases:
    """Return the phrases of a section, of all languages."""
    return Phrases(chain.from_iterable(consent_words()[section].values()))


def negators() -> frozenset[str]:
    """Return the words that negate what follows."""
    return _single_words("negators")


@cache
def _single_words(section: str) -> frozenset[str]:
    return frozenset(map(joined, chain.from_iterable(consent_words()[section].values())))


@cache
def answers_to(no: str) -> frozenset[str]:
    """Return the words for yes of the languages whose first word for no this is."""
    table = consent_words()
    return frozenset(
        joined(table["yes"][language][0])
        for language, said in table["not_so"].items()
        if joined(said[0]) == no
    )


@cache
def _known() -> frozenset[str]:
    """Return every word of the phrases about consent."""
    lists = chain.from_iterable(map(dict.values, consent_words().values()))
    return frozenset(chain.from_iterable(map(words, chain.from_iterable(lists))))


def has(section: str, said: Sequence[str]) -> bool:
    """Whether words contain a phrase of a section."""
    return phrases(section).found_in(said)


def found_in(section: str, said: Sequence[str]) -> bool | None:
    """Whether words contain a phrase of a section: `None` if not, false if only negated."""
    turning, small = negators(), _single_words("small_words")
    found = None
    for place in phrases(section).places(said):
        before = place - 1
        while before > 0 and said[before] in small:
            before -= 1
        if before < 0 or said[before] not in turning:
            return True
        found = False
    return found


def knows_word(said: Sequence[str]) -> bool:
    """Whether any of the words is in `consent.toml`."""
    return not _known().isdisjoint(said)
