"""Headers: which canonical field a header names, by the published aliases and a few rules."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from listdrop.cells.headers import CANONICAL, fold

_SEPARATORS = re.compile(r"[/>»→.]+|::?|\[\d*\]")
_BRACKETS = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_INDEX = re.compile(r"\d+|primary|value|values?\d*")
_LATER = 0.5
"""How much a header by rule comes after the alias that it is like."""


@cache
def aliases() -> dict[str, Any]:
    """Return the published table, `aliases.toml`."""
    return tomllib.loads(files("listdrop.prospects").joinpath("aliases.toml").read_text("utf-8"))


@cache
def words(*path: str) -> frozenset[str]:
    """Return a list of the table, folded."""
    found: Any = aliases()
    for name in path:
        found = found[name]
    return frozenset(map(fold, found))


@cache
def ranks() -> Mapping[str, tuple[str, float]]:
    """Folded header to canonical field and rank. The first field that lists a header has it."""
    found: dict[str, tuple[str, float]] = {}
    for name in CANONICAL:
        for rank, alias in enumerate((*aliases()["fields"][name], name)):
            found.setdefault(fold(alias), (name, rank))
    return found


@lru_cache(maxsize=4096)
def field_of(folded: str) -> tuple[str, float] | None:
    """Return the field that a folded header names, and its rank among those of that field.

    By an alias, or by one inside a path ("Emails / Primary Email") or beside an enrichment tool
    ("(Lusha) Work email").
    """
    if known := ranks().get(folded):
        return known
    for inner in filter(None, (_without_brackets(folded), _of_path(folded))):
        if known := ranks().get(inner) or _company_field(inner):
            return known[0], known[1] + _LATER
    return None


def _without_brackets(folded: str) -> str:
    """Take off the tool that a header is from, or that it is required; empty if it has neither."""
    harmless = words("tools", "names") | words("tools", "harmless")
    found = _BRACKETS.search(folded)
    if found is None or fold(found[1]) not in harmless:
        return ""
    rest = fold(folded[: found.start()] + folded[found.end() :])
    return _without_brackets(rest) or rest


def _company_field(inner: str) -> tuple[str, float] | None:
    """Return the field of a mark that `_of_path` made, such as `@company`."""
    name = inner.removeprefix("@")
    return (name, float(len(ranks()))) if name != inner else None


def _of_path(folded: str) -> str:
    """Return the alias that a path stands for, or `@` and a field; empty if it is none."""
    parts = [fold(part) for part in _SEPARATORS.split(folded)]
    parts = [part for part in parts if part and not part.isdecimal()]
    if len(parts) < 2:
        return ""
    *before, last = parts
    neutral, company = words("paths", "neutral"), words("paths", "company")
    if company.intersection(before):
        if not set(before) <= company | neutral:
            return ""
        return next((f"@{field}" for name, field in _company_fields() if name == last), "")
    if not set(before) <= neutral:
        return ""
    if "linkedin" in before and last in words("paths", "linkedin"):
        return "linkedinurl"
    return last if last in ranks() else _of_value(before[-1], last)


def _of_value(kind: str, last: str) -> str:
    """Return the alias of "Emails / Value": what is said of it names no field, but it does."""
    return kind if _INDEX.fullmatch(last) and kind in ranks() else ""


@cache
def _company_fields() -> tuple[tuple[str, str], ...]:
    found = aliases()["paths"]["company_fields"]
    return tuple((fold(name), field) for name, field in found.items())


class KnownHeaders:
    """Folded names by which a header line is found: what `field_of` knows, and a route's own."""

    def __init__(self, own: frozenset[str]) -> None:
        self._own = own

    def __contains__(self, folded: object) -> bool:
        return folded in self._own or (isinstance(folded, str) and field_of(folded) is not None)
