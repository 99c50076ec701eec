"""Whether an upload is read as its kind says: row by row, and by the preview."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from listdrop.errors import UploadRejectedError
from listdrop.plans.previewing import _FIRST_PROBLEMS, Preview, preview_upload
from listdrop.prospects.recognising import known_headers
from listdrop.providers import REGISTRY
from listdrop.providers.routing import parse_route
from listdrop.tables.reading import read_table
from listdrop.tables.spooling import spool
from listdrop.tables.unpacking import receive, tables
from tests.unit.tables.hostile.kind import SECRETS, Kind

ROUTE = parse_route(
    "hostile",
    """{"destinations": [
        {"provider": "activecampaign"}, {"provider": "kakiyo", "campaign_id": "camp_demo"}
    ]}""",
)


class Opened(NamedTuple):
    """An upload whose rows are about to be read: each with its number, its line and its cells.

    `spans` are the lines where those rows start that span several, as far as they have been read.
    """

    header: list[str]
    header_line: int
    rows: Iterator[tuple[int, int, Sequence[str]]]
    spans: set[int]


@contextmanager
def opened(chunks: Iterable[bytes]) -> Iterator[Opened]:
    """Read an upload. The one place that knows how reading is called."""
    package = receive(chunks)
    with package.file:
        source = spool(package, tables(package)[0])
        with source.file:
            table = read_table(source, known_headers({}))
            yield Opened(table.header, table.dialect.header_line, table.rows(), table.notes.spans)


def preview(chunks: Iterable[bytes], name: str = "people.csv") -> Preview:
    """Preview an upload, or the first table of an archive, for ActiveCampaign and for Kakiyo."""
    first, *_ = preview_upload(chunks, name, ROUTE, REGISTRY)
    if first.reason:
        raise UploadRejectedError(first.reason, first.reason_text)
    return first


def check_rows(kind: Kind) -> None:
    """Read every row, and compare."""
    count = line_before = 0
    try:
        with opened(kind.chunks()) as upload:
            if kind.header:
                assert tuple(upload.header) == tuple(name.strip() for name in kind.header)
            if kind.header_line:
                assert upload.header_line == kind.header_line
            for number, line, cells in upload.rows:
                count += 1
                assert number == count
                assert line > line_before
                line_before = line
                if number in kind.cells:
                    assert list(cells) == list(kind.cells[number])
                if number in kind.lines:
                    assert line == kind.lines[number]
    except UploadRejectedError as error:
        _check_rejection(error, kind.reason)
    else:
        assert (kind.reason, count) == ("", kind.rows)


def check_preview(kind: Kind) -> None:
    """Preview for two providers, and compare."""
    # A header alone is a table, but nothing that could be sent.
    reason = kind.reason or kind.plan_reason or ("" if kind.rows else "empty_file")
    try:
        seen = preview(kind.chunks(), kind.file_name)
    except UploadRejectedError as error:
        # A table may be read, and yet have no column that either provider needs.
        is_read = not reason and error.reason == "no_usable_column"
        _check_rejection(error, error.reason if is_read else reason)
        return
    assert (reason, seen.rows) == ("", kind.rows)
    for destination in seen.destinations:
        if destination.reason:  # no column for what it needs
            assert (destination.reason, destination.to_send) == ("no_usable_column", 0)
            continue
        assert destination.to_send + sum(destination.not_sent.values()) == kind.rows
        assert len(destination.problems) == min(_FIRST_PROBLEMS, kind.rows - destination.to_send)
    if kind.sent is not None:
        assert tuple(destination.to_send for destination in seen.destinations) == kind.sent


def _check_rejection(error: UploadRejectedError, reason: str) -> None:
    assert error.reason == reason, error.text
    assert error.text.endswith(".")
    assert "\n" not in error.text
    for secret in SECRETS:
        assert secret not in f"{error} {error.text}".lower()
