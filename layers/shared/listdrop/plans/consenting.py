"""Consent while an upload is planned: rows to leave out, and values that are not understood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from listdrop.cells.patterns import lazy
from listdrop.models import (
    REASONS,
    UNCLEAR_CONSENT,
    UNSUBSCRIBED_LIST,
    JobWarning,
    Outcome,
    RowResult,
    row_result,
)
from listdrop.models.warnings import enumerated
from listdrop.plans.sections import Sections
from listdrop.prospects.columns import Columns
from listdrop.prospects.consent_columns import NOT_OF_CONSENT
from listdrop.prospects.mapping import Mapped
from listdrop.prospects.phrases import words
from listdrop.prospects.suppression import people_columns, people_of
from listdrop.prospects.vocabulary import knows_word
from listdrop.tables.even_rows import columns_of

OPTED_OUT = row_result(Outcome.SUPPRESSED, "opted_out")
_IN_LIST = RowResult(
    Outcome.SUPPRESSED,
    "opted_out",
    "By its name or its title, this is a list of people who do not want to be written to.",
)
_UNCLEAR = RowResult(
    Outcome.SUPPRESSED,
    "opted_out",
    "What the file says about the person's consent is not understood.",
)
_IS_LIST = JobWarning(code=UNSUBSCRIBED_LIST, text=REASONS[UNSUBSCRIBED_LIST].sentence)
_PERSONAL = ("email", "first_name", "last_name", "full_name", "company", "phone", "linkedin_url")
_SHORT_VALUE = lazy(r"[^\W_][^@:\x00-\x1f]{0,23}")
_MOST_WORDS = 3
_MOST_DIGITS = 3
_MOST_VALUES = 20
"""A column with more different values is not a list of choices, so none of them is shown."""
_SHOWN_VALUES = 4
_SHOWN_COLUMNS = 5
_SHOWN_ROWS = 5
_LONGEST_HEADER = 50


class ConsentNotes:
    """Settles the rows of people who said no, and collects what is not understood."""

    def __init__(self, columns: Columns, *, is_list: bool = False, is_strict: bool = False) -> None:
        self._columns = columns
        self._is_list = is_list
        self._is_strict = is_strict
        self._values: dict[int, dict[str, bool]] = {}
        self._sent: set[int] = set()
        self._others: dict[int, int] = {}
        self._people = people_columns(columns)
        self._rows: dict[int, list[int]] = {}
        self._unread: Counter[int] = Counter()
        self._sections = Sections(columns)

    def settled(
        self, mapped: Mapped, rows: Sequence[Sequence[str]], first: int = 1
    ) -> Iterator[tuple[int, RowResult]]:
        """Yield the positions of rows that are not sent, and why.

        `first` is the number of the first of the rows.
        """
        answers = mapped.answers
        if self._is_list:
            yield from ((place, _IN_LIST) for place in range(mapped.rows))
            return
        yield from ((place, OPTED_OUT) for place in answers.out)
        yield from self._sections.settled(mapped, rows)
        if answers.unread:
            self._note(mapped, first)
        for index, listed in answers.listed.items():
            self._note_others(index, listed, rows)
        if self._is_strict:
            yield from ((place, _UNCLEAR) for place in answers.unclear)

    def _note(self, mapped: Mapped, first: int) -> None:
        for index, values in mapped.answers.unread.items():
            if index in self._people:
                found = sorted(first + place for places in values.values() for place in places)
                shown = self._rows.setdefault(index, [])
                shown += found[: _SHOWN_ROWS - len(shown)]
                self._unread[index] += len(found)
                continue
            known = self._values.setdefault(index, {})
            for value, places in values.items():
                if len(known) <= _MOST_VALUES and value not in known:
                    known[value] = _is_category(value, mapped, places)
            if not mapped.answers.unclear.isdisjoint(chain.from_iterable(values.values())):
                self._sent.add(index)

    def _note_others(
        self, index: int, listed: Mapping[str, Sequence[int]], rows: Sequence[Sequence[str]]
    ) -> None:
        """Count the rows in which a column names somebody else than they do."""
        cells = columns_of(rows)
        for cell, places in listed.items():
            named = people_of([cell])
            for place in places:
                own = people_of(cells[each][place] for each in self._people)
                if own and not named <= own:
                    self._others[index] = self._others.get(index, 0) + 1

    def warnings(self) -> tuple[JobWarning, ...]:
        """Return the warnings of the job."""
        if self._is_list:
            return (_IS_LIST,)
        indexes = sorted({*self._values, *self._rows})
        found = [*self._sections.warnings(), *map(self._of_others, sorted(self._others))]
        found += [self._warning(index) for index in indexes[:_SHOWN_COLUMNS]]
        left = len(indexes) - _SHOWN_COLUMNS
        if left > 0:
            text = f"The same applies to other columns: {left} more."
            found.append(JobWarning(code=UNCLEAR_CONSENT, text=text))
        return tuple(found)

    def _warning(self, index: int) -> JobWarning:
        if index in self._rows:
            return self._beside(index)
        known = self._values[index]
        shown = [value for value, is_shown in known.items() if is_shown]
        if len(known) > _MOST_VALUES:
            shown, count = [], f"over {_MOST_VALUES}"
        else:
            shown = sorted(shown)[:_SHOWN_VALUES]
            count = str(len(known) - len(shown))
        values = ", ".join(f'"{value}"' for value in shown)
        others = f"{count}{' more' if shown else ''} {'value' if count == '1' else 'values'}"
        told = " and ".join(filter(None, [values, others if count != "0" else ""]))
        are_sent = index in self._sent and not self._is_strict
        return JobWarning(
            code=UNCLEAR_CONSENT,
            text=f"{self._named(index)} {self._about(index)}: "
            f"{told}. The rows concerned are {'sent' if are_sent else 'not sent'}.",
        )

    def _of_others(self, index: int) -> JobWarning:
        count = self._others[index]
        return JobWarning(
            code=UNCLEAR_CONSENT,
            text=f"{self._named(index)} names other people than its own rows do, in "
            f"{'one row' if count == 1 else f'{count:,} rows'}. Neither these people nor those of "
            "the rows are sent. If it is a separate list, add it to the route's suppression list, "
            "and drop the file without that column.",
        )

    def _beside(self, index: int) -> JobWarning:
        """Say in which rows something stands beside addresses: the words may be anybody's name."""
        rows = self._rows[index]
        named = list(map(str, rows))
        if left := self._unread[index] - len(rows):
            named.append(f"{left:,} more")
        is_one = len(rows) == 1
        return JobWarning(
            code=UNCLEAR_CONSENT,
            text=f"{self._named(index)} may say something about consent beside addresses, which "
            f"Listdrop does not understand: see row{'' if is_one else 's'} {enumerated(named)}. "
            f"{'It is' if is_one else 'They are'} {'not sent' if self._is_strict else 'sent'}.",
        )

    def _about(self, index: int) -> str:
        column = self._columns.consent.columns.get(index)
        if column is None or column.kind in NOT_OF_CONSENT:
            return "may say something about consent, which Listdrop does not understand"
        return "is about consent, but Listdrop does not understand this"

    def _named(self, index: int) -> str:
        header = " ".join(self._columns.header[index].split())
        if "@" in header or len(header) > _LONGEST_HEADER or not header.isprintable():
            return f"Column {index + 1}"
        return f'The column "{header}"'


def _is_category(value: str, mapped: Mapped, places: Sequence[int]) -> bool:
    """Whether a value can be shown: one to three words from a list of choices, not personal data.

    A word that is neither about consent nor in small letters may be a name, of anybody.
    """
    said = words(value)
    digits = sum(map(str.isdecimal, value))
    if not _SHORT_VALUE.fullmatch(value.strip()) or not said:
        return False
    if len(said) > _MOST_WORDS or digits > _MOST_DIGITS:
        return False
    if any(_may_be_name(part) for part in value.split()):
        return False
    personal = {
        word
        for name in _PERSONAL
        if name in mapped.fields
        for place in places
        for word in words(mapped.fields[name][place])
    }
    return personal.isdisjoint(said)


def _may_be_name(part: str) -> bool:
    is_known = all(knows_word([word]) for word in words(part))
    return any(map(str.isalpha, part)) and not part[0].islower() and not is_known


def settle_others(
    others: Mapping[int, RowResult], first: int, rows: int
) -> Iterator[tuple[int, RowResult]]:
    """Yield the positions of rows whose people are suppressed by another row.

    `others` is by row; `first` is the number of the first of these rows.
    """
    for place in range(rows) if others else ():
        if (result := others.get(first + place)) is not None:
            yield place, result
