"""How much a text looks like names in one of the languages of `languages.toml`.

Each language has a model of which letter follows which two: of its words, or of its common signs
where it has thousands of them. A text's cost is about how surprising it is, in nats; so costs of
the same bytes, decoded in different ways, can be compared.
"""

from __future__ import annotations

import math
import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from listdrop.cells.patterns import lazy

_NEVER = 12.0
"""The cost of a letter that a language does not have; that of one at random is about 5."""
_RARE_SIGN = 10.5
_ODD = 8.0
_SHARES = (0.62, 0.27, 0.1)
"""How much is believed of what two letters say, of what one says, and of how frequent each is."""
_TOKEN = lazy(r"[^\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+")
"""What stands together without a blank or a mark of ASCII: letters, digits, and no ASCII."""

_APOSTROPHES = "\u2019\u2018"
_PAIRED = lazy("[\u201c\u201d\u201e\u00ab\u00bb\u2039\u203a]")
_OPENING = "\u201e\u00ab\u2039\u201a"
_QUOTES = _OPENING + "\u201c\u201d\u2026\u00bb\u203a\u2122\u00ae"
"""Quotation marks, and what stands after a word as closing ones do."""
_DASHES = "\u2013\u2014"
_BETWEEN = _DASHES + "\u00a0\u3000\uff08\uff09\u30fb\u3001\u3002\uff0c\uff1a\u2212"
_MONEY = "\u20ac\u00a3\u00a5\u00a7\u00a9\u00ba\u00b0\u00aa\u00b2\u00b3"
_ORDINALS = lazy(r"(?:^|[^^\W\d_])[MmDdNn]?[\u00ba\u00b0\u00aa]$")
"""As in Nº, and in Mª, which is María."""
_ELISION = lazy(
    r"^(?:[a-z]|qu|d[ae]ll|all|nell|sull|sant|un|mc)'\w|'(?:s|t|re|ve|ll|d|m)(?![^\W\d_])", re.I
)
"""As in L'Oréal and it's."""


@cache
def languages() -> Mapping[str, Mapping[str, Any]]:
    """Return the published table, `languages.toml`."""
    text = files("listdrop.tables").joinpath("languages.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def languages_of(encoding: str) -> Sequence[str]:
    """Return the names of the languages that are saved in an encoding."""
    return [name for name, each in languages().items() if encoding in each["encodings"]]


def tokens(text: str) -> Iterator[str]:
    """Yield what stands together and is not all ASCII."""
    return (found for found in _TOKEN.findall(text) if not found.isascii())


def cost(token: str, names: Sequence[str]) -> float:
    """Return how surprising a token is in the likeliest of some languages."""
    return sum(_costs_of_signs(token)) + min(_cost_in(token, name) for name in names)


def is_odd(token: str) -> bool:
    """Whether something stands in a token where nobody writes it: a quote or a capital inside."""
    return any(cost >= _ODD for cost in _costs_of_signs(token))


def has_open_quotes(text: str) -> bool:
    """Whether some quotation marks are without their other half."""
    return len(_PAIRED.findall(text)) % 2 == 1


def _cost_in(token: str, language: str) -> float:
    model = _model(language)
    return sum(map(model.cost, _runs(token)))


@cache
def _runs(token: str) -> Sequence[str]:
    """Return the runs of letters in a token, in lower case."""
    return [_lowered(run) for run in re.findall(r"[^\W\d_]+", token)]


def _lowered(word: str) -> str:
    """Lower a word letter by letter, so that it stays as long."""
    low = word.lower()
    if len(low) == len(word):
        return low
    return "".join(each.lower() if len(each.lower()) == 1 else each for each in word)


class _Words:
    """Which letter follows which two, in the words of a language."""

    def __init__(self, words: Sequence[str]) -> None:
        self._one: Counter[str] = Counter()
        self._two: Counter[str] = Counter()
        self._three: Counter[str] = Counter()
        for word in words:
            marked = f"^{_lowered(word)}$"
            self._one.update(marked[1:])
            self._two.update(map(str.__add__, marked, marked[1:]))
            self._three.update(marked[at : at + 3] for at in range(len(marked) - 2))
        self._letters = sum(self._one.values())
        self._before: Counter[str] = Counter(self._one)
        self._before["^"] = len(words)

    @cache  # noqa: B019 # a model is kept for ever
    def cost(self, run: str) -> float:
        """Return the cost of a run of letters."""
        marked = f"^{run}$"
        found = 0.0
        for at in range(1, len(marked)):
            letter, pair, three = (
                marked[at],
                marked[at - 1 : at + 1],
                marked[max(at - 2, 0) : at + 1],
            )
            if not self._one[letter]:
                found += _NEVER
                continue
            share = _SHARES[2] * self._one[letter] / self._letters
            if self._before[pair[0]]:
                share += _SHARES[1] * self._two[pair] / self._before[pair[0]]
            if at > 1 and self._two[three[:2]]:
                share += _SHARES[0] * self._three[three] / self._two[three[:2]]
            found -= math.log(share)
        return found


class _Signs:
    """How common a sign is, in a language that has thousands of them."""

    def __init__(self, signs: str, alike: str) -> None:
        total = math.log(sum(1 / (rank + 20) for rank in range(len(signs))))
        self._costs = {sign: math.log(rank + 20) + total for rank, sign in enumerate(signs)}
        self._alike = alike

    def cost(self, run: str) -> float:
        """Return the cost of a run of letters."""
        return sum(self._costs.get(sign) or self._unknown(sign) for sign in run)

    def _unknown(self, sign: str) -> float:
        if sign.isascii():
            return 4.0
        return _RARE_SIGN if script(sign) in self._alike.split() else _NEVER + 4


@cache
def _model(language: str) -> _Words | _Signs:
    table = languages()[language]
    if "words" in table:
        return _Words(table["words"].split())
    return _Signs("".join(table["signs"].split()), table["scripts"])


@cache
def script(letter: str) -> str:
    """Return what script a letter is of, by its Unicode name; empty for what is none."""
    if letter.isascii():
        return "LATIN"
    try:
        name = unicodedata.name(letter)
    except ValueError:
        return ""
    return name.split()[0].split("-")[0]


def _costs_of_signs(token: str) -> Iterator[float]:
    """Yield the costs of what is in a token beside letters, and of letters that do not fit."""
    before = ""
    for at, each in enumerate(token):
        if not each.isalpha():
            if not each.isascii():
                yield _cost_of_sign(token, at, before, token[at + 1 : at + 2])
        elif before.isalpha():
            if script(each) != script(before):
                yield _KIN.get((script(before), script(each)), 9.0)
            elif not each.isascii() and (
                (each.isupper() and before.islower())
                or (each.islower() and token[:at].isupper() and at > 1)
            ):
                yield 9.0
        before = each


_KIN = {
    ("HIRAGANA", "CJK"): 1.0, ("CJK", "HIRAGANA"): 1.0, ("KATAKANA", "CJK"): 1.0,
    ("CJK", "KATAKANA"): 1.0, ("HIRAGANA", "KATAKANA"): 2.0, ("KATAKANA", "HIRAGANA"): 2.0,
    ("LATIN", "CJK"): 6.0, ("CJK", "LATIN"): 6.0, ("HANGUL", "CJK"): 8.0, ("CJK", "HANGUL"): 8.0,
    ("LATIN", "HANGUL"): 4.0, ("HANGUL", "LATIN"): 4.0, ("KATAKANA", "LATIN"): 5.0,
    ("LATIN", "KATAKANA"): 5.0,
}  # fmt: skip
"""What it costs that scripts stand together, which they do in Japanese."""


def _cost_of_sign(token: str, at: int, before: str, after: str) -> float:
    """Return the cost of a sign that is no letter, by what stands before and after it."""
    sign = token[at]
    category = unicodedata.category(sign)
    if category in ("Cc", "Co", "Cn", "Cs"):
        return 40.0
    if category.startswith("M"):  # an accent after its letter
        return 3.0 if before.isalpha() else 10.0
    if sign in _QUOTES:
        return _cost_of_quote(sign, before, after)
    touches_before, touches_after = before.isalpha(), after.isalpha()
    if sign in _APOSTROPHES:
        return 3.0 if touches_before and _ELISION.search(f"{token[:at]}'{token[at + 1 :]}") else 8.0
    if sign in _BETWEEN:
        is_odd_dash = sign in _DASHES and touches_before and after.islower()
        return 3.0 if touches_before == touches_after and not is_odd_dash else 10.0
    if sign in _MONEY:
        if not touches_after and _ORDINALS.search(token[: at + 1]):
            return 2.0
        return 11.0 if touches_before or touches_after else 2.0
    if sign in "\u00a1\u00bf":
        return 5.0 if not touches_before and after.isupper() else 11.0
    return 13.0 if touches_before or touches_after else 7.0


def _cost_of_quote(sign: str, before: str, after: str) -> float:
    """Return the cost of a quotation mark, which has to open or close something."""
    if sign == "\u201c":  # opens in English, and closes in German
        return 10.0 if before.isalpha() and after.isalpha() else 5.0
    if sign in _OPENING:
        return 10.0 if before.isalpha() or (before and not after) else 5.0
    return 10.0 if after.isalpha() or (after and not before) else 5.0
