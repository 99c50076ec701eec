"""Headers to fields: which column is which canonical field, and which export it is."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from listdrop.cells.formulas import unguarded
from listdrop.cells.headers import CANONICAL, fold
from listdrop.cells.names import Order
from listdrop.errors import UploadRejectedError
from listdrop.models.files import JOB, is_own_column
from listdrop.prospects.consent import Consent, find_consent
from listdrop.prospects.recognising import KnownHeaders, aliases, field_of, words

__all__ = ["Columns", "aliases", "known_headers", "map_columns"]

_ORDERS: Mapping[str, Order] = {
    "last_first": "last",
    "surnames_first": "surnames",
    "patronymic": "patronymic",
}


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column feeds what, by index. `fields` lists candidates in order of precedence.

    `links` are candidates for a profile address whose header does not say that it is LinkedIn's.
    `chosen` are columns that the route names: nothing else is decided of them. `orders` tells how
    the whole names of a column are written, where that is not the usual order, and `capitals`
    whose last names are in capitals; `is_decided` says that the values were looked at as well.
    `job` is the column in which rows of a result file name their job.
    """

    header: Sequence[str]
    fields: Mapping[str, tuple[int, ...]]
    custom: Sequence[tuple[int, str]]
    source: str
    consent: Consent
    links: frozenset[int]
    chosen: frozenset[int] = frozenset()
    orders: Mapping[int, Order] = field(default_factory=dict)
    capitals: frozenset[int] = frozenset()
    is_decided: bool = False
    job: int | None = None


def known_headers(overrides: Mapping[str, str | None]) -> Container[str]:
    """Folded names by which a header line is found: the aliases, and the route's own."""
    return KnownHeaders(frozenset(map(fold, overrides)))


def map_columns(header: Sequence[str], overrides: Mapping[str, str | None]) -> Columns:
    """Decide what each column feeds. The route's `columns` come before the aliases.

    Raises `UploadRejectedError` (`no_usable_column`) if no column is a canonical field.
    """
    wanted = {fold(name): target for name, target in overrides.items()}
    candidates: dict[str, list[tuple[float, int]]] = {}
    custom: list[tuple[int, str]] = []
    taken: set[str] = set()
    chosen: set[int] = set()
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
        if known := field_of(folded):
            candidates.setdefault(known[0], []).append((known[1], index))
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
        header=tuple(map(unguarded, header)),
        fields=fields,
        custom=tuple(custom),
        source=_source(header),
        consent=_consent(header, fields),
        job=next((i for i, name in enumerate(header) if name.strip().lower() == JOB), None),
        links=frozenset(
            index for index in fields.get("linkedin_url", ()) if not _says_linkedin(header[index])
        ),
        chosen=frozenset(chosen),
        orders={
            index: order
            for index in fields.get("full_name", ())
            for name, order in _ORDERS.items()
            if fold(header[index]) in words("names", name)
        },
    )


def _consent(header: Sequence[str], fields: Mapping[str, tuple[int, ...]]) -> Consent:
    """Find what says something about consent. Our own columns do not, whatever their words."""
    names = ["" if is_own_column(name) else unguarded(name) for name in header]
    return find_consent(names, fields.get("tags", ()))


def _says_linkedin(header: str) -> bool:
    folded = fold(header)
    is_short = folded.startswith(("liurl", "liprofile", "contactli"))
    return is_short or "linkedin" in folded or "领英" in folded


def _source(header: Sequence[str]) -> str:
    """Name the export that has these headers; empty if none is known."""
    present = {fold(name) for name in header}
    return next((name for name, wanted in _sources() if wanted <= present), "")


@cache
def _sources() -> Sequence[tuple[str, frozenset[str]]]:
    """Names of known exports, each with the folded headers that all have to be there."""
    return [(each["name"], frozenset(map(fold, each["all"]))) for each in aliases()["sources"]]
