"""Consent in a file: which columns are about it, and what their values mean.

The words are in `consent.toml`. A column's header decides its `Kind`; a value decides what is
`Said`; `_VERDICTS` combines the two.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, lru_cache
from typing import NamedTuple

from listdrop.cells.headers import fold
from listdrop.cells.values import PLACEHOLDERS, cell_value
from listdrop.prospects.dates import When, number_in, when
from listdrop.prospects.phrases import words
from listdrop.prospects.vocabulary import answers_to, found_in, has, negators, phrases


class Kind(StrEnum):
    """What a column is about."""

    OPT_OUT = "opt_out"
    """People who do not want to be written to. Any value that is not a no is a yes."""
    BOUNCE = "bounce"
    """Addresses that do not accept mail, or are blocked."""
    OPT_IN = "opt_in"
    """People who want to be written to. A no suppresses; an empty cell means nothing."""
    VALID = "valid"
    """Addresses that are valid."""
    STATUS = "status"
    """A status: one of many words, some of which mean no."""
    TAGS = "tags"
    """Any number of tags, each of which may mean no."""
    UNCLEAR = "unclear"
    """About consent, but it is not clear what a yes means."""


class Column(NamedTuple):
    """A column about consent.

    `of_calls`: it is about telephone calls. `has_dates`: it has dates, so zero means no date.
    `has_details`: an opt-out column with free text, such as a reason. `of_people`: a status of the
    person or the address, not of an order, for example; `of_marketing`: it says so.
    """

    kind: Kind
    of_calls: bool = False
    has_dates: bool = False
    has_details: bool = False
    of_people: bool = True
    of_marketing: bool = False


class Said(StrEnum):
    """What a value says, independent of its column's kind."""

    NOTHING = "nothing"
    YES = "yes"
    NO = "no"
    DATE = "date"
    ZERO = "zero"
    NUMBER = "number"
    OUT = "out"
    FAILED = "failed"
    DENIED = "denied"
    GRANTED = "granted"
    OPEN = "open"
    TEXT = "text"


class Verdict(StrEnum):
    """What a value means for its row."""

    FREE = "free"
    OUT = "out"
    UNREAD = "unread"
    """The value is not understood."""
    OUT_UNREAD = "out, unread"
    """The value is not understood, but in an opt-out column it counts as an opt-out."""


_OUT = dict.fromkeys((Said.OUT, Said.FAILED, Said.DENIED), Verdict.OUT)
_VERDICTS: Mapping[Kind, Mapping[Said, Verdict]] = {
    Kind.OPT_OUT: _OUT
    | dict.fromkeys((Said.YES, Said.DATE, Said.NUMBER), Verdict.OUT)
    | dict.fromkeys((Said.TEXT, Said.OPEN), Verdict.OUT_UNREAD),
    Kind.BOUNCE: _OUT
    | dict.fromkeys((Said.YES, Said.DATE, Said.NUMBER), Verdict.OUT)
    | {Said.TEXT: Verdict.OUT_UNREAD, Said.OPEN: Verdict.UNREAD},
    Kind.OPT_IN: _OUT
    | dict.fromkeys((Said.NO, Said.ZERO), Verdict.OUT)
    | dict.fromkeys((Said.TEXT, Said.OPEN, Said.NUMBER), Verdict.UNREAD),
    Kind.VALID: dict.fromkeys((Said.NO, Said.ZERO, Said.OUT, Said.FAILED), Verdict.OUT),
    Kind.STATUS: _OUT,
    Kind.TAGS: {Said.OUT: Verdict.OUT},
    Kind.UNCLEAR: _OUT
    | dict.fromkeys(
        (Said.YES, Said.NO, Said.ZERO, Said.NUMBER, Said.TEXT, Said.OPEN), Verdict.UNREAD
    ),
}
"""Combinations that are not listed leave a row free."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What a block of rows says, by position.

    `out`: people who opted out. `silent`: people who must not be called. `unclear`: rows with a
    value that is not understood. `unread` has those values by column, with their rows' positions.
    """

    out: Set[int] = frozenset()
    silent: Set[int] = frozenset()
    unclear: Set[int] = frozenset()
    unread: Mapping[int, Mapping[str, Sequence[int]]] = field(default_factory=dict)


class Consent(NamedTuple):
    """A file's columns about consent, by index."""

    columns: Mapping[int, Column]

    def answers(self, cells: Sequence[Sequence[str]]) -> Answers:
        """Read some rows, given by column. Each different value of a column is read only once."""
        out, silent, unclear = set[int](), set[int](), set[int]()
        unread: dict[int, Mapping[str, Sequence[int]]] = {}
        for index, column in self.columns.items():
            told = _told(column, cells[index])
            not_read: dict[str, Sequence[int]] = {}
            for cell, (verdict, places) in told.items():
                if verdict is not Verdict.UNREAD:
                    (silent if column.of_calls else out).update(places)
                elif not column.of_calls:
                    unclear.update(places)
                if verdict is not Verdict.OUT and not column.of_calls:
                    not_read[cell] = places
            if not_read:
                unread[index] = not_read
        return Answers(out, silent, unclear, unread)


def _told(column: Column, cells: Sequence[str]) -> Mapping[str, tuple[Verdict, list[int]]]:
    """Return the values that do not leave a row free, with verdict and positions of their rows."""
    told: dict[str, tuple[Verdict, list[int]]] = {
        cell: (verdict, [])
        for cell in set(cells)
        if (verdict := verdict_on(column, cell)) is not Verdict.FREE
    }
    if told:
        for place, cell in enumerate(cells):
            if cell in told:
                told[cell][1].append(place)
    return told


# ---------------------------------------------------------------- columns


def find_consent(header: Sequence[str], tags: Collection[int] = ()) -> Consent:
    """Find the columns by their headers; `tags` are the columns already known to have tags."""
    found = {
        index: Column(Kind.TAGS) if index in tags else column_of(name)
        for index, name in enumerate(header)
    }
    return Consent({index: column for index, column in found.items() if column is not None})


@lru_cache(maxsize=4096)
def column_of(header: str) -> Column | None:
    """Return what a column is by its header; `None` if it is not about consent."""
    said = words(header)
    if not said or len(header) > _LONGEST_HEADER or has("never_consent", said):
        return None
    kind = _kind_of(said)
    if kind is Kind.STATUS:
        of_people, of_marketing = not has("other_things", said), has("advertising", said)
        return Column(kind, of_people=of_people, of_marketing=of_marketing)
    if kind is None or kind in (Kind.TAGS, Kind.VALID):
        return Column(kind) if kind else None
    of_mail = has("email", said)
    of_calls = not of_mail and (has("phone", said) or has("do_not_call", said))
    if has("post", said) and not of_mail:
        return None
    is_no = kind in (Kind.OPT_OUT, Kind.BOUNCE)
    if (of_calls and kind is Kind.UNCLEAR) or (not is_no and has("about_something_else", said)):
        return None
    has_details = is_no and has("details", said)
    return Column(kind, of_calls, has("dates", said), has_details)


_LONGEST_HEADER = 200


def _kind_of(said: Sequence[str]) -> Kind | None:
    if phrases("tag_columns").are(said):
        return Kind.TAGS
    if has("both_ways", said):
        return Kind.UNCLEAR
    if has("valid_columns", said):
        return Kind.VALID
    for name, kind, opposite in (
        ("do_not_call", Kind.OPT_OUT, Kind.OPT_IN),
        ("no", Kind.OPT_OUT, Kind.OPT_IN),
        ("opt_out_columns", Kind.OPT_OUT, Kind.OPT_IN),
        ("failed", Kind.BOUNCE, Kind.VALID),
        ("opt_in_columns", Kind.OPT_IN, Kind.OPT_OUT),
    ):
        found = found_in(name, said)
        if found and kind is Kind.OPT_IN:
            is_turned = found_in("turning", said)
            if is_turned or (is_turned is None and _is_negated(said)):
                return Kind.OPT_OUT if is_turned else Kind.UNCLEAR
        if found is not None:
            return kind if found else opposite
    if has("advertising", said) and found_in("turning", said):
        return Kind.OPT_OUT
    if has("unclear_columns", said):
        return Kind.UNCLEAR
    return Kind.STATUS if has("status_columns", said) else None


def _is_negated(said: Sequence[str]) -> bool:
    """Whether a header denies what it names: `Newsletter nicht gewünscht`, `Newsletter declined`.

    It does not where it only says how to answer (`yes/no`), or since which May (`Mai 2024`).
    """
    if has("denied", said):
        return True
    turning = negators()
    return any(
        word in turning
        and not (word == _MAY and all(map(str.isdecimal, said[place + 1 :])))
        and answers_to(word).isdisjoint(said[max(place - 2, 0) : place + 3])
        for place, word in enumerate(said)
    )


# ---------------------------------------------------------------- values


@lru_cache(maxsize=1 << 15)
def verdict_on(column: Column, cell: str) -> Verdict:
    """Return what this cell in the column means for its row."""
    if column.kind is Kind.TAGS:
        is_out = any(map(_is_no, _BETWEEN_TAGS.split(cell)))
        return Verdict.OUT if is_out else Verdict.FREE
    said = _said_of(column, cell)
    if said is Said.FAILED and not column.of_people:
        return Verdict.FREE
    verdict = _VERDICTS[column.kind].get(said, Verdict.FREE)
    if verdict is Verdict.OUT_UNREAD and column.has_details:
        return Verdict.OUT
    return verdict


_BETWEEN_TAGS = re.compile(r"[;,|\"]|:::")
_LED = re.compile(r"([^\W\d_]+)(?:\s*[(\[,;:/|]|\s+[\u2013\u2014-])")
"""A word, followed by an explanation: `No (never asked)`."""
_DATED = re.compile(r"([^\W\d_]+)\s+\d")
_LONGEST_PLACEHOLDER = max(map(len, PLACEHOLDERS))
_SYMBOLS = dict.fromkeys("✓✔☑✅○◯●+\U0001f44d", Said.YES) | dict.fromkeys(
    "✗✘❌☐\u00d7✕⬜❎\U0001f44e\U0001f6ab\u26d4", Said.NO
)
_PLAIN_DATE = re.compile(r"20\d\d[-/.]\d\d?[-/.][0-3]?\d(?:[T ][\d:.,+Z -]*)?")
_SHORT = 4
"""The most words in which a "not" can negate the rest. Longer texts are free text."""


def _said_of(column: Column, cell: str) -> Said:
    if cell[:2] == "20" and _PLAIN_DATE.fullmatch(cell):  # a date, found fast
        return Said.DATE
    value = cell_value(cell)
    if not value or (len(value) <= _LONGEST_PLACEHOLDER and fold(value) in _nothing()):
        # Of a name, "none" says nothing; of consent, some words for it are a no.
        is_no = cell.strip().isalpha() and phrases("not_so").are(words(cell))
        return Said.NO if is_no else Said.NOTHING
    symbol = _SYMBOLS.get(value.rstrip("\ufe0f"))
    if symbol is not None:
        return symbol
    number = number_in(value)
    if number is not None and (number != 0 or not column.has_dates):
        return _SMALL.get(int(number), Said.NUMBER) if number.is_integer() else Said.NUMBER
    said = words(value)
    moment = when(value)
    if moment is not None and not _explains(said):
        return Said.DATE if moment is When.SINCE else Said.NOTHING
    if not said:
        return Said.TEXT if value.strip("0 -./:[]{}\"'") else Said.NOTHING
    if phrases("yes").are(said):
        return Said.YES
    if phrases("not_so").are(said):
        return Said.NO
    if column.kind in (Kind.OPT_OUT, Kind.BOUNCE):
        return _in_opt_out(value, said)
    return _in_words(column, value, said)


_MAY = "mai"
"""May in German and French dates, but "never" in Italian."""


def _explains(said: Sequence[str]) -> bool:
    """Whether the words beside a date have a meaning of their own: `No (2025-01-02)`."""
    if all(map(str.isdecimal, said)):
        return False
    is_no = said[0] != _MAY and phrases("not_so").are(said[:1])
    return is_no or any(has(name, said) for name in ("no", "failed", "denied", "open"))


_SMALL: dict[int, Said] = {0: Said.ZERO, 1: Said.YES}


def _in_opt_out(value: str, said: Sequence[str]) -> Said:
    """Read words in an opt-out column. Only a clear denial is not an opt-out."""
    is_short = len(said) <= _SHORT
    told = {found_in("no", said), found_in("failed", said)}
    is_open = is_short and has("open", said)
    led = _LED.match(value)
    if True not in told and led and "(" in value and phrases("not_so").are(words(led[1])):
        return Said.NO
    if is_open or True in told:
        return Said.OPEN if is_open else Said.OUT
    if is_short and (False in told or phrases("granted").are(said)):
        return Said.GRANTED
    if found_in("denied", said):
        return Said.DENIED
    return Said.YES if led and phrases("yes").are(words(led[1])) else Said.TEXT


def _in_words(column: Column, value: str, said: Sequence[str]) -> Said:
    """Read words in any other column."""
    is_no = found_in("no", said)
    if is_no or (column.kind is Kind.STATUS and phrases("status_only").are(said)):
        return Said.OUT
    led = _LED.match(value) or _DATED.match(value)
    if led and said[0] != _MAY and phrases("not_so").are(words(led[1])):
        return Said.NO
    # "Yes, but not by mail" is neither.
    is_yes = led and phrases("yes").are(words(led[1])) and negators().isdisjoint(said)
    if is_yes and "(" in value:
        return Said.YES
    if has("open", said):
        return Said.OPEN
    if found_in("failed", said):
        return Said.FAILED
    if is_no is not None:  # not unsubscribed
        return Said.GRANTED
    if column.of_marketing and found_in("denied", said):
        return Said.DENIED
    if is_yes or column.kind in (Kind.STATUS, Kind.VALID):
        return Said.YES if is_yes else Said.TEXT
    return _in_opt_in(value, said)


def _in_opt_in(value: str, said: Sequence[str]) -> Said:
    """Read what is neither a no nor a yes: words of what the column asks for."""
    for section, positive, negative in (
        ("denied", Said.DENIED, Said.GRANTED),
        ("granted", Said.GRANTED, Said.DENIED),
    ):
        found = found_in(section, said)
        if found is not None:
            return positive if found else negative
    return Said.NOTHING if "@" in value or "://" in value else Said.TEXT


def _is_no(tag: str) -> bool:
    said = [word for word in words(tag) if not word.isdecimal()]
    return any(phrases(name).is_just(said) for name in ("no", "failed"))


@cache
def _nothing() -> frozenset[str]:
    return frozenset(map(fold, PLACEHOLDERS))
