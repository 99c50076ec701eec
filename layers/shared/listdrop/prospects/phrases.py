"""Finds phrases of many languages in a text. Phrases are written in a small grammar.

A text is first reduced to words: `Email Address Is Opted-Out`, `email_address_is_opted_out` and
`emailAddressIsOptedOut` are the same. A phrase is written as words with spaces between them:

- `opt/opted out/outs`: either word; `[date] opt out`: the first word is optional.
- `unsubscri*`: words that begin so, only at the end of a phrase.
- `*einwilligung*`: also inside a word. Chinese, Japanese and Korean words always match so.
- `=baja`: only if it is the whole text.

Spaces inside a phrase do not matter, so `opt out` is also found in `optout`, unless `gap` is given.
But a phrase begins where a word begins, and ends where a word ends.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, product

_LONGEST_TEXT = 200
"""Only this many characters are searched. A longer text is not a flag or a header."""
_WORD_ENDS = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
"""Where a word begins in `camelCase` or `DNCList`."""
_NOT = re.compile(r"n['\u2019`]t\b")
_WORD = re.compile(r"[^\W\d_]+|\d+")
_PLAIN_LETTERS = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "\u0131": "i", "\u0640": ""}
    | {"Æ": "AE", "Œ": "OE", "Ø": "O", "Ł": "L", "Đ": "D"}
)
"""Letters that do not decompose into a plain letter and an accent, and one that only fills."""
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")


@lru_cache(maxsize=1 << 14)
def words(text: str) -> tuple[str, ...]:
    """Return the words of a text, without case and accents. A number is a separate word."""
    text = text[:_LONGEST_TEXT]
    if not text.isascii():  # first of all, as `Ã` is a capital as `A` is
        apart = unicodedata.normalize("NFKD", text).translate(_PLAIN_LETTERS)
        kept = "".join(letter for letter in apart if not unicodedata.combining(letter))
        text = unicodedata.normalize("NFC", kept)
    return tuple(_WORD.findall(_NOT.sub("nt", _WORD_ENDS.sub(" ", text).casefold())))


def joined(phrase: str) -> str:
    """Return the words of a phrase or a text, joined without spaces."""
    return "".join(words(phrase))


def expanded(phrase: str, gap: str = "") -> Iterator[str]:
    """Yield every phrase that a phrase with alternatives and optional words stands for.

    Words are joined by `gap`; a `*` is kept.
    """
    choices = [
        [_folded(each) for each in piece.strip("[]").split("/")] + [""] * piece.startswith("[")
        for piece in phrase.removeprefix("=").split()
    ]
    return (gap.join(filter(None, pieces)) for pieces in product(*choices))


def _folded(piece: str) -> str:
    return f"{'*' * piece.startswith('*')}{joined(piece)}{'*' * piece.endswith('*')}"


def _any_of(texts: Iterable[str]) -> re.Pattern[str] | None:
    pattern = "|".join(map(re.escape, sorted(texts)))
    return re.compile(pattern) if pattern else None


_HEAD = 3
"""The first letters of phrases, by which most places in a text are ruled out."""


class Phrases:
    """A set of phrases. With `gap`, the words of a phrase must be separate in a text too."""

    def __init__(self, phrases: Iterable[str], gap: str = "") -> None:
        exact, starts, within, whole = set[str](), set[str](), set[str](), set[str]()
        for phrase in phrases:
            for each in expanded(phrase, gap):
                text = each.strip("*")
                if phrase.startswith("="):
                    whole.add(text)
                elif each.startswith("*") or _UNSPACED.search(text):
                    within.add(text)
                elif each.endswith("*"):
                    starts.add(text)
                else:
                    exact.add(text)
        self._exact, self._starts, self._whole = exact, starts, whole
        self._gap = gap
        self._all = exact | whole | within
        self._longest = max(map(len, exact), default=0)
        self._lengths = sorted(set(map(len, starts)))
        self._within = _any_of(within)
        self._within_ascii = _any_of(filter(str.isascii, within))
        begun = exact | starts
        self._heads = {text[:_HEAD] for text in begun if len(text) >= _HEAD}
        self._short_heads = {text for text in begun if len(text) < _HEAD}
        self._short = sorted(set(map(len, self._short_heads)))

    def are(self, text: Sequence[str]) -> bool:
        """Whether a text is exactly one of the phrases."""
        return self._gap.join(text) in self._all

    def is_just(self, text: Sequence[str]) -> bool:
        """Whether a text is one of the phrases, or a single word that begins like one."""
        said = self._gap.join(text)
        if not said or self.are(text):
            return bool(said)
        is_begun = len(text) == 1 and any(said[:end] in self._starts for end in self._lengths)
        return is_begun or bool(self._within and self._within.search(said))

    def spans(self, text: Sequence[str]) -> Iterator[tuple[int, int]]:
        """Yield where phrases are: the index of the first word, and of the word after the last."""
        said = self._gap.join(text)
        if not said:
            return
        if said in self._whole:
            yield 0, len(text)
        gap = len(self._gap)
        starts = list(accumulate((len(word) + gap for word in text), initial=0))

        def word_at(position: int) -> int:
            return next(place for place, start in enumerate(starts[1:]) if start > position)

        for place, start in enumerate(starts[:-1]):
            if not self._may_begin(said, start):
                continue
            for length in self._lengths:
                end = start + length  # past the end, a slice would be a shorter phrase
                if end <= len(said) and said[start:end] in self._starts:
                    yield place, word_at(end - 1) + 1
            for after in range(place + 1, len(starts)):
                end = starts[after] - gap
                if end - start <= self._longest and said[start:end] in self._exact:
                    yield place, after
        within = self._within_ascii if said.isascii() else self._within
        for match in within.finditer(said) if within else ():
            yield word_at(match.start()), word_at(match.end() - 1) + 1

    def _may_begin(self, said: str, start: int) -> bool:
        return said[start : start + _HEAD] in self._heads or any(
            said[start : start + length] in self._short_heads for length in self._short
        )

    def places(self, text: Sequence[str]) -> Iterator[int]:
        """Yield the indexes of the words with which phrases begin."""
        return (place for place, _ in self.spans(text))

    def found_in(self, text: Sequence[str]) -> bool:
        """Whether a text contains any of the phrases."""
        return next(self.spans(text), None) is not None

    def found_within(self, text: Sequence[str]) -> bool:
        """Whether a text contains one of the phrases that may be inside a word."""
        return bool(self._within and self._within.search("".join(text)))

    def without(self, text: str) -> str:
        """Return a text without the phrases that may be inside a word."""
        return self._within.sub(" ", text) if self._within else text
