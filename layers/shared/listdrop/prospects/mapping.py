"""Cells to fields: blocks of rows, a column at a time."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import chain

from listdrop.cells.emails import are_plain_emails, is_email, split_emails
from listdrop.cells.headers import CANONICAL, fold
from listdrop.cells.names import first_name_in, is_honorific, last_name_in, split_name
from listdrop.cells.phones import are_bare_numbers, bare_numbers, is_mangled_number, split_numbers
from listdrop.cells.profiles import profile_slug
from listdrop.cells.values import INVISIBLE, PLACEHOLDERS, cell_value
from listdrop.models import Prospects
from listdrop.prospects.columns import Columns
from listdrop.prospects.consent import Answers

_NAMES = frozenset({"first_name", "last_name", "full_name"})
_ALWAYS = frozenset({"email", "linkedin_url"})
"""Fields that every plan notes, whoever is sent to: they find a person's rows again."""
_OTHER_EMAILS = "Other e-mails"
_OTHER_PHONES = "Other telephone numbers"


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
    theirs was left out; `answers` are what the rows say about consent.
    """

    rows: int
    fields: Mapping[str, Sequence[str]]
    custom: Mapping[str, Sequence[str]]
    asked: Mapping[str, Sequence[str]]
    emails: Sequence[str | None]
    mangled: Set[int]
    answers: Answers

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
        answers = self._columns.consent.answers(cells)
        for name, indexes in self._fields:
            candidates = [cell_values(cells[each], is_name=name in _NAMES) for each in indexes]
            if name == "phone":
                silent = answers.silent
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
        return Mapped(len(rows), fields, custom, asked, emails, mangled, answers)

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
