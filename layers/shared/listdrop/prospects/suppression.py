"""A route's suppression list: people who are never to be written to, whatever an upload says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import chain

from listdrop.cells.emails import is_email, split_emails
from listdrop.cells.profiles import profile_slug
from listdrop.cells.values import cell_value
from listdrop.errors import UploadRejectedError
from listdrop.prospects.columns import Columns, known_headers, map_columns
from listdrop.prospects.mapping import Mapped
from listdrop.tables.heading import Dialect
from listdrop.tables.reading import read_table
from listdrop.tables.spooling import Spool, spool
from listdrop.tables.unpacking import receive

_ANYBODY = "@"
_PROFILE = "in/"
_BETWEEN = re.compile(r"[\s,;|]+")
_ADDRESS = re.compile(r"(?:https?://)?(?:www\.)?([^/]+)(?:/.*)?")
"""A web address, of which a domain column may be full. What follows the host does not matter."""


class SuppressionList:
    """Addresses, profiles, and domains of which nobody is to be written to, to be asked."""

    def __init__(self, entries: Iterable[str]) -> None:
        self._entries = frozenset(entries)
        self._domains = {entry[1:] for entry in self._entries if entry.startswith(_ANYBODY)}
        self._has_profiles = any(entry.startswith(_PROFILE) for entry in self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def places(self, mapped: Mapped) -> Iterator[int]:
        """Yield the places of the rows whose people are on the list."""
        for place, email in enumerate(mapped.emails):
            if email and self._has_email(email.lower()):
                yield place
        if self._has_profiles:
            for place, url in enumerate(mapped.column("linkedin_url")):
                if url and f"{_PROFILE}{profile_slug(url).lower()}" in self._entries:
                    yield place

    def _has_email(self, email: str) -> bool:
        domain = email[email.index(_ANYBODY) + 1 :]
        while domain not in self._domains and "." in domain:
            domain = domain.partition(".")[2]  # whoever is at a part of a domain is at the domain
        return email in self._entries or domain in self._domains


def read_suppression_list(chunks: Iterable[bytes]) -> SuppressionList:
    """Read a list from any table that could be uploaded.

    The cells of its e-mail and LinkedIn columns count, and those of a domain column if it has
    neither; without a header that is known, all cells do. `@example.com` stands for everybody
    there. Raises `UploadRejectedError` (`bad_route`) if nobody can be read from it: to go on
    without a list that is there would be to write to people who are on it.
    """
    with ExitStack() as stack:
        try:
            package = receive(chunks)
            stack.callback(package.file.close)
            source = spool(package)
            stack.callback(source.file.close)
            found = SuppressionList(chain.from_iterable(map(_entries, _cells(source))))
        except UploadRejectedError as error:
            text = f"The suppression list cannot be read: {error.text}"
            raise UploadRejectedError("bad_route", text) from error
    if not found:
        text = "The suppression list has no e-mail address, domain or LinkedIn profile in it."
        raise UploadRejectedError("bad_route", text)
    return found


def _cells(source: Spool) -> Iterator[str]:
    try:
        table = read_table(source, known_headers({}))
        wanted = _wanted(map_columns(table.header, {}))
    except UploadRejectedError as error:
        if error.reason not in ("no_header", "no_usable_column"):
            raise
        plain = Dialect(encoding=source.encoding, delimiter=",", header_line=1)
        table = read_table(source, frozenset(), plain)
        yield from table.header
        wanted = ()
    for row in table.rows():
        for index, cell in enumerate(row.cells):
            if not wanted or index in wanted:
                yield cell


def _wanted(columns: Columns) -> tuple[int, ...]:
    fields = columns.fields
    people = (*fields.get("email", ()), *fields.get("linkedin_url", ()))
    return people or fields.get("website", ())


def _entries(cell: str) -> Iterator[str]:
    """Yield what a cell stands for: each person and each domain in it, if there are any."""
    value = cell_value(cell).lower()
    if "<" in value:
        address, others = split_emails(value)
        pieces = [address, *others]
    else:
        pieces = _BETWEEN.split(value)
    return filter(None, map(_entry, pieces))


def _entry(piece: str) -> str:
    value = piece.strip("'\"()[]").removeprefix("mailto:").removeprefix("*").removeprefix(".")
    if is_email(value):
        return value
    slug = profile_slug(value)
    if slug:
        return f"{_PROFILE}{slug.lower()}"
    if "linkedin.com/" in value:  # a company's page, or of Sales Navigator: nobody's domain
        return ""
    domain = _ADDRESS.sub(r"\1", value.removeprefix(_ANYBODY))
    return f"{_ANYBODY}{domain}" if is_email(f"anybody@{domain}") else ""
