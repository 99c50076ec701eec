"""Maps cells to fields: blocks of rows, column by column."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence, Set
from itertools import chain
from typing import NamedTuple

from listdrop.cells.emails import is_bare_email, odd_emails, split_emails
from listdrop.cells.headers import CANONICAL, fold
from listdrop.cells.phones import are_plain_numbers, is_plain_column, split_numbers
from listdrop.cells.profiles import is_member_id, profile_slug, tidy_profiles, usual_slugs
from listdrop.cells.titles import is_honorific
from listdrop.models import People, Prospects
from listdrop.prospects.beside import in_use, said_beside, said_beside_profile
from listdrop.prospects.cleaning import Values
from listdrop.prospects.columns import Columns
from listdrop.prospects.consent import Answers, Verdict
from listdrop.prospects.deciding import decided
from listdrop.prospects.persons import Namer, Once
from listdrop.tables.even_rows import columns_of

_NAMES = frozenset({"first_name", "last_name", "full_name"})
_WORDS = frozenset({"company", "job_title", "city", "country", "location"})
_ALWAYS = frozenset({"email", "linkedin_url"})
"""Fields that every plan keeps, for any provider, to find a person's rows again."""
_OTHER_EMAILS = "Other e-mails"
_OTHER_PHONES = "Other telephone numbers"


class Mapped(NamedTuple):
    """A mapped block of rows: columns by canonical field, and others by header.

    `asked` are columns that fill a field, and that a provider also asks for by header. `emails` are
    as in `Prospect`, and `without_email` as in `Prospects`; `people` is what they and the profiles
    name, for all destinations. `left_out` are the positions of rows whose telephone value is not a
    number, and was left out. `answers` is what the rows say about consent.
    """

    rows: int
    fields: Mapping[str, Sequence[str]]
    custom: Mapping[str, Sequence[str]]
    asked: Mapping[str, Sequence[str]]
    emails: Sequence[str | None]
    without_email: Sequence[int] | None
    people: People
    left_out: Set[int]
    answers: Answers

    def column(self, name: str) -> Sequence[str]:
        """Return the values of a canonical field; empty texts if there is no such column."""
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
        return Prospects(fields, custom, self.emails, self.people, self.without_email)

    def _named(self, wanted: str) -> Sequence[str] | None:
        folded = fold(wanted)
        columns = chain(self.asked.items(), self.custom.items(), self.fields.items())
        return next((values for name, values in columns if fold(name) == folded), None)


class Mapper:
    """Maps blocks of rows column by column; row by row would take three times as long.

    `reads` are the canonical fields that any provider reads; `None`: all of them, and every other
    column. `asks_for` are the names by which any provider asks for a column, also if it fills a
    field.
    """

    def __init__(
        self, columns: Columns, reads: Set[str] | None = None, asks_for: Set[str] = frozenset()
    ) -> None:
        self._reads = reads
        self._asked_names = {fold(name) for name in asks_for}
        self._split = Once(split_numbers)
        self._values, self._texts = Values(), Values(is_text=True)
        self._names = Values(is_name=True, is_text=True)
        self._columns = columns
        if columns.is_decided:
            self._start(columns)

    def _start(self, columns: Columns) -> None:
        asked = self._asked_names
        wanted = None if self._reads is None else _ALWAYS | self._reads
        if wanted is not None:
            wanted |= {name for name in CANONICAL if fold(name) in asked}
            wanted |= _NAMES if wanted & _NAMES else set()
        asked = asked - set(map(fold, CANONICAL))
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
        self._namer = Namer(columns)

    def map(self, rows: Sequence[Sequence[str]]) -> Mapped:
        """Map rows that are all as wide as the header.

        If it is not decided yet, the first rows decide what the columns of names contain.
        """
        if not self._columns.is_decided:
            self._start(decided(self._columns, rows))
        cells = columns_of(rows)
        fields: dict[str, Sequence[str]] = {}
        custom = {name: self._values.of(cells[index]) for index, name in self._custom}
        asked: dict[str, Sequence[str]] = {}
        left_out: set[int] = set()
        nothing = [""] * len(rows)
        slugs: Sequence[str] = nothing
        odd: Sequence[int] | None = None
        answers = self._columns.consent.answers(cells)
        names: dict[str, list[Sequence[str]]] = {}
        for name, indexes in self._fields:
            columns = [cells[index] for index in indexes]
            if name == "linkedin_url":
                chosen, slugs, candidates = self._profiles(indexes, columns)
                for index, column, values in zip(indexes, columns, candidates, strict=True):
                    # Where all cells are of the usual form, they are the values.
                    if values is not column and (said := _beside_profiles(column)):
                        answers = answers.beside(index, said)
            else:
                if name == "email":
                    candidates, odd = self._addresses(columns)
                elif name == "phone":
                    silent = answers.silent
                    candidates = [
                        self._numbers(column, silent, custom, left_out) for column in columns
                    ]
                else:
                    candidates = list(map(self._reading(name).of, columns))
                chosen = self._chosen(name, indexes, candidates)
            fields[name] = chosen
            if name in _NAMES:
                names[name] = candidates
            self._keep(indexes, candidates, chosen, custom, asked)
        left_out = {place for place in left_out if not fields["phone"][place]}
        written = [column for name, found in names.items() for column in (fields[name], *found)]
        self._namer.tidy(fields, names, cells)
        emails: Sequence[str | None] = nothing
        without: Sequence[int] | None = None
        if "email" in fields:
            emails, without, beside = _tidy_emails(fields, custom, odd)
            if beside:
                answers = answers.beside(self._columns.fields["email"][0], beside)
        # A row that names nobody otherwise may be a line that divides the rows.
        refusing = self._namer.refusing(written)
        answers = answers.with_out({each for each in refusing if emails[each] or slugs[each]})
        people = People(lowered(fields.get("email", nothing)), slugs, lowered(slugs))
        return Mapped(len(rows), fields, custom, asked, emails, without, people, left_out, answers)

    def _reading(self, name: str) -> Values:
        if name in _NAMES:
            return self._names
        return self._texts if name in _WORDS else self._values

    def _keep(
        self,
        indexes: Sequence[int],
        candidates: Sequence[Sequence[str]],
        chosen: Sequence[str],
        custom: dict[str, Sequence[str]],
        asked: dict[str, Sequence[str]],
    ) -> None:
        """Keep columns that are asked for by header too, and values that a field did not take."""
        for index, values in zip(indexes, candidates, strict=True):
            header = self._columns.header[index]
            if index in self._asked:
                _add(asked, header, values)
            if self._takes_all and values is not chosen and values != chosen:
                _add(custom, header, _not_taken(values, chosen))

    def _profiles(
        self, indexes: Sequence[int], columns: Sequence[Sequence[str]]
    ) -> tuple[Sequence[str], Sequence[str], list[Sequence[str]]]:
        """Return the profiles that are chosen, the slug of each, and all that there are."""
        found = list(map(self._with_slugs, columns))
        candidates = [texts for texts, _ in found]
        chosen = self._chosen("linkedin_url", indexes, candidates)
        first, slugs = found[0]
        return chosen, slugs if chosen is first else tidy_profiles(chosen)[1], candidates

    def _addresses(
        self, columns: Sequence[Sequence[str]]
    ) -> tuple[list[Sequence[str]], Sequence[int] | None]:
        """Return the values of columns of addresses: what is certainly one needs no change.

        The places that are odd nevertheless are `None` where it depends on which column is chosen.
        """
        changed = list(map(odd_emails, columns))
        candidates = list(map(self._values.of_some, columns, changed))
        if len(columns) > 1:
            return candidates, None
        (values,), (places,) = candidates, changed
        return candidates, [places[each] for each in odd_emails([values[at] for at in places])]

    def _with_slugs(self, cells: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
        """Return a column's profiles and their slugs."""
        slugs = usual_slugs(cells)
        return (cells, slugs) if slugs is not None else tidy_profiles(self._values.of(cells))

    def _numbers(
        self,
        cells: Sequence[str],
        silent: Set[int],
        custom: dict[str, Sequence[str]],
        left_out: set[int],
    ) -> Sequence[str]:
        """Return one telephone number for each cell; keep further numbers as a custom column.

        People who are `silent` have none. Adds the positions of cells without a number to
        `left_out`.
        """
        if not silent and is_plain_column(cells):
            return cells
        values = _emptied(self._values.of(cells), silent)
        plain = are_plain_numbers(values)
        if all(plain):
            return values
        odd = [place for place, is_plain in enumerate(plain) if not is_plain and values[place]]
        if not odd:
            return values
        first, others = list(values), [""] * len(values)
        for place in odd:
            first[place], more = self._split[values[place]]
            others[place] = "; ".join(more)
            if not first[place]:
                left_out.add(place)
        if any(others):
            custom[_OTHER_PHONES] = _joined(custom.get(_OTHER_PHONES, [""] * len(values)), others)
        return first

    def _chosen(
        self, name: str, indexes: Sequence[int], candidates: list[Sequence[str]]
    ) -> Sequence[str]:
        """Choose among the columns of a field, row by row: the first value that fits."""
        links = self._columns.links
        if name == "linkedin_url" and (len(indexes) > 1 or links):
            return [
                _profile(zip(indexes, row, strict=True), links)
                for row in zip(*candidates, strict=True)
            ]
        if name == "email" and len(candidates) > 1:
            addresses = [_without(values, _is_no_address) for values in candidates]
            return _first_of([*addresses, *candidates])  # other values last, for the check
        if name in _IS_NO:
            candidates = [_without(values, _IS_NO[name]) for values in candidates]
        return _first_of(candidates)


def _add(columns: dict[str, Sequence[str]], header: str, values: Sequence[str]) -> None:
    columns[header] = _first_of([columns[header], values]) if header in columns else values


def _not_taken(values: Sequence[str], chosen: Sequence[str]) -> Sequence[str]:
    """Return a column's values where its field took another column's value."""
    pairs = zip(values, chosen, strict=True)
    return ["" if value == taken else value for value, taken in pairs]


def _joined(some: Sequence[str], more: Sequence[str]) -> list[str]:
    pairs = zip(some, more, strict=True)
    return ["; ".join(filter(None, pair)) for pair in pairs]


def _without(values: Sequence[str], is_no: Callable[[str], bool]) -> Sequence[str]:
    """Empty the values that a field cannot have."""
    wrong = {value for value in set(values) if is_no(value)}
    return ["" if value in wrong else value for value in values] if wrong else values


def _is_profile(value: str) -> bool:
    return "linkedin." in value


_ATS = ("@", "\uff20", "\ufe6b", "%40", "&#")
"""One of these is in every address, however it is written."""


def _is_no_address(value: str) -> bool:
    """Whether a person's address may be elsewhere: this is a remark, or Outlook's internal name."""
    return value.startswith(("/o=", "/O=")) or not any(each in value for each in _ATS)


_IS_NO: dict[str, Callable[[str], bool]] = {"job_title": is_honorific, "website": _is_profile}


def lowered(texts: Sequence[str]) -> Sequence[str]:
    """Return texts in lower case, as many are already."""
    text = "\n".join(texts)
    return texts if text.isascii() and text == text.lower() else list(map(str.lower, texts))


def _emptied(values: Sequence[str], places: Set[int]) -> Sequence[str]:
    if not places:
        return values
    return ["" if place in places else value for place, value in enumerate(values)]


def _first_of(candidates: Sequence[Sequence[str]]) -> Sequence[str]:
    """Return the first value that is not empty, row by row."""
    first, *others = candidates
    for values in others:
        first = [one or other for one, other in zip(first, values, strict=True)]
    return first


def _tidy_emails(
    fields: dict[str, Sequence[str]],
    custom: dict[str, Sequence[str]],
    odd: Sequence[int] | None,
) -> tuple[Sequence[str | None], Sequence[int], Sequence[tuple[int, str, Verdict]]]:
    """Reduce each e-mail cell to one address. Return them; `None` for one that is not valid.

    The places are returned, too, of those that are not, or of which there is none; and what else
    the cells say about consent, with places and cells. `odd` are the `odd_emails`, if known.
    """
    values = fields["email"]
    places = odd_emails(values) if odd is None else odd
    odd = [place for place in places if values[place]]
    if not odd:
        return values, places, ()
    first, emails, others = list(values), list[str | None](values), [""] * len(values)
    beside: list[tuple[int, str, Verdict]] = []
    for place in odd:
        address, more = split_emails(values[place])
        found = [address, *more]
        if more:
            address, *more = in_use(values[place], found)
        first[place], others[place] = address, "; ".join(more)
        emails[place] = email = address if is_bare_email(address) else None
        said = said_beside(values[place], [] if email is None else found)
        if said is not Verdict.FREE:
            beside.append((place, values[place], said))
    fields["email"] = first
    if any(others):
        custom[_OTHER_EMAILS] = others
    return emails, [place for place in places if not emails[place]], beside


def _beside_profiles(cells: Sequence[str]) -> Sequence[tuple[int, str, Verdict]]:
    """Return what else a column of profiles says, with places and cells: only odd ones are read."""
    odd = {cell: said_beside_profile(cell) for cell in set(cells) if " " in cell}
    return [
        (place, cell, odd[cell])
        for place, cell in enumerate(cells)
        if odd.get(cell, Verdict.FREE) is not Verdict.FREE
    ]


def _profile(candidates: Iterable[tuple[int, str]], links: Container[int]) -> str:
    """Choose a profile: a public one, else a member id, else any value of a LinkedIn column.

    A column called only "URL" may contain anything, so its value counts only if it is a profile.
    """
    fallback = by_number = ""
    for index, value in candidates:
        slug = value and profile_slug(value)
        if slug and not is_member_id(slug):
            return value
        if slug:
            by_number = by_number or value
        elif index not in links or "linkedin." in value:
            fallback = fallback or value
    return by_number or fallback
