"""Headers to fields: which column is which canonical field, and what a cell's value is."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Container, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import chain
from typing import Any

from listdrop.cells.emails import are_plain_emails, is_email, split_emails
from listdrop.cells.formulas import unguarded
from listdrop.cells.headers import CANONICAL, fold
from listdrop.cells.names import first_name_in, is_honorific, last_name_in, split_name
from listdrop.cells.phones import are_bare_numbers, bare_numbers, is_mangled_number, split_numbers
from listdrop.cells.profiles import profile_slug
from listdrop.cells.values import INVISIBLE, PLACEHOLDERS, cell_value
from listdrop.errors import UploadRejectedError
from listdrop.models import Prospect, Prospects
from listdrop.prospects.opt_outs import OptOuts, find_opt_outs

_NAMES = frozenset({"first_name", "last_name", "full_name"})
_ALWAYS = frozenset({"email", "linkedin_url"})
"""Fields that every plan notes, whoever is sent to: they find a person's rows again."""
_OWN_COLUMNS = frozenset(
    fold(f"listdrop_{name}") for name in ("row", "outcome", "reason", "provider_ref")
)
"""What Listdrop adds to result files, which are corrected and dropped again: nobody's data."""
_OTHER_EMAILS = "Other e-mails"
_OTHER_PHONES = "Other telephone numbers"


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column feeds what, by index. `fields` lists candidates in order of precedence.

    `links` are candidates for a profile address whose header does not say that it is LinkedIn's.
    """

    header: Sequence[str]
    fields: Mapping[str, tuple[int, ...]]
    custom: Sequence[tuple[int, str]]
    source: str
    opt_outs: OptOuts
    links: frozenset[int]


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
        if folded in _OWN_COLUMNS:
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


def cell_values(cells: Sequence[str], *, is_name: bool = False) -> Sequence[str]:
    """`cell_value` for a column: whether there is anything to take off is found for all at once."""
    different = set(cells)
    if len(different) * 4 < len(cells):
        known = {cell: cell_value(cell, is_name=is_name) for cell in different}
        return [known[cell] for cell in cells]
    values = list(map(str.strip, cells))
    text = "\0".join(values)
    if (
        PLACEHOLDERS.isdisjoint(values)
        and "'" not in text
        and ("=" not in text or '="' not in text)  # one letter is found a hundred times as fast
        and (text.isascii() or not any(map(text.__contains__, INVISIBLE)))
    ):
        return values
    known = {value: cell_value(value, is_name=is_name) for value in set(values)}
    return [known[value] for value in values]


@dataclass(frozen=True, slots=True)
class Mapped:
    """A block of rows, mapped: columns by canonical field, and others by their headers.

    `asked` are columns that feed a field, and that somebody wants by their own headers as well.
    `emails` are as in `Prospect`. `mangled` are the places of the rows that have no telephone, as
    theirs was left out; `opted_out` of those that say so themselves.
    """

    rows: int
    fields: Mapping[str, Sequence[str]]
    custom: Mapping[str, Sequence[str]]
    asked: Mapping[str, Sequence[str]]
    emails: Sequence[str | None]
    mangled: Set[int]
    opted_out: Set[int]

    def column(self, name: str) -> Sequence[str]:
        """Return the values of a canonical field, empty where it has none."""
        return self.fields.get(name) or [""] * self.rows

    def prospects(self, reads: Mapping[str, str] | None, asks_for: Set[str]) -> Prospects:
        """Return the rows as a provider wants them (see `Provider`)."""
        if reads is None:
            names = set(map(fold, asks_for))
            asked = {name: values for name, values in self.asked.items() if fold(name) in names}
            fields, custom = self.fields, {**self.custom, **asked}
        else:
            fields = {key: self.fields[name] for name, key in reads.items() if name in self.fields}
            named = ((name, self._named(name)) for name in asks_for)
            custom = {name: values for name, values in named if values is not None}
        return Prospects(fields, custom, self.emails)

    def _named(self, wanted: str) -> Sequence[str] | None:
        folded = fold(wanted)
        columns = chain(self.asked.items(), self.custom.items(), self.fields.items())
        return next((values for name, values in columns if fold(name) == folded), None)


class Mapper:
    """Maps blocks of rows, a column at a time: by row it takes three times as long.

    `reads` are the canonical fields that anybody wants, `None` for all of them and every other
    column; `asks_for` the names by which somebody wants a column, whatever it feeds.
    """

    def __init__(
        self, columns: Columns, reads: Set[str] | None = None, asks_for: Set[str] = frozenset()
    ) -> None:
        asked = {fold(name) for name in asks_for}
        wanted = None if reads is None else _ALWAYS | reads
        if wanted is not None:
            wanted |= {name for name in CANONICAL if fold(name) in asked}
            wanted |= _NAMES if wanted & _NAMES else set()
        asked -= set(map(fold, CANONICAL))
        self._columns = columns
        self._fields = [
            (name, indexes)
            for name, indexes in columns.fields.items()
            if wanted is None or name in wanted
        ]
        self._custom = [
            (index, name) for index, name in columns.custom if wanted is None or fold(name) in asked
        ]
        self._asked = {index for index, name in enumerate(columns.header) if fold(name) in asked}
        self._takes_all = wanted is None

    def map(self, rows: Sequence[Sequence[str]]) -> Mapped:
        """Map rows that are all as wide as the header."""
        cells = list(zip(*rows, strict=True))
        fields: dict[str, Sequence[str]] = {}
        custom = {name: cell_values(cells[index]) for index, name in self._custom}
        asked: dict[str, Sequence[str]] = {}
        mangled: set[int] = set()
        for name, indexes in self._fields:
            candidates = [cell_values(cells[each], is_name=name in _NAMES) for each in indexes]
            if name == "phone":
                silent = self._columns.opt_outs.not_to_call(cells)
                candidates = list(map(_bare, candidates))
                candidates = [_first_numbers(values, silent, custom) for values in candidates]
                candidates = [_callable(values, silent, mangled) for values in candidates]
            elif name == "linkedin_url":
                candidates = list(map(_unwrapped, candidates))
            chosen = fields[name] = self._chosen(name, indexes, candidates)
            if name == "phone":
                mangled = {place for place in mangled if not chosen[place]}
            for index, values in zip(indexes, candidates, strict=True):
                header = self._columns.header[index]
                if index in self._asked:
                    _add(asked, header, values)
                if self._takes_all and values != chosen:
                    _add(custom, header, _not_taken(values, chosen))
        emails = _tidy_emails(fields, custom) if "email" in fields else [""] * len(rows)
        _tidy_names(fields)
        opted_out = self._columns.opt_outs.out(cells)
        return Mapped(len(rows), fields, custom, asked, emails, mangled, opted_out)

    def _chosen(
        self, name: str, indexes: Sequence[int], candidates: list[Sequence[str]]
    ) -> Sequence[str]:
        """Choose row by row among the columns of a field: the first value that may be one."""
        links = self._columns.links
        if name == "linkedin_url" and (len(indexes) > 1 or links):
            return [
                _profile(zip(indexes, row, strict=True), links)
                for row in zip(*candidates, strict=True)
            ]
        if name == "email" and len(candidates) > 1:
            addresses = [_without(values, _is_exchange) for values in candidates]
            return _first_of([*addresses, *candidates])  # the latter for the check to refuse
        if name in _IS_NO:
            candidates = [_without(values, _IS_NO[name]) for values in candidates]
        return _first_of(candidates)


def _add(columns: dict[str, Sequence[str]], header: str, values: Sequence[str]) -> None:
    columns[header] = _first_of([columns[header], values]) if header in columns else values


def _not_taken(values: Sequence[str], chosen: Sequence[str]) -> Sequence[str]:
    """Leave of a column what the field that it feeds has from elsewhere."""
    pairs = zip(values, chosen, strict=True)
    return ["" if value == taken else value for value, taken in pairs]


def _bare(values: Sequence[str]) -> Sequence[str]:
    """Make bare numbers of a column's."""
    return values if are_bare_numbers("".join(values)) else list(map(bare_numbers, values))


def _unwrapped(values: Sequence[str]) -> Sequence[str]:
    """Take the addresses of a column out of `<…>`."""
    if "<" not in "".join(values):
        return values
    return [value.strip("<> ") if value.startswith("<") else value for value in values]


def _first_numbers(
    values: Sequence[str], silent: Set[int], custom: dict[str, Sequence[str]]
) -> Sequence[str]:
    """Make one telephone number of each cell; keep the others as custom, of who may be called."""
    if ":" not in "".join(values) or not any(":::" in value for value in values):
        return values
    split = [split_numbers(value) if ":::" in value else (value, []) for value in values]
    others = ["; ".join(more) for _, more in split]
    earlier = custom.get(_OTHER_PHONES, [""] * len(values))
    custom[_OTHER_PHONES] = _emptied(_joined(earlier, others), silent)
    return [first for first, _ in split]


def _joined(some: Sequence[str], more: Sequence[str]) -> list[str]:
    pairs = zip(some, more, strict=True)
    return ["; ".join(filter(None, pair)) for pair in pairs]


def _callable(values: Sequence[str], silent: Set[int], mangled: set[int]) -> Sequence[str]:
    """Leave out the numbers of who is not to be called, and those that no longer are numbers.

    Adds the places of the latter to `mangled`.
    """
    if silent:
        values = _emptied(values, silent)
    text = "".join(values)
    if "e" not in text and "E" not in text:  # letters that no telephone number has
        return values
    wrong = {value for value in values if is_mangled_number(value)}
    if not wrong:
        return values
    mangled.update(place for place, value in enumerate(values) if value in wrong)
    return ["" if value in wrong else value for value in values]


def _without(values: Sequence[str], is_no: Callable[[str], bool]) -> Sequence[str]:
    """Empty the values that a field cannot have."""
    wrong = {value for value in set(values) if is_no(value)}
    return ["" if value in wrong else value for value in values] if wrong else values


def _is_profile(value: str) -> bool:
    return "linkedin." in value


def _is_exchange(value: str) -> bool:
    """Whether it is how Outlook calls a colleague, who may have an address in another column."""
    return value.startswith(("/o=", "/O="))


_IS_NO: dict[str, Callable[[str], bool]] = {"job_title": is_honorific, "website": _is_profile}


def _emptied(values: Sequence[str], places: Set[int]) -> Sequence[str]:
    return ["" if place in places else value for place, value in enumerate(values)]


def _first_of(candidates: Sequence[Sequence[str]]) -> Sequence[str]:
    """Return the first value that is not empty, row by row."""
    first, *others = candidates
    for values in others:
        first = [one or other for one, other in zip(first, values, strict=True)]
    return first


def _tidy_emails(
    fields: dict[str, Sequence[str]], custom: dict[str, Sequence[str]]
) -> Sequence[str | None]:
    """Make one address of each e-mail cell; return them, `None` for what is not a valid one."""
    values = fields["email"]
    is_plain = are_plain_emails(values)
    if all(is_plain):
        return values
    first, emails, others = list(values), list[str | None](values), [""] * len(values)
    for place in [place for place, matched in enumerate(is_plain) if not matched]:
        if values[place].startswith("'") or (values[place] and not is_email(values[place])):
            address, more = split_emails(values[place])
            first[place], others[place] = address, "; ".join(more)
            emails[place] = address if address != values[place] else None
    fields["email"] = first
    if any(others):
        custom[_OTHER_EMAILS] = others
    return emails


def _tidy_names(fields: dict[str, Sequence[str]]) -> None:
    """Find first and last names in whole ones, where they are not given."""
    whole = fields.get("full_name")
    if whole is None:
        return
    empty = [""] * len(whole)
    first, last = list(fields.get("first_name", empty)), list(fields.get("last_name", empty))
    for place, name in enumerate(whole):
        if not name or (first[place] and last[place]):
            continue
        if last[place]:
            first[place] = first_name_in(name, last[place])
        elif first[place]:
            last[place] = last_name_in(name, first[place])
        else:
            first[place], last[place] = split_name(name)
    fields["first_name"], fields["last_name"] = first, last


def prospect_of(cells: Sequence[str], columns: Columns) -> Prospect:
    """Turn one row into a prospect with all that it has; for many, keep a `Mapper`."""
    (prospect,) = Mapper(columns).map([cells]).prospects(None, frozenset())
    return prospect


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
