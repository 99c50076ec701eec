"""Maps columns to canonical fields by their headers, and recognises exports."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cache

from listdrop.cells.formulas import unguarded
from listdrop.cells.headers import CANONICAL, fold
from listdrop.cells.names import Order
from listdrop.errors import UploadRejectedError
from listdrop.models.files import JOB, is_own_column
from listdrop.prospects.addresses import address_columns
from listdrop.prospects.consent import Consent, find_consent
from listdrop.prospects.consent_columns import NOT_OF_CONSENT, Kind
from listdrop.prospects.phrases import words as parts_of
from listdrop.prospects.recognising import (
    aliases,
    field_beside,
    field_of,
    order_of_parts,
    ranks,
    words,
)
from listdrop.prospects.second_people import of_others
from listdrop.prospects.vocabulary import has
from listdrop.tables.heading import NO_COLUMN_IS_KNOWN

__all__ = ["Columns", "aliases", "map_columns"]

_ORDERS: Mapping[str, Order] = {
    "last_first": "last",
    "surnames_first": "surnames",
    "patronymic": "patronymic",
}


@dataclass(frozen=True, slots=True)
class Columns:
    """The field that each column fills, by index. `fields` has candidates in order of precedence.

    - `by_words`: columns of e-mail addresses whose headers are no alias, but words for them.
    - `links`: candidates for a profile whose header does not mention LinkedIn.
    - `chosen`: columns that the route names; nothing else is decided about them.
    - `particles`, `second`: columns of particles before the last names, and of second last names.
    - `orders`: the order of full names in a column, if it is not the usual one.
    - `capitals`: columns of full names whose last names are in capitals.
    - `is_decided`: the values were examined too, not only the headers.
    - `job`: the column in which rows of a result file name their job.
    """

    header: Sequence[str]
    fields: Mapping[str, tuple[int, ...]]
    custom: Sequence[tuple[int, str]]
    source: str
    consent: Consent
    links: frozenset[int]
    chosen: frozenset[int] = frozenset()
    particles: int | None = None
    second: int | None = None
    orders: Mapping[int, Order] = field(default_factory=dict)
    capitals: frozenset[int] = frozenset()
    is_decided: bool = False
    job: int | None = None
    by_words: frozenset[int] = frozenset()


def map_columns(header: Sequence[str], overrides: Mapping[str, str | None]) -> Columns:
    """Decide the field of each column. The route's `columns` come before the aliases.

    Raises `UploadRejectedError` (`no_usable_column`) if no column is a canonical field.
    """
    wanted = {fold(name): target for name, target in overrides.items()}
    candidates: dict[str, list[tuple[float, int]]] = {}
    custom: list[tuple[int, str]] = []
    taken: set[str] = set()
    chosen: set[int] = set()
    present = frozenset(map(fold, header))
    for index, cell in enumerate(header):
        name = unguarded(cell)
        folded = fold(name)
        if not folded:
            continue
        if folded in wanted:
            chosen.add(index)
            target = wanted[folded]
            if target in CANONICAL:
                candidates.setdefault(str(target), []).append((-1, index))
            elif target:
                custom.append((index, target))
            continue
        if is_own_column(name):
            continue
        if known := field_of(folded) or field_beside(name, present):
            candidates.setdefault(known[0], []).append((known[1], index))
            continue
        if name not in taken:
            taken.add(name)
            custom.append((index, name))
    by_words = [] if "email" in candidates else _addresses(header, custom, candidates, chosen)
    if by_words:
        candidates["email"] = [(float(rank), index) for rank, index in enumerate(by_words)]
        custom = [each for each in custom if each[0] not in by_words]
    if not candidates:
        raise UploadRejectedError("no_usable_column", NO_COLUMN_IS_KNOWN)
    others = of_others(_folded(header), candidates)
    custom = _with_others(header, custom, others)
    fields = {
        name: indexes
        for name in CANONICAL
        if (indexes := tuple(i for _, i in sorted(candidates.get(name, ())) if i not in others))
    }
    return Columns(
        header=tuple(map(unguarded, header)),
        fields=fields,
        custom=tuple(custom),
        source=_source(header),
        consent=_consent(header, fields, by_words),
        job=max((i for i, name in enumerate(header) if name.strip().lower() == JOB), default=None),
        links=frozenset(
            index for index in fields.get("linkedin_url", ()) if not _says_linkedin(header[index])
        ),
        chosen=frozenset(chosen),
        particles=_named(custom, "particles"),
        second=_named(custom, "second"),
        orders=_orders(header, fields.get("full_name", ())),
        by_words=frozenset(by_words),
    )


def _folded(header: Sequence[str]) -> list[str]:
    return [fold(unguarded(cell)) for cell in header]


def _addresses(
    header: Sequence[str],
    custom: Sequence[tuple[int, str]],
    known: Container[str],
    chosen: Container[int],
) -> list[int]:
    """Return the columns of e-mail addresses among those that no alias knows, in a file without."""
    open_ones = {index: name for index, name in custom if index not in chosen}
    is_named = any(name in known for name in ("full_name", "first_name", "last_name"))
    return address_columns(open_ones, _folded(header), is_named=is_named)


def _with_others(
    header: Sequence[str], custom: list[tuple[int, str]], others: Set[int]
) -> list[tuple[int, str]]:
    """Return the custom columns together with those that are other people's.

    A header that stands twice is called by a number the second time.
    """
    found = list(custom)
    taken = {name for _, name in custom}
    present = _folded(header)
    for index in sorted(others):
        name = unguarded(header[index])
        name = f"{name} 2" if present.index(fold(name)) < index else name
        if name not in taken:
            taken.add(name)
            found.append((index, name))
    return sorted(found) if others else custom


def _named(custom: Sequence[tuple[int, str]], listed: str) -> int | None:
    """Return the first column whose header is in a list of `names`."""
    return next((index for index, name in custom if fold(name) in words("names", listed)), None)


def _orders(header: Sequence[str], indexes: Sequence[int]) -> dict[int, Order]:
    """Return the order of the full names in these columns, if their headers tell it."""
    found: dict[int, Order] = {}
    for index in indexes:
        folded = fold(unguarded(header[index]))
        listed = (name for name in _ORDERS if folded in words("names", name))
        by_parts = "" if folded in ranks() else order_of_parts(folded)
        name = next(listed, by_parts)
        if name in _ORDERS:
            found[index] = _ORDERS[name]
    return found


def _consent(
    header: Sequence[str], fields: Mapping[str, tuple[int, ...]], by_words: Sequence[int]
) -> Consent:
    """Find the columns about consent. Known aliases and Listdrop's own columns never are.

    A header that is known only `by_words`, such as `E-Mail-Kontakt`, may still ask for consent.
    """
    filled = {index for indexes in fields.values() for index in indexes}
    names = list(map(unguarded, header))
    is_known = [is_own_column(name) or field_of(fold(name)) is not None for name in names]
    told = {*fields.get(_NOTES, ()), *by_words}
    others = [i for i, known in enumerate(is_known) if i in told or not (known or i in filled)]
    asked = ["" if known else name for known, name in zip(is_known, names, strict=True)]
    kinds = {index: kind for name, kind in _NAMING.items() for index in fields.get(name, ())}
    found = find_consent(asked, fields.get("tags", ()), others, kinds)
    emails = fields.get("email", ())
    return Consent(
        {
            index: column._replace(unless=_preferred(names, emails, index, found))
            if column.kind in (Kind.BOUNCE, Kind.STATUS, Kind.VALID)
            else column
            for index, column in found.columns.items()
        }
    )


_NOTES = "notes"
"""The field with cells that may be nothing but a no."""
_NAMING: Mapping[str, Kind] = dict.fromkeys(
    ("company", "job_title", "website", "city", "country", "location"), Kind.NAMES
) | {"phone": Kind.NUMBERS}
"""Fields of which a cell may be a no, or a name that is the same word."""


def _preferred(
    names: Sequence[str], emails: Sequence[int], index: int, found: Consent
) -> tuple[int, ...]:
    """Return the columns of addresses that are preferred to the one that a column is about."""
    said = parts_of(names[index])
    about = [
        (len(parts), -other)
        for other, name in enumerate(names)
        if other in emails or (has("email", parts_of(name)) and _may_be_address(found, other))
        if (parts := parts_of(name)) and _contains(said, parts)
    ]
    if not about:
        return ()
    other = -max(about)[1]
    return tuple(emails[: emails.index(other)] if other in emails else emails)


def _may_be_address(found: Consent, index: int) -> bool:
    column = found.columns.get(index)
    return column is None or column.kind in NOT_OF_CONSENT


def _contains(text: Sequence[str], part: Sequence[str]) -> bool:
    return any(
        text[place : place + len(part)] == part for place in range(len(text) - len(part) + 1)
    )


def _says_linkedin(header: str) -> bool:
    folded = fold(header)
    is_short = folded.startswith(("liurl", "liprofile", "contactli"))
    return is_short or "linkedin" in folded or "领英" in folded


def _source(header: Sequence[str]) -> str:
    """Return the name of the export with these headers; empty if it is unknown."""
    present = {fold(name) for name in header}
    return next((name for name, wanted in _sources() if wanted <= present), "")


@cache
def _sources() -> Sequence[tuple[str, frozenset[str]]]:
    """Return the names of known exports, each with the folded headers that it must have."""
    return [(each["name"], frozenset(map(fold, each["all"]))) for each in aliases()["sources"]]
