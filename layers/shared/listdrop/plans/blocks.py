"""The plan of a job: every data row in order, with its payload or with its result.

Submit writes it once. Send and Status read a batch's part by its byte range; Finish reads all of
it. So the upload is parsed only once for sending, and a batch that is sent again has the same
bytes. A line has up to some thousand rows, by column. Its rows for sending belong to one batch.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, islice
from typing import Any, TypeVar, overload

import orjson

from listdrop.errors import PlanUnreadableError
from listdrop.models import BatchItem, ColumnPayloads, Json, Outcome, PlannedRow, RowResult
from listdrop.ports import Files

T = TypeVar("T")


@dataclass(frozen=True)
class PlanBlock:
    """Consecutive rows by column, with the members of `PlannedRow`.

    `first` is the first row's number. `settled` has results by position; ignore their payloads.
    """

    first: int
    lines: Sequence[int]
    identities: Sequence[str]
    emails: Sequence[str]
    linkedin_urls: Sequence[str]
    payloads: Sequence[Json] | ColumnPayloads
    settled: Mapping[int, RowResult]
    warnings: Mapping[int, str]

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def to_send(self) -> int:
        """The number of rows for sending."""
        return len(self) - len(self.settled)

    @property
    def first_sent(self) -> int:
        """The number of the first row for sending. There must be one."""
        return self.first + self.end_of(0)

    @property
    def unwritten(self) -> int:
        """The most bytes that each payload for sending can have besides its part of the line.

        The line has a column's key only once, but each payload repeats it.
        """
        if not isinstance(self.payloads, ColumnPayloads):
            return 0
        return len(orjson.dumps(self.payloads.keys_of_row))

    def keys_in(self, member: str) -> Iterator[str]:
        """Yield the keys that an object in the payloads has in any row for sending."""
        payloads = self.payloads
        found = payloads.columns.get(member) if isinstance(payloads, ColumnPayloads) else None
        for name, cells in found.columns.items() if isinstance(found, ColumnPayloads) else ():
            sent = (cell for place, cell in enumerate(cells) if place not in self.settled)
            if any(cells) and any(sent):  # the first is fast, and most columns are full or empty
                yield name

    def end_of(self, most: int, start: int = 0) -> int:
        """Return where rows end that contain at most `most` rows for sending, from `start` on."""
        end = start + most
        places = self._settled_places
        for place in islice(places, bisect_left(places, start), None):
            if place > end:
                break
            end += 1
        return min(end, len(self))

    def part(self, start: int, end: int) -> PlanBlock:
        """Return the rows from position `start` to before `end`."""
        if not start and end == len(self):
            return self
        payloads = self.payloads
        return PlanBlock(
            self.first + start,
            self.lines[start:end],
            self.identities[start:end],
            self.emails[start:end],
            self.linkedin_urls[start:end],
            payloads.part(start, end)
            if isinstance(payloads, ColumnPayloads)
            else payloads[start:end],
            _part(self.settled, self._settled_places, start, end),
            _part(self.warnings, self._warned_places, start, end),
        )

    @cached_property
    def _settled_places(self) -> Sequence[int]:
        return sorted(self.settled)

    @cached_property
    def _warned_places(self) -> Sequence[int]:
        return sorted(self.warnings)

    def emptied(self, settled: Mapping[int, RowResult]) -> PlanBlock:
        """Return the rows, but of those in `settled` keep only their numbers and these results."""

        def column(cells: Sequence[Any], empty: Any = "") -> list[Any]:
            return [empty if place in settled else cell for place, cell in enumerate(cells)]

        payloads = self.payloads
        if isinstance(payloads, ColumnPayloads):
            payloads = payloads.map(column, payloads.rows)
        else:
            payloads = column(payloads, {})
        return replace(
            self,
            identities=column(self.identities),
            emails=column(self.emails),
            linkedin_urls=column(self.linkedin_urls),
            payloads=payloads,
            settled={**self.settled, **settled},
            warnings={place: text for place, text in self.warnings.items() if place not in settled},
        )

    def sizes(self) -> Iterator[int]:
        """Yield the size of each payload in bytes; 0 for a row that is not for sending."""
        for place, payload in enumerate(self.payloads):
            yield 0 if place in self.settled else len(orjson.dumps(payload)) + len(",")

    def encode(self) -> bytes:
        """Return the plan's line for the rows, with its newline."""
        settled = {str(place): _members(result) for place, result in self.settled.items()}
        warnings = {str(place): warning for place, warning in self.warnings.items()}
        members = (
            self.first, self.lines, self.identities, self.emails, self.linkedin_urls,
            self.payloads, settled, warnings,
        )  # fmt: skip
        return orjson.dumps(members, option=orjson.OPT_APPEND_NEWLINE)

    @classmethod
    def decode(cls, line: bytes) -> PlanBlock:
        """Return the rows of a plan's line."""
        first, lines, identities, emails, urls, payloads, settled, warnings = orjson.loads(line)
        return cls(
            first,
            lines,
            identities,
            emails,
            urls,
            ColumnPayloads.of(payloads) if isinstance(payloads, dict) else payloads,
            {int(place): result_of(result) for place, result in settled.items()},
            {int(place): warning for place, warning in warnings.items()},
        )

    def __iter__(self) -> Iterator[PlannedRow]:
        rows = zip(
            self.lines, self.identities, self.emails, self.linkedin_urls, self.payloads, strict=True
        )
        for place, (line, identity, email, url, payload) in enumerate(rows):
            result = self.settled.get(place)
            yield PlannedRow(
                self.first + place,
                line,
                identity,
                email,
                url,
                None if result else payload,
                result,
                self.warnings.get(place, ""),
            )


def _part(known: Mapping[int, T], places: Sequence[int], start: int, end: int) -> dict[int, T]:
    """Return what is known of some rows; `places` are its keys, in order."""
    some = places[bisect_left(places, start) : bisect_left(places, end)]
    return {place - start: known[place] for place in some}


def decode_rows(line: bytes) -> Iterator[PlannedRow]:
    """Yield the rows of a plan's line."""
    return iter(PlanBlock.decode(line))


def _members(result: RowResult) -> tuple[str, ...]:
    """Return a result's JSON form, without empty members at its end."""
    members = tuple(result)
    while not members[-1]:
        members = members[:-1]
    return members


def result_of(members: Sequence[str]) -> RowResult:
    """Return a result from its JSON form."""
    outcome, *rest = members
    return RowResult(Outcome(outcome), *rest)


def sent_rows(files: Files, batch: BatchItem) -> list[PlannedRow]:
    """Return a batch's rows for sending, in order."""
    part = files.read_plan(batch.job_id, batch.first_byte, batch.last_byte)
    rows = chain.from_iterable(map(decode_rows, part.splitlines()))
    return [row for row in rows if row.payload is not None]


class BatchRows(Sequence[tuple[int, str]]):
    """Row numbers and identities of batches, read from the plan on first use."""

    def __init__(self, files: Files, batches: Iterable[BatchItem]) -> None:
        self._files = files
        self._batches = list(batches)
        self._rows: list[tuple[int, str]] | None = None

    def _loaded(self) -> list[tuple[int, str]]:
        if self._rows is None:
            try:
                self._rows = [
                    (row.row, row.identity)
                    for batch in self._batches
                    for row in sent_rows(self._files, batch)
                    if row.row not in batch.settled and row.row not in batch.left_out
                ]
            except Exception as error:
                raise PlanUnreadableError(f"The plan cannot be read: {error}") from error
        return self._rows

    def __len__(self) -> int:
        return sum(batch.rows - len(batch.settled) - len(batch.left_out) for batch in self._batches)

    @overload
    def __getitem__(self, index: int) -> tuple[int, str]: ...

    @overload
    def __getitem__(self, index: slice) -> list[tuple[int, str]]: ...

    def __getitem__(self, index: int | slice) -> tuple[int, str] | list[tuple[int, str]]:
        return self._loaded()[index]

    def __iter__(self) -> Iterator[tuple[int, str]]:
        return iter(self._loaded())
