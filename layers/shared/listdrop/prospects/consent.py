"""Consent in a file: which columns are about it, and what their values mean.

The words are in `consent.toml`. A column's header decides its `Kind` (`consent_columns.py`), a
value what is `Said`; `_VERDICTS` combines the two.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache, lru_cache
from types import MappingProxyType
from typing import NamedTuple

from listdrop.cells.headers import fold
from listdrop.cells.patterns import lazy
from listdrop.cells.values import NO_RESULT, PLACEHOLDERS, cell_value
from listdrop.prospects.answering import Said, in_opt_out, in_words, is_not_so
from listdrop.prospects.clauses import Remark, is_one_clause, remark
from listdrop.prospects.consent_columns import MAY, Column, Kind, column_of, other_column
from listdrop.prospects.dates import When, number_in, when
from listdrop.prospects.likely import (
    likely,
    likely_names,
    likely_numbers,
    may_begin_no,
    without_number,
)
from listdrop.prospects.list_names import is_divider_of_opt_outs
from listdrop.prospects.pasted import is_listing
from listdrop.prospects.phrases import words
from listdrop.prospects.vocabulary import found_in, has, phrases


class Verdict(StrEnum):
    """What a value means for its row."""

    FREE = "free"
    OUT = "out"
    UNREAD = "unread"
    """The value is not understood."""
    OUT_UNREAD = "out, unread"
    """The value is not understood, but in an opt-out column it counts as an opt-out."""
    FAILED = "failed"
    """The address that the column is about does not take mail. The row may use another one."""
    SILENT = "silent"
    """The person must not be called."""


_OUT = dict.fromkeys((Said.OUT, Said.FAILED, Said.DENIED), Verdict.OUT)
_ALONE = {
    Said.OUT: Verdict.OUT,
    Said.OPEN: Verdict.UNREAD,
    Said.NO_CALLS: Verdict.SILENT,
}
_VERDICTS: Mapping[Kind, Mapping[Said, Verdict]] = {
    Kind.OPT_OUT: _OUT
    | dict.fromkeys((Said.YES, Said.DATE, Said.NUMBER), Verdict.OUT)
    | dict.fromkeys((Said.TEXT, Said.OPEN), Verdict.OUT_UNREAD),
    Kind.LIKELY_OUT: _OUT
    | dict.fromkeys((Said.YES, Said.DATE), Verdict.OUT)
    | dict.fromkeys((Said.NUMBER, Said.TEXT, Said.OPEN), Verdict.UNREAD),
    Kind.BOUNCE: _OUT
    | dict.fromkeys((Said.YES, Said.DATE, Said.NUMBER), Verdict.OUT)
    | {Said.TEXT: Verdict.OUT_UNREAD, Said.OPEN: Verdict.UNREAD},
    Kind.OPT_IN: _OUT
    | dict.fromkeys((Said.NO, Said.ZERO), Verdict.OUT)
    | dict.fromkeys((Said.TEXT, Said.OPEN, Said.NUMBER), Verdict.UNREAD),
    Kind.VALID: dict.fromkeys((Said.NO, Said.ZERO, Said.OUT, Said.FAILED), Verdict.OUT),
    Kind.STATUS: _OUT | {Said.OPEN: Verdict.UNREAD},
    Kind.TAGS: {Said.OUT: Verdict.OUT},
    Kind.DOUBTFUL: _OUT
    | dict.fromkeys((Said.NO, Said.ZERO), Verdict.OUT)
    | dict.fromkeys((Said.YES, Said.DATE, Said.TEXT, Said.OPEN, Said.NUMBER), Verdict.UNREAD),
    Kind.ASKED: _ALONE | {Said.NO: Verdict.UNREAD},
    Kind.REFUSED: _ALONE | dict.fromkeys((Said.NO, Said.YES), Verdict.UNREAD),
    Kind.OTHER: _ALONE,
    Kind.NAMES: _ALONE,
    Kind.NUMBERS: _ALONE,
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
    `failed` are those of `out` only whose address does not take mail: another one of theirs may.
    `listed` has, in the same way, the cells of opt-out columns that name people, whose rows are
    among those of `out`.
    """

    out: Set[int] = frozenset()
    silent: Set[int] = frozenset()
    unclear: Set[int] = frozenset()
    unread: Mapping[int, Mapping[str, Sequence[int]]] = field(default_factory=dict)
    failed: Set[int] = frozenset()
    listed: Mapping[int, Mapping[str, Sequence[int]]] = field(default_factory=dict)

    def beside(self, index: int, found: Sequence[tuple[int, str, Verdict]]) -> Answers:
        """Add what stands beside addresses in a column: places, cells and what they mean."""
        not_read: dict[str, list[int]] = {}
        for place, cell, verdict in found:
            if verdict is Verdict.UNREAD:
                not_read.setdefault(cell, []).append(place)
        out = {place for place, _, verdict in found if verdict is Verdict.OUT}
        failed = {place for place, _, verdict in found if verdict is Verdict.FAILED}
        return replace(
            self,
            out=self.out | out | failed,
            unclear=self.unclear | {place for places in not_read.values() for place in places},
            unread={**self.unread, index: not_read} if not_read else self.unread,
            failed=(self.failed | (failed - self.out)) - out,
        )

    def with_out(self, places: Set[int]) -> Answers:
        """Add people who opted out."""
        if not places:
            return self
        return replace(self, out=self.out | places, failed=self.failed - places)


class Consent(NamedTuple):
    """A file's columns about consent, by index."""

    columns: Mapping[int, Column]

    def answers(self, cells: Sequence[Sequence[str]]) -> Answers:
        """Read some rows, given by column. Each different value of a column is read only once."""
        out, silent, unclear = set[int](), set[int](), set[int]()
        failed = set[int]()
        unread: dict[int, Mapping[str, Sequence[int]]] = {}
        listed: dict[int, dict[str, Sequence[int]]] = {}
        for index, column in self.columns.items():
            told = _told(column, cells[index])
            not_read: dict[str, Sequence[int]] = {}
            for cell, (verdict, places) in told.items():
                if column.may_list and is_listing(cell):
                    (failed if column.kind is Kind.BOUNCE else out).update(places)
                    listed.setdefault(index, {})[cell] = places
                    continue
                if verdict is Verdict.FAILED:
                    failed.update(p for p in places if not _has_address(column, cells, p))
                    continue
                if verdict is Verdict.OUT and not column.of_calls and is_of_address(column, cell):
                    failed.update(places)
                    continue
                if verdict is Verdict.SILENT:
                    silent.update(places)
                    continue
                if verdict is not Verdict.UNREAD:
                    (silent if column.of_calls else out).update(places)
                elif not column.of_calls:
                    unclear.update(places)
                if verdict is not Verdict.OUT and not column.of_calls:
                    not_read[cell] = places
            if not_read:
                unread[index] = not_read
        return Answers(out | failed, silent, unclear, unread, failed - out, listed)


_READING: Mapping[Kind, Callable[[Sequence[str]], set[str]]] = {
    Kind.OTHER: likely,
    Kind.NAMES: likely_names,
    Kind.NUMBERS: likely_numbers,
}
"""Which cells of a kind of column are read, if not all."""


def _told(column: Column, cells: Sequence[str]) -> Mapping[str, tuple[Verdict, list[int]]]:
    """Return the values that do not leave a row free, with verdict and positions of their rows."""
    read = _READING.get(column.kind, set)(cells)
    told: dict[str, tuple[Verdict, list[int]]] = {
        cell: (verdict, [])
        for cell in read
        if (verdict := verdict_on(column, cell)) is not Verdict.FREE
    }
    if told:
        for place, cell in enumerate(cells):
            if cell in told:
                told[cell][1].append(place)
    return told


def _has_address(column: Column, cells: Sequence[Sequence[str]], place: int) -> bool:
    """Whether a row has an address that is preferred to the one that the column is about."""
    return any("@" in cells[index][place] for index in column.unless)


def find_consent(
    header: Sequence[str],
    tags: Collection[int] = (),
    others: Collection[int] = (),
    fields: Mapping[int, Kind] = MappingProxyType({}),
) -> Consent:
    """Find the columns by their headers.

    `tags` are the columns already known to have tags, `others` those that fill no field: of these,
    a column about anything else counts, too. `fields` are those of which the field tells the kind.
    """
    found = {
        index: Column(Kind.TAGS) if index in tags else column_of(name)
        for index, name in enumerate(header)
    }
    found |= {index: Column(kind) for index, kind in fields.items() if not found[index]}
    found |= {index: other_column(header[index]) for index in others if not found[index]}
    return Consent({index: column for index, column in found.items() if column is not None})


# ---------------------------------------------------------------- values


@lru_cache(maxsize=1 << 15)
def verdict_on(column: Column, cell: str) -> Verdict:
    """Return what this cell in the column means for its row."""
    if column.kind is Kind.TAGS:
        is_out = any(map(_is_tag_of_no, _BETWEEN_TAGS.split(cell)))
        return Verdict.OUT if is_out else Verdict.FREE
    if column.kind in _OF_NAMES:
        return _ALONE.get(_said_in_names(column, cell), Verdict.FREE)
    if column.is_whole:
        sections = _ALL_NO if column.of_people else ("no",)
        if _is_no(cell, sections):
            return Verdict.OUT
        said = _REMARKS[remark(cell_value(cell))] if column.of_people else Said.NOTHING
        return _ALONE.get(said, Verdict.FREE)
    is_alone = column.kind in (Kind.OTHER, Kind.ASKED, Kind.REFUSED)
    said = (_said_alone if is_alone else said_of)(column, cell)
    if said is Said.FAILED and not column.of_people:
        return Verdict.FREE
    verdict = _VERDICTS[column.kind].get(said, Verdict.FREE)
    if column.unless and verdict in (Verdict.OUT, Verdict.OUT_UNREAD):
        return Verdict.FAILED if is_of_address(column, cell) else verdict
    if verdict is Verdict.OUT_UNREAD and column.has_details:
        return Verdict.OUT
    return verdict


@lru_cache(maxsize=1 << 12)
def is_of_address(column: Column, cell: str) -> bool:
    """Whether a no in this cell is only that the address fails, and none of the person."""
    said = words(cell)
    is_failed = column.kind in (Kind.BOUNCE, Kind.VALID) or bool(found_in("failed", said))
    return is_failed and not found_in("no", said)


_BETWEEN_TAGS = lazy(r"[;,|\"]|:::")
_LONGEST_PLACEHOLDER = max(map(len, PLACEHOLDERS))
_SYMBOLS = dict.fromkeys("✓✔☑✅○◯●+\U0001f44d", Said.YES) | dict.fromkeys(
    "✗✘❌☐\u00d7✕⬜❎\U0001f44e\U0001f6ab\u26d4", Said.NO
)
_PLAIN_DATE = lazy(r"20\d\d[-/.]\d\d?[-/.][0-3]?\d(?:[T ][\d:.,+Z -]*)?")


def said_of(column: Column, cell: str) -> Said:
    """Return what a cell says in a column about consent."""
    if cell[:2] == "20" and _PLAIN_DATE.fullmatch(cell):  # a date, found fast
        return Said.DATE
    value = cell_value(cell)
    if not value or (len(value) <= _LONGEST_PLACEHOLDER and fold(value) in _nothing()):
        return _said_by_none(column, cell.strip())
    symbol = _SYMBOLS.get(value.rstrip("\ufe0f"))
    if symbol is not None:
        return symbol
    number = number_in(value)
    if number is not None and column.has_numbers:
        return Said.NUMBER
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
    if is_not_so(column, said):
        return Said.NO
    if column.kind in (Kind.OPT_OUT, Kind.LIKELY_OUT, Kind.BOUNCE):
        return in_opt_out(value, said)
    return in_words(column, value, said)


def _said_by_none(column: Column, cell: str) -> Said:
    """Read a placeholder: of a name, "none" says nothing; of consent, some words for it are a no.

    What a formula would say that has no result yet, nobody knows.
    """
    if cell == NO_RESULT:
        return Said.OPEN
    is_word = cell.replace(" ", "").isalpha()
    return Said.NO if is_word and is_not_so(column, words(cell)) else Said.NOTHING


def _said_alone(column: Column, cell: str) -> Said:
    """Read a cell of a column about something else, in which a no has to stand for itself."""
    value = cell_value(cell)
    what = remark(value) if value else Remark.NOTHING
    if what is not Remark.NOTHING or column.kind is Kind.OTHER or len(value) > _LONGEST_ANSWER:
        return _REMARKS[what]
    said = [word for word in words(value) if not word.isdecimal()]
    if phrases("not_so").are(said) or _SYMBOLS.get(value.rstrip("\ufe0f")) is Said.NO:
        return Said.NO
    if column.kind is Kind.REFUSED and said_of(column, cell) is Said.YES:
        return Said.YES
    return Said.OPEN if any(phrases(name).is_only(said) for name in _DENYING) else Said.NOTHING


def _said_in_names(column: Column, cell: str) -> Said:
    """Read a cell of names or numbers, of which only a clear no is one."""
    value = cell_value(cell)
    if column.kind is Kind.NUMBERS:
        value = without_number(value)
        said = words(value)
        if phrases("no_calls").are(said) or phrases("like_products").are(said):
            return Said.NO_CALLS if phrases("no_calls").are(said) else Said.OPEN
    is_else = _SITE.search(value) or (column.is_whole and not is_one_clause(value))
    return Said.NOTHING if is_else else _REMARKS[remark(value, may_be_name=True)]


_SITE = lazy(r"\A\S*?\.[^\W\d_]{2}\S*\Z")
"""`donotcontact.example`, with or without what stands around it in an address."""


_OF_NAMES = frozenset({Kind.NAMES, Kind.NUMBERS})
_LONGEST_ANSWER = 40
_REMARKS: Mapping[Remark, Said] = {
    Remark.NOTHING: Said.NOTHING,
    Remark.OUT: Said.OUT,
    Remark.FAILED: Said.OUT,
    Remark.NO_CALLS: Said.NO_CALLS,
    Remark.OPEN: Said.OPEN,
}
_DENYING = ("denied", "failed", "status_only", "tags_of_no")


def _explains(said: Sequence[str]) -> bool:
    """Whether the words beside a date have a meaning of their own: `No (2025-01-02)`."""
    if all(map(str.isdecimal, said)):
        return False
    is_no = said[0] != MAY and phrases("not_so").are(said[:1])
    return is_no or any(has(name, said) for name in ("no", "failed", "denied", "open"))


_SMALL: dict[int, Said] = {0: Said.ZERO, 1: Said.YES}


_SAYING_NO = ("no", "failed")
_ALL_NO = (*_SAYING_NO, "status_only")


def _is_no(text: str, sections: Sequence[str] = _SAYING_NO) -> bool:
    """Whether a text says nothing but no, whatever numbers are in it."""
    said = [word for word in words(text) if not word.isdecimal()]
    if phrases("unclear_failed").is_only(said) or found_in("no", said) is False:
        return False
    return any(phrases(name).are(said) or phrases(name).is_only(said) for name in sections)


@lru_cache(maxsize=1 << 14)
def _is_tag_of_no(tag: str) -> bool:
    """Whether a tag or a list's name is a no, or names people who opted out, and nothing else."""
    if (answer := _answer_of(tag)) is not None:
        return answer
    if _is_no(tag) or (may_begin_no(tag.strip()) and remark(tag) is Remark.OUT):
        return True
    if phrases("tags_of_no").are(words(tag)):
        return True
    return is_divider_of_opt_outs(tag)


def _answer_of(tag: str) -> bool | None:
    """Whether a tag answers no: `newsletter:no`, `optout=1`. `None` if it is no plain answer."""
    found = _ANSWER.fullmatch(tag)
    column = column_of(found[1]) if found else None
    if not found or column is None or column.of_calls or column.kind not in _ANSWERED:
        return None
    plain = said_of(column, found[2]) in (Said.YES, Said.NO, Said.ZERO)
    return verdict_on(column, found[2]) is Verdict.OUT if plain else None


_ANSWER = lazy(r"\s*([^:=]+?)\s*[:=]\s*([^:=]+?)\s*")
_ANSWERED = (Kind.OPT_OUT, Kind.BOUNCE, Kind.OPT_IN)


@cache
def _nothing() -> frozenset[str]:
    return frozenset(map(fold, (*PLACEHOLDERS, *_NO_DATE)))


_NO_DATE = ("NaT", "Invalid date")
"""What programs write for a missing date. "Nat" is a name, too: there it is no placeholder."""
