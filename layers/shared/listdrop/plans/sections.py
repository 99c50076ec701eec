"""Lines between the rows of a table that say that the people below them opted out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from listdrop.models import JobWarning, Outcome, RowResult
from listdrop.models.warnings import UNSUBSCRIBED_PART
from listdrop.prospects.columns import Columns
from listdrop.prospects.list_names import is_divider, is_divider_of_opt_outs
from listdrop.prospects.mapping import Mapped
from listdrop.tables.even_rows import columns_of

_BELOW = RowResult(
    Outcome.SUPPRESSED,
    "opted_out",
    "A line above says that the people below it do not want to be written to.",
)


class Sections:
    """Follows such lines, block by block: up to the next line that begins another part.

    A line is a row with nothing but its first cell. Rows that name a person by an address or a
    profile are never lines, so most blocks need no look.
    """

    def __init__(self, columns: Columns) -> None:
        # A remark about a person whose row says nothing else is no such line.
        others = {*columns.consent.columns, *columns.fields.get("notes", ())}
        self._may_be = 0 not in others
        self._is_out = False
        self._rows = 0

    def settled(
        self, mapped: Mapped, rows: Sequence[Sequence[str]]
    ) -> Iterator[tuple[int, RowResult]]:
        """Yield the positions of the rows below such lines."""
        start = 0
        for place, is_out in self._lines(mapped, rows):
            yield from self._below(start, place)
            start, self._is_out = place + 1, is_out
        yield from self._below(start, mapped.rows)

    def _below(self, start: int, end: int) -> Iterator[tuple[int, RowResult]]:
        if self._is_out:
            self._rows += end - start
            yield from ((place, _BELOW) for place in range(start, end))

    def _lines(self, mapped: Mapped, rows: Sequence[Sequence[str]]) -> Iterator[tuple[int, bool]]:
        places = _nobody_at(mapped) if self._may_be else []
        columns = columns_of(rows) if places else []
        for place in places:
            cell = columns[0][place].strip()
            if not cell or any(column[place].strip() for column in columns[1:]):
                continue
            if is_divider_of_opt_outs(cell):
                yield place, True
            elif self._is_out and is_divider(cell):
                yield place, False

    def warnings(self) -> tuple[JobWarning, ...]:
        """Return the warning of the job, if anybody is below such a line."""
        if not self._rows:
            return ()
        text = (
            f"A line between the rows says that the people below it opted out: {self._rows:,} "
            f"{'row is' if self._rows == 1 else 'rows are'} not sent for it. If that is wrong, "
            "remove the line, and drop the file again."
        )
        return (JobWarning(code=UNSUBSCRIBED_PART, text=text),)


def _nobody_at(mapped: Mapped) -> list[int]:
    """Return the places of the rows that name nobody by an address or a profile."""
    slugs = mapped.people.profiles
    if all(mapped.emails) or all(slugs):
        return []
    pairs = zip(mapped.emails, slugs, strict=True)
    return [place for place, (email, slug) in enumerate(pairs) if not email and not slug]
