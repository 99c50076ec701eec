"""Headers to fields: which column is which canonical field, and what a cell's value is."""

from __future__ import annotations

import tomllib
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from listdrop.checking import is_email, profile_slug
from listdrop.errors import UploadRejectedError
from listdrop.formulas import unguarded
from listdrop.headers import CANONICAL, fold
from listdrop.models import Prospect
from listdrop.opt_outs import OptOuts, find_opt_outs
from listdrop.reading import Row
from listdrop.values import is_honorific, is_mangled_number, last_name_in, split_emails, split_name

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_PLACEHOLDERS = frozenset(
    {
        "n/a", "na", "n.a.", "null", "none", "nil", "nan", "-", "--", "\u2013", "\u2014", "?", ".",
        "#n/a", "(none)", "(blank)", "(empty)", "undefined", "unknown", "not available",
        "not provided", "[not provided]", "#ref!", "#value!", "#name?",
    }
)  # fmt: skip
_MOST_REMEMBERED = 20_000
_NAMES = frozenset({"first_name", "last_name", "full_name"})
_LONGEST_PLACEHOLDER = max(map(len, _PLACEHOLDERS))


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column feeds what, by index. `fields` lists candidates in order of precedence.

    `links` are candidates for a profile address whose header does not say that it is LinkedIn's.
    """

    width: int
    fields: Mapping[str, tuple[int, ...]]
    custom: Sequence[tuple[int, str]]
    source: str
    opt_outs: OptOuts
    links: frozenset[int]


@cache
def aliases() -> dict[str, Any]:
    """Return the published alias table, `aliases.toml`."""
    return tomllib.loads(files("listdrop").joinpath("aliases.toml").read_text("utf-8"))


@cache
def _ranks() -> dict[str, tuple[str, int]]:
    """Folded header to canonical field and rank. The first field that lists a header has it."""
    ranks: dict[str, tuple[str, int]] = {}
    for name in CANONICAL:
        for rank, alias in enumerate((*aliases()["fields"][name], name)):
            ranks.setdefault(fold(alias), (name, rank))
    return ranks


def known_headers(overrides: Mapping[str, str | None]) -> frozenset[str]:
    """Folded names by which a header line is found: the aliases, and the route's own."""
    return frozenset(_ranks()) | {fold(header) for header in overrides}


def map_columns(header: Sequence[str], overrides: Mapping[str, str | None]) -> Columns:
    """Decide what each column feeds. The route's `columns` come before the aliases.

    Raises `UploadRejectedError` (`no_usable_column`) if no column is a canonical field.
    """
    ranks = _ranks()
    chosen = {fold(name): target for name, target in overrides.items()}
    candidates: dict[str, list[tuple[int, int]]] = {}
    custom: list[tuple[int, str]] = []
    taken: set[str] = set()
    for index, cell in enumerate(header):
        name = unguarded(cell)
        folded = fold(name)
        if not folded:
            continue
        if folded in chosen:
            target = chosen[folded]
            if target in CANONICAL:
                candidates.setdefault(str(target), []).append((-1, index))
            elif target:
                custom.append((index, target))
            continue
        if folded in ranks:
            field, rank = ranks[folded]
            candidates.setdefault(field, []).append((rank, index))
            continue
        if name not in taken:
            taken.add(name)
            custom.append((index, name))
    if not candidates:
        raise UploadRejectedError(
            "no_usable_column",
            "No column is one that Listdrop knows. Name them in the route's `columns`.",
        )
    fields = {
        name: tuple(index for _, index in sorted(candidates[name]))
        for name in CANONICAL
        if name in candidates
    }
    return Columns(
        width=len(header),
        fields=fields,
        custom=tuple(custom),
        source=_source(header),
        opt_outs=find_opt_outs(header),
        links=frozenset(
            index
            for index in fields.get("linkedin_url", ())
            if not fold(header[index]).startswith("li") and "linkedin" not in fold(header[index])
        ),
    )


def _source(header: Sequence[str]) -> str:
    """Name the export that has these headers; empty if none is known."""
    present = {fold(name) for name in header}
    for source in aliases()["sources"]:
        if present.issuperset(map(fold, source["all"])):
            return str(source["name"])
    return ""


def cell_value(cell: str, *, is_name: bool = False) -> str:
    """What a cell says: trimmed of visible and invisible space, placeholders and guards taken off.

    In a name, a placeholder of letters alone is none: people are called Na and Null.
    """
    if not cell.isascii():
        cell = cell.translate(_INVISIBLE)
    value = unguarded(cell.strip())
    if len(value) <= _LONGEST_PLACEHOLDER and value.lower() in _PLACEHOLDERS:
        return value if is_name and value.isalpha() else ""
    return value


class _Cleaned(dict[str, str]):
    """Values of cells seen before: most columns repeat few of them. Bounded."""

    def __init__(self, *, is_name: bool) -> None:
        super().__init__()
        self._is_name = is_name

    def __missing__(self, cell: str) -> str:
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        value = self[cell] = cell_value(cell, is_name=self._is_name)
        return value


class Mapper:
    """Turns the rows of one table into prospects."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._values = _Cleaned(is_name=False)
        self._names = _Cleaned(is_name=True)
        chosen = columns.fields
        several = {name for name, indexes in chosen.items() if len(indexes) > 1}
        several |= {"job_title", "website"}
        if columns.links:
            several.add("linkedin_url")
        self._single = [
            (name, indexes[0], self._names if name in _NAMES else self._values)
            for name, indexes in chosen.items()
            if name not in several
        ]
        self._several = [(name, chosen[name]) for name in chosen if name in several]
        self._keeps_phones = not columns.opt_outs.phones

    def prospect(self, row: int, line: int, cells: Sequence[str]) -> Prospect:
        """Return canonical fields and custom ones, empty values left out."""
        fields = {}
        for name, index, cleaned in self._single:
            value = cleaned[cells[index]]
            if value:
                fields[name] = value
        for name, indexes in self._several:
            value = self._first(name, indexes, cells)
            if value:
                fields[name] = value
        values = self._values
        custom = {}
        for index, name in self._columns.custom:
            value = values[cells[index]]
            if value:
                custom[name] = value
        self._tidy(fields, custom, cells)
        return Prospect(row, line, fields, custom)

    def _first(self, name: str, indexes: Sequence[int], cells: Sequence[str]) -> str:
        """Choose among several columns for a field, as the field wants it."""
        cleaned = self._names if name in _NAMES else self._values
        values = (cleaned[cells[index]] for index in indexes)
        if name == "linkedin_url":
            return _profile(zip(indexes, values, strict=True), self._columns.links)
        if name == "website":
            return next((value for value in values if value and "linkedin." not in value), "")
        if name == "job_title":
            return next((value for value in values if value and not is_honorific(value)), "")
        return next(filter(None, values), "")

    def _tidy(self, fields: dict[str, str], custom: dict[str, str], cells: Sequence[str]) -> None:
        """Make one address of an e-mail cell, split a whole name, drop what is no telephone."""
        email = fields.get("email")
        if email and not is_email(email):
            fields["email"], others = split_emails(email)
            if others:
                custom["Other e-mails"] = "; ".join(others)
        whole = fields.get("full_name")
        if whole and "first_name" not in fields and "last_name" not in fields:
            names = zip(("first_name", "last_name"), split_name(whole), strict=True)
            fields.update((name, value) for name, value in names if value)
        elif whole and "first_name" in fields and "last_name" not in fields:
            last = last_name_in(whole, fields["first_name"])
            if last:
                fields["last_name"] = last
        phone = fields.get("phone")
        if phone and (
            is_mangled_number(phone)
            or not (self._keeps_phones or self._columns.opt_outs.keeps_phone(cells))
        ):
            del fields["phone"]


def prospect_of(row: Row, columns: Columns) -> Prospect:
    """Turn one row into a prospect; for many, keep a `Mapper`."""
    return Mapper(columns).prospect(row.row, row.line, row.cells)


def _profile(candidates: Iterable[tuple[int, str]], links: Container[int]) -> str:
    """Choose a profile's address: the first public one, else what a LinkedIn column has.

    A plain "URL" may be anything, and so counts only if it is one.
    """
    fallback = ""
    for index, value in candidates:
        if value and profile_slug(value):
            return value
        if index not in links or "linkedin." in value:
            fallback = fallback or value
    return fallback
