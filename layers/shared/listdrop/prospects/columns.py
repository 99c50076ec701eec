"""Headers to fields: which column is which canonical field, and which export it is."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from listdrop.cells.formulas import unguarded
from listdrop.cells.headers import CANONICAL, fold
from listdrop.errors import UploadRejectedError
from listdrop.models.files import JOB, is_own_column
from listdrop.prospects.opt_outs import OptOuts, find_opt_outs


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column feeds what, by index. `fields` lists candidates in order of precedence.

    `links` are candidates for a profile address whose header does not say that it is LinkedIn's.
    `job` is the column in which rows of a result file name their job.
    """

    header: Sequence[str]
    fields: Mapping[str, tuple[int, ...]]
    custom: Sequence[tuple[int, str]]
    source: str
    opt_outs: OptOuts
    links: frozenset[int]
    job: int | None = None


@cache
def aliases() -> dict[str, Any]:
    """Return the published alias table, `aliases.toml`."""
    return tomllib.loads(files("listdrop.prospects").joinpath("aliases.toml").read_text("utf-8"))


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
    return _aliased() | {fold(header) for header in overrides}


@cache
def _aliased() -> frozenset[str]:
    return frozenset(_ranks())


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
        if is_own_column(name):
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
        header=tuple(map(unguarded, header)),
        fields=fields,
        custom=tuple(custom),
        source=_source(header),
        job=next((i for i, name in enumerate(header) if name.strip().lower() == JOB), None),
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
    return next((name for name, wanted in _sources() if wanted <= present), "")


@cache
def _sources() -> Sequence[tuple[str, frozenset[str]]]:
    """Names of known exports, each with the folded headers that all have to be there."""
    return [(each["name"], frozenset(map(fold, each["all"]))) for each in aliases()["sources"]]
