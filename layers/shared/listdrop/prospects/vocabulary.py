"""The words about consent in `consent.toml`, and whether a text contains them."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from itertools import chain

from listdrop.cells.patterns import lazy
from listdrop.prospects.phrases import Phrases, joined, words


@cache
def consent_words() -> dict[str, dict[str, list[str]]]:
    """Return the published words, `consent.toml`: phrases by section and language."""
    text = files("listdrop.prospects").joinpath("consent.toml").read_text("utf-8")
    return {
        section: {language: _listed(phrases) for language, phrases in languages.items()}
        for section, languages in tomllib.loads(text).items()
    }


def _listed(phrases: str) -> list[str]:
    return list(filter(None, map(str.strip, phrases.replace("\n", ",").split(","))))


@cache
def phrases(section: str) -> Phrases:
    """Return the phrases of a section, of all languages."""
    return Phrases(chain.from_iterable(consent_words()[section].values()))


def negators() -> frozenset[str]:
    """Return the words that negate what follows."""
    return _single_words("negators")


def before_no() -> frozenset[str]:
    """Return the small words that may stand before a no."""
    return _single_words("before_no")


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
    for place, led, followed in phrases(section).found(said):
        before = place - 1
        while before > 0 and said[before] in small:
            before -= 1
        is_denied = before >= 0 and said[before] in turning
        if not (is_denied or _DENYING.search(led) or _DENIED.fullmatch(followed)):
            return True
        found = False
    return found


_DENYING = lazy(r"^nicht$|^[미비]$|(?:[不未無无非勿]|[没沒]有?)[要再想会會能曾]?$")
"""What denies a phrase within one word, before it: `没有订阅`, `不再订阅`, `Nichteinwilligung`."""
_THINGS = "登録|購読|同意|承諾|許可|許諾|希望|設定|配信|受信|受け取り|加入|参加|了承|承認|申込み?"
_DENIED = lazy(
    rf"[のをにはが]?(?:[未不非無](?:{_THINGS})?|(?:{_THINGS})?"
    r"[しでをもはていきされたぱだけ頂]{0,6}(?:な[いし]|なかった|ませ[んず]|ませんでした|せ?ず|無し))"
)
"""The same in Japanese, after it: `同意しません`, `メルマガ未登録`."""
_HARMLESS = lazy(
    "[無无]料|[無无][償限線线人印]|不[動动][産产]|不定期|不[断斷仅僅止限错錯]|不同(?!意)|未[来來満满知]"
    "|有[無无]|非[営营常凡]|是非"
)
"""Words with such a character that deny nothing: free of charge, real estate, the future."""
_NEGATION = lazy("[不未没沒無无非勿]|ない|なかっ|ません|せず|なし$")


def denies_within(said: Sequence[str]) -> bool:
    """Whether a word of a script without spaces has a part that denies something."""
    return any(not word.isascii() and _NEGATION.search(_HARMLESS.sub("", word)) for word in said)


def knows_word(said: Sequence[str]) -> bool:
    """Whether any of the words is in `consent.toml`."""
    return not _known().isdisjoint(said)
