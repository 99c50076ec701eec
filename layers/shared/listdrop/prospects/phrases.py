"""Finds phrases of many languages in a text. Phrases are written in a small grammar.

A text is first reduced to words: `Email Address Is Opted-Out`, `email_address_is_opted_out` and
`emailAddressIsOptedOut` are the same. A phrase is written as words with spaces between them:

- `opt/opted out/outs`: either word; `[date] opt out`: the first word is optional.
- `unsubscri*`: words that begin so, only at the end of a phrase.
- `*einwilligung*`: also inside a word. Chinese, Japanese and Korean words always match so.
- `=baja`: only if it is the whole text.

Spaces inside a phrase do not matter, so `opt out` is also found in `optout`, unless `gap` is given.
But a phrase begins where a word begins, ends where a word ends, and a word of it is never put
together from two words of the text: `opt in, valid` is not `invalid`. Only Chinese, Japanese and
Korean phrases may be.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import NamedTuple

from listdrop.cells.patterns import lazy

_LONGEST_TEXT = 200
"""Only this many characters are searched. A longer text is not a flag or a header."""
_WORD_ENDS = lazy(r"(?<=[^\W\d_A-Z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
"""Where a word begins in `camelCase` or `DNCList`."""
_NOT = lazy(r"n['\u2019`]t\b")
_WORD = lazy(r"[^\W\d_]+|\d+")
_PREFIX = lazy(r"(?<![\w-])(un|des?|dis|ab|av|af|re)-([^\W\d_])", re.I)
"""A prefix with a hyphen, where a word begins: `dés-inscrit`, but not `liste-des-inscrits`."""
_COMPOUNDS = (
    *("e mail", "e post", "e posta", "news letter", "un sub", "whats app"),
    *("time stamp", "time zone", "web push"),
)
_APART = lazy(
    "|".join(
        rf"(?<=(?<![^\W\d_]){first})[\s_-]+(?={second})"
        for first, second in map(str.split, _COMPOUNDS)
    )
)
"""One word, often written as two."""
_PLAIN_LETTERS = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "\u0131": "i", "\u0640": ""}
    | {"Æ": "AE", "Œ": "OE", "Ø": "O", "Ł": "L", "Đ": "D", "Ð": "D"}
)
"""Letters that do not decompose into a plain letter and an accent, and one that only fills."""
_EITHER = r"([\u3400-\u9fff])[不没沒](?=\1)"
"""Whether or not, in Chinese: `愿不愿意`, `有没有`. It denies nothing."""
_UNSPACED = (("\u3040", "\u30ff"), ("\u3400", "\u9fff"), ("\uac00", "\ud7a3"))
"""Scripts without spaces between words. A pattern with such ranges takes 2 ms to compile."""


@lru_cache(maxsize=1 << 14)
def words(text: str) -> tuple[str, ...]:
    """Return the words of a text, without case and accents. A number is a separate word."""
    text = text[:_LONGEST_TEXT]
    if text.isascii() and text.isalpha() and text.islower():
        return (text,)  # as are most words of the phrases, of which there are thousands
    if not text.isascii():  # first of all, as `Ã` is a capital as `A` is
        apart = unicodedata.normalize("NFKD", text).translate(_PLAIN_LETTERS)
        kept = "".join(letter for letter in apart if not unicodedata.combining(letter))
        text = re.sub(_EITHER, "", unicodedata.normalize("NFC", kept))
        if text.isalpha() and text == text.casefold():
            return (text,)
    text = _PREFIX.sub(_together, text.replace("inkedIn", "inkedin"))
    text = _NOT.sub("nt", _WORD_ENDS.sub(" ", text).casefold())
    return tuple(_WORD.findall(_APART.sub("", text)))


def _together(prefix: re.Match[str]) -> str:
    return f"{prefix[1]}{prefix[2].lower()}"


def joined(phrase: str) -> str:
    """Return the words of a phrase or a text, joined without spaces."""
    return "".join(words(phrase))


def expanded(phrase: str, gap: str = "") -> list[str]:
    """Return every phrase that a phrase with alternatives and optional words stands for.

    Words are joined by `gap`; a `*` is kept.
    """
    return [text for text, _ in _expanded(phrase, gap)]


def _expanded(phrase: str, gap: str) -> list[tuple[str, int]]:
    """Return the same, each with a number that has a bit where a word ends, without `*`."""
    if phrase.isascii() and phrase.isalpha() and phrase.islower():
        return [(phrase, 1 << len(phrase))]  # as half of all phrases are
    found = [("", 0)]
    for piece in phrase.removeprefix("=").split():
        choices = list(map(_folded, piece.strip("[]").split("/")))
        optional = found if piece.startswith("[") else ()
        longer = [
            (f"{text}{gap if text else ''}{choice}", ends)
            for text, ends in found
            for choice in choices
        ]
        found = [*((text, ends | 1 << len(text.strip("*"))) for text, ends in longer), *optional]
    return found


def _folded(piece: str) -> str:
    if "*" not in piece:
        return joined(piece)
    return f"{'*' * piece.startswith('*')}{joined(piece)}{'*' * piece.endswith('*')}"


def _ends(pieces: Iterable[str]) -> Iterator[int]:
    """Return where words end in a text that is joined from them."""
    return accumulate(map(len, pieces))


def _any_of(texts: Iterable[str]) -> re.Pattern[str] | None:
    pattern = "|".join(map(re.escape, sorted(texts, reverse=True)))  # the longest that fits
    return re.compile(pattern) if pattern else None


def _between(starts: Sequence[int], start: int, end: int) -> Iterator[int]:
    """Yield where words end within a part of a text, counted from the part's beginning."""
    return (each - start for each in starts if start < each < end)


def is_unspaced(text: str) -> bool:
    """Whether a text has letters of a script without spaces between words."""
    if text.isascii() or max(text) < _UNSPACED[0][0]:
        return False
    return any(first <= letter <= last for letter in text for first, last in _UNSPACED)


_HEAD = 3
"""The first letters of phrases, by which most places in a text are ruled out."""
_LEFT_OVER = 3


class Found(NamedTuple):
    """A phrase in a text: the index of its first word, and what stands in its words beside it.

    `led` and `followed` are not empty only where a phrase is a part of a word, as in a script
    without spaces: of `メルマガ未登録`, where `メルマガ` is found, `未登録` follows.
    """

    place: int
    led: str
    followed: str


class Phrases:
    """A set of phrases. With `gap`, the words of a phrase must be separate in a text too."""

    def __init__(self, phrases: Iterable[str], gap: str = "") -> None:
        exact, starts, within, whole = set[str](), set[str](), set[str](), set[str]()
        self._ends: dict[str, int] = {}
        for phrase in phrases:
            for each, ends in _expanded(phrase, gap):
                text = each.strip("*")
                self._ends[text] = self._ends.get(text, 0) | ends
                if phrase.startswith("="):
                    whole.add(text)
                elif each.startswith("*") or is_unspaced(text):
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
        self._parts = within
        begun = exact | starts
        self._heads = {text[:_HEAD] for text in begun if len(text) >= _HEAD}
        self._short_heads = {text for text in begun if len(text) < _HEAD}
        self._short = sorted(set(map(len, self._short_heads)))

    @cached_property
    def _within(self) -> re.Pattern[str] | None:
        return _any_of(self._parts)

    @cached_property
    def _within_ascii(self) -> re.Pattern[str] | None:
        return _any_of(filter(str.isascii, self._parts))

    def are(self, text: Sequence[str]) -> bool:
        """Whether a text is exactly one of the phrases."""
        said = self._gap.join(text)
        return said in self._all and self._has_ends(said, _ends(text))

    def is_just(self, text: Sequence[str]) -> bool:
        """Whether a text is one of the phrases, or a single word that begins like one."""
        said = self._gap.join(text)
        if not said or self.are(text):
            return bool(said)
        is_begun = len(text) == 1 and any(said[:end] in self._starts for end in self._lengths)
        return is_begun or any(True for _ in self._spans_within(text))

    def is_only(self, text: Sequence[str]) -> bool:
        """Whether a text is one of the phrases, also with another ending, and no more.

        Phrases with `=`, which say so only where they are expected, do not count. Of a phrase that
        may be inside a word, few letters may be left over: `已退订`.
        """
        said = self._gap.join(text)
        if said not in self._whole and self.are(text):
            return True
        if self._is_begun(said, text):
            return True
        return any(
            len(said) - len(match[0]) <= _LEFT_OVER
            for match in (self._within.finditer(said) if self._within and said else ())
            if is_unspaced(match[0]) or (match.start() == 0 and len(text) == 1)
        )

    def _is_begun(self, said: str, text: Sequence[str]) -> bool:
        """Whether a text begins as a phrase does that ends within its last word."""
        before = len(said) - len(text[-1]) if text else 0
        return any(
            before < end <= len(said)
            and said[:end] in self._starts
            and self._has_ends(said[:end], _ends(text[:-1]))
            for end in self._lengths
        )

    def texts(self) -> Iterable[str]:
        """Return the phrases, without spaces."""
        return self._ends

    def spans(self, text: Sequence[str]) -> Iterator[tuple[int, int]]:
        """Yield where phrases are: the index of the first word, and of the word after the last."""
        return ((place, after) for place, after, _, _ in self._found(text))

    def found(self, text: Sequence[str]) -> Iterator[Found]:
        """Yield where phrases are, and what else their first and last words say."""
        said, gap = self._gap.join(text), len(self._gap)
        starts = list(accumulate((len(word) + gap for word in text), initial=0))
        for place, after, start, end in self._found(text):
            last = starts[after] - gap
            yield Found(place, said[starts[place] : start], said[end:last])

    def _found(self, text: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
        """Yield the spans of phrases in words, and in characters of the joined text."""
        said = self._gap.join(text)
        if not said:
            return
        if said in self._whole and self._has_ends(said, _ends(text)):
            yield 0, len(text), 0, len(said)
        gap = len(self._gap)
        starts = list(accumulate((len(word) + gap for word in text), initial=0))
        for place, start in enumerate(starts[:-1]):
            if not self._may_begin(said, start):
                continue
            for length in self._lengths:
                end = start + length  # past the end, a slice would be a shorter phrase
                if end <= len(said) and said[start:end] in self._starts:
                    after = bisect_left(starts, end)
                    if self._has_ends(said[start:end], _between(starts, start, end)):
                        yield place, after, start, end
            for after in range(place + 1, len(starts)):
                end = starts[after] - gap
                if end - start > self._longest:
                    break
                found = said[start:end]
                if found in self._exact and self._has_ends(found, _between(starts, start, end)):
                    yield place, after, start, end
        yield from self._spans_within(text)

    def _spans_within(self, text: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
        """Yield where the phrases are that may be inside a word."""
        said = self._gap.join(text)
        within = self._within_ascii if said.isascii() else self._within
        if not within:
            return
        starts = list(accumulate((len(word) + len(self._gap) for word in text), initial=0))
        for match in within.finditer(said):
            start, end = match.span()
            if self._has_ends(match[0], _between(starts, start, end)):
                yield bisect_right(starts, start) - 1, bisect_left(starts, end), start, end

    def _has_ends(self, phrase: str, ends: Iterable[int]) -> bool:
        """Whether a phrase has words that end where those of a text do."""
        known = self._ends[phrase]
        return bool(self._gap) or all(known >> end & 1 for end in ends) or is_unspaced(phrase)

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
