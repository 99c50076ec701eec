"""Other rows of people who opted out: those with the same address or the same profile.

A destination finds a person's rows by its own key. Who opted out with one address may stand in
another row with another, and the same profile.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import chain

from listdrop.cells.persons import MOST_OTHERS, mark_of, names_in
from listdrop.cells.values import cell_value
from listdrop.models import Marks, Outcome, RowResult, duplicate_of
from listdrop.plans.blocks import PlanBlock
from listdrop.plans.consenting import OPTED_OUT
from listdrop.plans.plan import Plan
from listdrop.prospects.columns import Columns
from listdrop.prospects.consent_columns import Kind
from listdrop.prospects.mapping import Mapped
from listdrop.prospects.pasted import people_named
from listdrop.prospects.suppression import people_columns
from listdrop.tables.even_rows import columns_of

_LATER = "A later row of the same person says so."
_ANOTHER = RowResult(
    Outcome.SUPPRESSED, OPTED_OUT.reason, "Another row of the same person says so."
)
_LISTED = RowResult(
    Outcome.SUPPRESSED,
    OPTED_OUT.reason,
    "Another row names the person in a column of people who opted out.",
)
_FAILED = RowResult(
    Outcome.SUPPRESSED,
    OPTED_OUT.reason,
    "Another row names the address in a column of those that do not take mail.",
)
_REPEATS = duplicate_of(0)[0].removesuffix("0")


class SamePeople:
    """The person keys of those who opted out, and their rows; of the others nothing is kept.

    The further addresses of a cell, and those of other columns, are a person's, too. So are those
    in a column of people who opted out, in any row.
    """

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._wanted = people_columns(columns)
        self._names: set[str] = set()
        self._listed: dict[str, RowResult] = {}
        self._out: set[int] = set()

    def add(
        self,
        first: int,
        mapped: Mapped,
        rows: Sequence[Sequence[str]],
        problems: Mapping[int, RowResult],
    ) -> None:
        """Add the people of the rows that are not sent because they opted out.

        `first` is the number of the first of the rows. Where only an address failed, the person may
        have another one.
        """
        for index, listed in mapped.answers.listed.items():
            failed = self._columns.consent.columns[index].kind is Kind.BOUNCE
            for name in chain.from_iterable(map(people_named, map(cell_value, listed))):
                if not failed or name not in self._listed:
                    self._listed[name] = _FAILED if failed else _LISTED
        out = [place for place, result in problems.items() if result.reason == OPTED_OUT.reason]
        if not out:
            return
        self._out.update(first + place for place in out)
        emails, urls = mapped.column("email"), mapped.column("linkedin_url")
        cells = columns_of(rows)
        for place in out:
            if problems[place] is _FAILED:
                continue
            if place in mapped.answers.failed and problems[place] is OPTED_OUT:
                continue
            self._names.update(names_in(mapped.emails[place] or "", urls[place]))
            others = {cells[index][place] for index in self._wanted}
            for cell in others - {"", emails[place], urls[place]}:
                self._names.update(people_named(cell_value(cell)))

    def rows_in(self, plans: Sequence[Plan], marks: Marks) -> dict[int, RowResult]:
        """Return the rows that a plan sends to these people, and why it should not.

        Those of a first row that a later one of the same key suppresses are among them. `marks` are
        those of all rows: most often they tell that nobody has another row.
        """
        found = {row: _because(result) for plan in plans for row, result in plan.later.items()}
        wanted = {*self._names, *self._listed}
        rows = set(marks.rows_with(set(map(mark_of, wanted)))) if wanted else set()
        if self._out >= rows:
            return found
        one_s = self._of_one_person(plans[0], rows)
        because = {**self._listed, **dict.fromkeys(one_s, _ANOTHER)}
        for plan in plans if because else ():
            for name, row, result, _ in _named(plan, rows):
                first = _row_sent(row, result)
                if name in because and first and first not in self._out:
                    found[first] = _first_of(found.get(first), because[name])
        return found

    def _of_one_person(self, plan: Plan, rows: Set[int]) -> set[str]:
        """Return the names that stand in other rows, too, and are not several people's."""
        others: dict[str, set[str]] = {}
        repeated: set[str] = set()
        for name, row, _, other in _named(plan, rows):
            if name not in self._names:
                continue
            beside = others.setdefault(name, set())
            if other and len(beside) <= MOST_OTHERS:
                beside.add(other)
            if row not in self._out:
                repeated.add(name)
        return {name for name in repeated if len(others[name]) <= MOST_OTHERS}


def _because(result: RowResult) -> RowResult:
    return result._replace(reason_text=_LATER)


def _row_sent(row: int, result: RowResult | None) -> int:
    """Return the row that is sent for a row: itself, or the one that it repeats; 0 for none."""
    if result is None:
        return row
    first = result.reason.removeprefix(_REPEATS)
    return int(first) if first != result.reason else 0


def _first_of(known: RowResult | None, other: RowResult) -> RowResult:
    """Return why a row is not sent: that an address fails is the least that is said of a person."""
    return other if known is None or known is _FAILED else known


def _named(plan: Plan, rows: Set[int]) -> Iterator[tuple[str, int, RowResult | None, str]]:
    """Yield the names in these rows, each with its row, the row's result, and its other name."""
    plan.file.seek(0)
    for block in map(PlanBlock.decode, plan.file):
        for place in range(len(block)):
            if block.first + place not in rows:
                continue
            names = names_in(block.emails[place], block.linkedin_urls[place])
            for name in names:
                other = next((each for each in names if each != name), "")
                yield name, block.first + place, block.settled.get(place), other
