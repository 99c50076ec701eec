"""Suppression lists: people who are never written to, whatever an upload says.

Nothing is sent if a list is not completely understood. An entry in an unknown form makes the list
unusable, and the error names its line.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import chain

from listdrop.cells.emails import is_email, split_emails
from listdrop.cells.entities import decoded
from listdrop.cells.patterns import lazy
from listdrop.cells.profiles import profile_slug
from listdrop.cells.values import cell_value
from listdrop.errors import UploadRejectedError
from listdrop.prospects.columns import Columns, map_columns
from listdrop.prospects.mapping import Mapped
from listdrop.prospects.recognising import known_headers
from listdrop.tables.heading import Dialect
from listdrop.tables.reading import Row, read_table
from listdrop.tables.spooling import Spool, formulas_not_read, spool
from listdrop.tables.unpacking import receive

_ANYBODY = "@"
_PROFILE = "in/"
_BETWEEN = lazy(r"[\s,;]+|(?<!\|)\|(?!\|)")
_SCHEME = lazy(r"^(?:https?|\*)://")
_ADDRESS = lazy(r"(?:www\.)?([^/:]+)(?::\d+)?(?:/.*)?")
"""A URL, as in many domain columns. What follows the host does not matter."""
_ANYBODY_AT = lazy(r"(?:[*%]|\^?\.[*+])?@(?:[*%]\.)?(.+)")
"""`@x`, `*@x`, `%@x`, `.*@x` and, with the parts of a domain, `*@*.x`."""
_PART_OF = lazy(r"(?:\|\||[*%]?\.|[*%])(.+?)\^?")
"""`||x^`, `*.x`, `.x`, `*x`: a domain and its subdomains."""
_ENDING = lazy(r"[^\W\d_]{2,}|xn--[a-z0-9-]+")
_MEANT = lazy(r"[@*%^\\]|://|linkedin\.|^\|\|")
"""Marks that names, dates and remarks do not have: a text with one is meant as an entry."""
_BLANK = "%20"
_WILD = frozenset("*%")
_REMARK = ("#", "!", "//")


class SuppressionList:
    """Addresses, profiles and domains that are never written to."""

    def __init__(self, entries: Iterable[str]) -> None:
        self._entries = frozenset(map(_in_letters, entries))
        self._domains = {entry[1:] for entry in self._entries if entry.startswith(_ANYBODY)}
        self._has_profiles = any(entry.startswith(_PROFILE) for entry in self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def places(self, mapped: Mapped) -> Iterator[int]:
        """Yield the positions of the rows whose people are on the list."""
        for place, email in enumerate(mapped.emails):
            if email and self._has_email(email.lower()):
                yield place
        if self._has_profiles:
            for place, slug in enumerate(mapped.people.profiles):
                if slug and f"{_PROFILE}{slug}" in self._entries:
                    yield place

    def _has_email(self, email: str) -> bool:
        email = _in_letters(email)
        domain = email[email.index(_ANYBODY) + 1 :]
        while domain not in self._domains and "." in domain:
            domain = domain.partition(".")[2]  # an address at a part of a domain is at the domain
        return email in self._entries or domain in self._domains


def _in_letters(entry: str) -> str:
    """Return an address or a domain with the letters that its domain is written with in ASCII."""
    if "xn--" not in entry:
        return entry
    name, at, domain = entry.rpartition(_ANYBODY)
    try:
        return f"{name}{at}{domain.encode('ascii').decode('idna')}"
    except UnicodeError:
        return entry


def read_suppression_list(chunks: Iterable[bytes]) -> SuppressionList:
    """Read a list from any table that could be uploaded.

    Entries are in the e-mail and LinkedIn columns; in a row where these are empty, in the domain
    columns. Without a known header, any cell may be an entry. Domains are written as `x`, `@x`, or
    with the wildcards of other tools. Raises `UploadRejectedError` (`bad_route`) if an entry is not
    understood, or if there is none: going on would mean writing to people who are on the list.
    """
    with ExitStack() as stack:
        try:
            package = receive(chunks)
            stack.callback(package.file.close)
            source = spool(package)
            stack.callback(source.file.close)
            _refuse_unknown(source)
            found = SuppressionList(chain.from_iterable(_rows_of_entries(source)))
        except UploadRejectedError as error:
            text = f"The suppression list cannot be read: {error.text}"
            raise UploadRejectedError("bad_route", text) from error
    if not found:
        text = "The suppression list contains no e-mail address, domain or LinkedIn profile."
        raise UploadRejectedError("bad_route", text)
    return found


def _refuse_unknown(source: Spool) -> None:
    """Raise `UploadRejectedError` for cells of which nobody knows who is in them."""
    if unknown := formulas_not_read(source.warnings):
        raise UploadRejectedError("bad_route", " ".join(unknown))


def people_in(source: Spool, overrides: Mapping[str, str | None]) -> set[str]:
    """Return the people of an upload that is a list of people, as entries. Domains do not count."""
    columns, rows = _opened(source, overrides)
    wanted = people_columns(columns) if columns and not columns.by_words else None
    found = set[str]()
    for row in rows:
        found |= people_of(row.cells if wanted is None else _cells(row.cells, wanted))
    return found


def people_of(cells: Iterable[str]) -> set[str]:
    """Return the people that cells of addresses and profiles name, as entries."""
    pieces = chain.from_iterable(map(_pieces, map(_value, cells)))
    return {entry for entry in map(_entry, pieces) if entry and not _is_domain(entry)}


def _opened(
    source: Spool, overrides: Mapping[str, str | None]
) -> tuple[Columns | None, Iterator[Row]]:
    """Return a list's columns and rows. Without a known header: no columns, and every line."""
    try:
        table = read_table(source, known_headers(overrides), has_footer=False)
        return map_columns(table.header, overrides), table.rows()
    except UploadRejectedError as error:
        if error.reason not in ("no_header", "no_usable_column"):
            raise
    plain = Dialect(encoding=source.encoding, delimiter=",", header_line=1)
    table = read_table(source, frozenset(), plain, has_footer=False)
    return None, chain([Row(0, 1, table.header)], table.rows())


def people_columns(columns: Columns) -> Sequence[int]:
    """Return the columns of addresses and profiles."""
    return (*columns.fields.get("email", ()), *columns.fields.get("linkedin_url", ()))


def _cells(cells: Sequence[str], wanted: Sequence[int]) -> list[str]:
    return [cells[index] for index in wanted if index < len(cells)]


def _rows_of_entries(source: Spool) -> Iterator[Iterable[str]]:
    columns, rows = _opened(source, {})
    people = people_columns(columns) if columns else ()
    domains = columns.fields.get("website", ()) if columns else ()
    # Whatever address stands beside one that is known only by words is not written to either.
    is_told = columns is not None and not columns.by_words
    is_first = True
    for row in rows:
        if is_told and (people or domains):
            found = _in_columns(row, people) or _in_columns(row, domains)
        else:
            found = _in_any_cell(row, may_be_header=is_first)
        is_first = is_first and not any(row.cells)
        yield found


def _in_columns(row: Row, wanted: Sequence[int]) -> list[str]:
    """Return the entries of a row, from columns that contain only entries."""
    found: list[str] = []
    for value in filter(None, map(_value, _cells(row.cells, wanted))):
        entries = _understood(value, row)
        if not entries:
            raise _unknown(row)
        found += entries
    return found


def _in_any_cell(row: Row, *, may_be_header: bool) -> list[str]:
    """Return the entries of a row with unknown columns: people, or else domains."""
    values = list(filter(None, map(_value, row.cells)))
    if not values or (
        values[0].startswith(_REMARK) and not any(_ANYBODY in each for each in values)
    ):
        return []
    entries = list(chain.from_iterable(_understood(value, row) for value in values))
    if not entries and not may_be_header:
        raise _unknown(row)
    people = [entry for entry in entries if not _is_plain_domain(entry, values)]
    return people or entries


def _is_plain_domain(entry: str, values: Sequence[str]) -> bool:
    """Whether an entry is a domain that is not marked as one, so perhaps only a company's name."""
    return _is_domain(entry) and not any(
        mark in value for value in values if entry[1:] in value for mark in "@*%^|"
    )


def _understood(value: str, row: Row) -> list[str]:
    """Return the entries of a cell, which may also contain remarks."""
    found = []
    for piece in _pieces(value):
        entry = _entry(piece)
        if entry:
            found.append(entry)
        elif _MEANT.search(piece):
            raise _unknown(row)
    return found


def _unknown(row: Row) -> UploadRejectedError:
    text = f"line {row.line} is not an e-mail address, domain or LinkedIn profile."
    return UploadRejectedError("bad_route", text[0].upper() + text[1:])


def _value(cell: str) -> str:
    value = cell_value(decoded(cell))
    return (value if value.isascii() else unicodedata.normalize("NFKC", value)).lower()


def _pieces(value: str) -> Iterator[str]:
    """Yield the parts of a cell that may be entries."""
    if "<" in value:
        address, others = split_emails(value)
        pieces: Iterable[str] = [address, *others]
    else:
        pieces = _BETWEEN.split(value)
    return filter(None, pieces)


def _is_domain(entry: str) -> bool:
    return entry.startswith(_ANYBODY)


def _entry(piece: str) -> str:
    """Return an entry in its stored form; empty if it is not an entry.

    Marks before an address are cut off as they are in an upload, so that both are the same.
    """
    value = piece.strip("'\"()[]").removeprefix("mailto:")
    value = value.removeprefix(_BLANK).removesuffix(_BLANK)
    if is_email(value) and _WILD.isdisjoint(value):
        return split_emails(value)[0]
    slug = profile_slug(value)
    if slug:
        return f"{_PROFILE}{slug.lower()}"
    if "linkedin.com/" in value:  # a company's page or Sales Navigator: not a domain to block
        return ""
    value = _SCHEME.sub("", value.removesuffix("$").replace("\\.", "."))
    anybody = _ANYBODY_AT.fullmatch(value)
    if anybody:
        return _domain(anybody[1])
    part = _PART_OF.fullmatch(value)
    if part and _ENDING.fullmatch(part[1]) and value.startswith((".", "*.", "%.", "||")):
        return f"{_ANYBODY}{part[1]}"
    address = _ADDRESS.fullmatch(part[1] if part else value)
    return _domain(address[1].removeprefix("*.")) if address else ""


def _domain(text: str) -> str:
    domain = text.removesuffix("^").removesuffix(".")
    return f"{_ANYBODY}{domain}" if is_email(f"anybody@{domain}") else ""
