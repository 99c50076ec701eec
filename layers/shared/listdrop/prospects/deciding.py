"""Decides what columns of names contain, from the other columns and from their values.

A "Name" may be a full name, one part of it, or the name of a business. The first rows decide this
once for a whole column, so that every row of a file is read in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import starmap

from listdrop.cells.businesses import is_business, is_like_business
from listdrop.cells.headers import fold
from listdrop.cells.name_words import is_particle
from listdrop.cells.names import Order, has_capitals, is_of_several_words, tidy_part, whole_name
from listdrop.cells.titles import without_degrees, without_title
from listdrop.cells.values import text_value
from listdrop.prospects.choices import without_choices
from listdrop.prospects.columns import Columns
from listdrop.prospects.consent_by_values import consent_by_values
from listdrop.prospects.recognising import without_role, words

ENOUGH_ROWS = 300
"""How many rows are examined: this many, or the first block if it has more, or all if fewer."""

_ENOUGH_DOMAINS = 3
_ENOUGH_PAIRS = 3
"""Rows that are enough to show that a column is not a full name: none contains the other part."""

_FEWEST_NAMES, _ENOUGH_NAMES = 3, 5
"""Names that may show that all are those of businesses, and those of which not all need to."""

_Rows = Sequence[Sequence[str]]
_HALF, _CLEARLY, _MOST, _FEW = 0.5, 0.6, 0.8, 0.2
_PERSONS = ("first_name", "last_name", "full_name")


def decided(columns: Columns, rows: _Rows) -> Columns:
    """Return the columns with each column of names assigned to its field, by the first rows."""
    if columns.is_decided:
        return columns
    columns = without_choices(columns, rows)
    columns = replace(columns, consent=consent_by_values(columns.consent, columns.header, rows))
    deciding = _Deciding(columns, rows)
    deciding.businesses()
    deciding.parts()
    deciding.orders_of_wholes()
    return deciding.result()


class _Deciding:
    """The columns while their fields are being decided."""

    def __init__(self, columns: Columns, rows: _Rows) -> None:
        self._columns = columns
        self._rows = rows
        self._fields = {name: list(indexes) for name, indexes in columns.fields.items()}
        self._custom = list(columns.custom)
        self._orders: dict[int, Order] = dict(columns.orders)
        self._capitals: set[int] = set()
        self._folded = [fold(name) for name in columns.header]
        self._values: dict[int, list[str]] = {}

    def result(self) -> Columns:
        """Return the decided columns."""
        return replace(
            self._columns,
            fields={name: tuple(indexes) for name, indexes in self._fields.items() if indexes},
            custom=tuple(self._custom),
            orders=self._orders,
            capitals=frozenset(self._capitals),
            is_decided=True,
        )

    def _of(self, index: int) -> list[str]:
        """Return the values of a column in the first rows."""
        if index not in self._values:
            cells = [row[index] if index < len(row) else "" for row in self._rows]
            values = {cell: text_value(cell, is_name=True) for cell in set(cells)}
            self._values[index] = [values[cell] for cell in cells]
        return self._values[index]

    def _share(self, index: int, is_so: Callable[[str], bool | None]) -> float:
        """Return the share of a column's values for which `is_so` is true, `None` not counted."""
        said = [is_so(value) for value in self._of(index) if value]
        told = [each for each in said if each is not None]
        return sum(told) / len(told) if told else 0.0

    def _move(self, index: int, name: str) -> None:
        """Assign a column to another field, after its other columns; empty `name`: to no field."""
        for indexes in self._fields.values():
            if index in indexes:
                indexes.remove(index)
        if name:
            self._fields.setdefault(name, []).append(index)
        else:
            self._custom.append((index, self._columns.header[index]))

    def _open(self, *names: str) -> list[int]:
        """Return the columns of these fields, without columns that the route names."""
        return [
            index
            for name in names
            for index in self._fields.get(name, ())
            if index not in self._columns.chosen
        ]

    # ------------------------------------------------------------ businesses

    def businesses(self) -> None:
        """In a list of businesses, assign columns called name or title to the company."""
        if self._is_of_businesses():
            names = _listed("names")
            candidates = self._open(*_PERSONS, "job_title")
            found = [index for index in candidates if self._folded[index] in names]
            named = [i for i in found if i not in self._fields.get("job_title", ())]
            for index in found:
                # Beside a name, a title is something else that is said of the business.
                self._move(index, "company" if index in (named or found) else "")
            return
        for index in self._open("full_name"):
            if self._share(index, is_business) >= _HALF:
                self._move(index, "company")

    def _is_of_businesses(self) -> bool:
        present = set(self._folded)
        sure = present & _listed("sure")
        likely = present & _listed("likely") - sure
        for index, name in enumerate(self._folded):
            if name in _listed("rating") and self._share(index, _is_rating) >= _MOST:
                sure.add(name)
        parts = self._open("first_name", "last_name")
        if any(self._folded[index] not in _listed("names") for index in parts):
            return False
        titled = (self._share(index, _is_titled) > _HALF for index in self._open("full_name"))
        if self._filled("company", ()) or any(titled):
            return False
        return (bool(sure) and len(sure | likely) > 1) or self._sound_like_businesses()

    def _sound_like_businesses(self) -> bool:
        """Whether most names are like those of businesses, by what kind each of them is."""
        kinds = [place for place, name in enumerate(self._folded) if name in _listed("kinds")]
        names = _listed("names")
        named = [index for index in self._open(*_PERSONS) if self._folded[index] in names]
        if not kinds or len(named) != 1:
            return False
        return _are_like_businesses(self._of(named[0]), self._of(kinds[0]))

    # ------------------------------------------------------------ parts and wholes

    def parts(self) -> None:
        """Decide for each ambiguous column whether it is a full name or one part of it."""
        either = words("names", "either")
        loose = [
            index
            for index in self._open(*_PERSONS)
            if not either.isdisjoint((self._folded[index], without_role(self._folded[index])))
        ]
        for index in loose:
            self._decide(index, loose)
        self._look_into_first_names()
        self._look_into_last_names()

    def _filled(self, name: str, but: Sequence[int]) -> list[int]:
        return [
            index
            for index in self._fields.get(name, ())
            if index not in but and any(self._of(index))
        ]

    def _decide(self, index: int, loose: Sequence[int]) -> None:
        firsts, lasts = self._filled("first_name", loose), self._filled("last_name", loose)
        if firsts and lasts:
            self._move(index, "full_name")
        elif firsts or lasts:
            self._decide_beside(
                index, (firsts or lasts)[0], "last_name" if firsts else "first_name"
            )
        else:
            self._decide_alone(index)

    def _decide_beside(self, index: int, part: int, other: str) -> None:
        """Decide whether a column beside one part of a name is the full name or the other part."""
        pairs = _tidy_pairs(self._of(index), self._of(part))
        wholes = sum(_holds(value, known) for value, known in pairs)
        parts = sum(_is_other(value, known) for value, known in pairs)
        is_likely = index in self._fields.get(other, ()) or parts or len(pairs) >= _ENOUGH_PAIRS
        is_part = is_likely and wholes <= _FEW * (wholes + parts)
        self._move(index, other if is_part else "full_name")
        backwards = sum(_begins(value, known) for value, known in pairs)
        if wholes and other == "first_name" and backwards > _HALF * wholes:
            self._orders[index] = "last"

    def _decide_alone(self, index: int) -> None:
        """Decide about the only column of names: mostly two words mean full names."""
        field = next(name for name in _PERSONS if index in self._fields.get(name, ()))
        several = self._share(index, is_of_several_words)
        if field == "full_name" or self._filled("full_name", [index]):
            return
        if several >= _HALF:
            self._move(index, "full_name")
        elif field == "first_name" and several > _FEW:
            self._move(index, "full_name")
            self._orders[index] = "given"

    def _look_into_first_names(self) -> None:
        """If first names, without other names, mostly have two or more words, they are full."""
        firsts = self._open("first_name")
        if self._filled("last_name", ()) or self._filled("full_name", ()) or len(firsts) != 1:
            return
        if self._share(firsts[0], is_of_several_words) >= _MOST:
            self._move(firsts[0], "full_name")

    def _look_into_last_names(self) -> None:
        """If most last names begin with the row's first name, they are full: "Ada Lovelace"."""
        firsts, lasts = self._filled("first_name", ()), self._open("last_name")
        if len(firsts) != 1 or len(lasts) != 1:
            return
        if _are_whole(self._of(lasts[0]), self._of(firsts[0])):
            self._move(lasts[0], "full_name")

    # ------------------------------------------------------------ order

    def orders_of_wholes(self) -> None:
        """Find the order of a column's full names, if its header does not show it."""
        for index in self._fields.get("full_name", ()):
            if self._share(index, has_capitals) >= _HALF:
                self._capitals.add(index)
            if index not in self._orders:
                turned = self._share(index, _is_turned)
                order = "comma" if turned >= _HALF else self._order_by_addresses(index)
                if order or _is_plain(self._of(index)):
                    self._orders[index] = order or "plain"

    def _order_by_addresses(self, index: int) -> Order | None:
        emails = self._fields.get("email", ())[:1]
        return _order_by_addresses(self._of(index), self._of(emails[0])) if emails else None


def _order_by_addresses(names: Sequence[str], addresses: Sequence[str]) -> Order | None:
    """Tell the order by addresses such as `first.last@`: many people's, or nothing is certain.

    One employer may write them the other way round, but not several.
    """
    domains: set[str] = set()
    backwards = told = 0
    for name, address in zip(names, addresses, strict=True):
        local, _, domain = fold(address).partition("@")
        words = [fold(word) for word in name.split()]
        if len(words) == 2 and words[0] != words[1] and "," not in name:
            is_backwards = local in _joined(*reversed(words))
            told += is_backwards or local in _joined(*words)
            backwards += is_backwards
            if is_backwards:
                domains.add(domain)
    if not backwards or backwards < _HALF * told or told < _FEW * sum(map(bool, names)):
        return None
    is_certain = backwards >= _MOST * told and len(domains) >= _ENOUGH_DOMAINS
    return "last" if is_certain else "comma"


def _tidy_pairs(values: Sequence[str], others: Sequence[str]) -> list[tuple[str, str]]:
    """Return the names of two columns, tidied, of the rows that have both."""
    pairs = [
        (tidy_part(value), tidy_part(known))
        for value, known in zip(values, others, strict=True)
        if value and known
    ]
    return [(value, known) for value, known in pairs if value and known]


def _are_whole(names: Sequence[str], firsts: Sequence[str]) -> bool:
    """Whether most names begin with the first name beside them, which is no particle."""
    rows = zip(names, firsts, strict=True)
    pairs = [(value, known) for value, known in rows if value and known]
    several = [(value, known) for value, known in pairs if " " in value and not is_particle(known)]
    return sum(starmap(_begins, several)) > _HALF * len(pairs)


def _listed(name: str) -> frozenset[str]:
    return words("businesses", name)


def _are_like_businesses(names: Sequence[str], kinds: Sequence[str]) -> bool:
    """Whether most names are like those of businesses, or all of a few.

    One or two names show nothing: people are called House.
    """
    pairs = zip(names, kinds, strict=True)
    told = [is_like_business(name, kind) for name, kind in pairs if name and kind]
    share = _CLEARLY if len(told) >= _ENOUGH_NAMES else 1.0
    return len(told) >= _FEWEST_NAMES and sum(told) >= share * len(told)


def _is_plain(values: Sequence[str]) -> bool:
    """Whether commas do not tell last names: they mostly stand after two words, if at all."""
    with_comma = (value for value in values if "," in value)
    before = (value.partition(",")[0] for value in with_comma if _is_turned(value))
    several = list(map(is_of_several_words, before))
    return sum(several) >= _HALF * len(several)


def _is_titled(value: str) -> bool:
    """Whether a text is a person's name with a title or a degree, and no business's."""
    words = value.replace(",", " ").split()
    named = without_degrees(without_title(words, least=1))
    return len(named) < len(words) and not is_like_business(value, "")


def _joined(first: str, last: str) -> set[str]:
    """Return what a local part may be made of a name; `-` and `_` do not count."""
    return {f"{first}.{last}", f"{first}{last}"}


def _is_rating(value: str) -> bool:
    try:
        return 0 <= float(value.replace(",", ".")) <= 5
    except ValueError:
        return False


def _holds(value: str, known: str) -> bool:
    return _begins(value, known) or value.casefold().endswith(f" {known.casefold()}")


def _begins(value: str, known: str) -> bool:
    return value.casefold().startswith(f"{known.casefold()} ")


def _is_other(value: str, known: str) -> bool:
    """Whether a value is clearly the other part: one word, but for particles, and not the same."""
    return not is_of_several_words(value) and value.casefold() != known.casefold()


def _is_turned(value: str) -> bool | None:
    """Whether a whole name has its last name first, before a comma; `None` of a single word."""
    if not is_of_several_words(value) and "," not in value:
        return None
    name = whole_name(value)
    before = " ".join(value.partition(",")[0].split())
    return "," in value and bool(name.first) and name.last.endswith(before)
