"""People who do not want to be written to, as the file itself says it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from listdrop.headers import fold

_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|[a-z]{3,9}\.? \d{1,2}, \d{4}", re.I)
_FALSE_WORDS = frozenset(
    {"", "0", "false", "f", "no", "n", "off", "nein", "non", "falsch", "faux", "none", "null"}
    | {"n/a", "-", "unchecked", "subscribed", "never"}
)


class OptOuts(NamedTuple):
    """Which columns of a file say so, by index."""

    flags: tuple[int, ...] = ()
    statuses: tuple[int, ...] = ()
    phones: tuple[int, ...] = ()

    def out(self, cells: Sequence[Sequence[str]]) -> set[int]:
        """Return the places of the rows whose people are not to be written to, from columns."""
        told = _words("status_words")
        return _places(self.flags, cells, _is_true) | _places(
            self.statuses, cells, lambda cell: _folded_value(cell) in told
        )

    def not_to_call(self, cells: Sequence[Sequence[str]]) -> set[int]:
        """Return the places of the rows whose telephone numbers are not to be used."""
        return _places(self.phones, cells, _is_true)


def _places(
    indexes: Iterable[int], cells: Sequence[Sequence[str]], says_so: Callable[[str], bool]
) -> set[int]:
    """Find where a cell of these columns says so; each value is looked at once."""
    found: set[int] = set()
    for index in indexes:
        told = {cell for cell in set(cells[index]) if says_so(cell)}
        if told:
            found.update(place for place, cell in enumerate(cells[index]) if cell in told)
    return found


def find_opt_outs(header: Sequence[str]) -> OptOuts:
    """Find the columns by their published names, `opt_outs.toml`."""
    folded = [fold(name) for name in header]

    def where(names: str) -> tuple[int, ...]:
        wanted = _headers(names)
        return tuple(index for index, name in enumerate(folded) if name in wanted)

    return OptOuts(
        flags=where("columns"), statuses=where("status_columns"), phones=where("phone_columns")
    )


def is_opt_out_file(key: str) -> bool:
    """Whether an upload is, by its name, a list of people who opted out."""
    name = key.rsplit("/", 1)[-1].casefold()
    return any(
        re.search(rf"(?<![a-z]){re.escape(word)}(?![a-z])", name) for word in _table()["file_words"]
    )


def _is_true(cell: str) -> bool:
    """Whether a flag is set: a word for yes, or a date. Anything else but a no is one, too.

    A column such as "Unsub reason" holds words of its own; whoever has one has opted out.
    """
    value = _folded_value(cell)
    return value not in _FALSE_WORDS and (
        value in _words("true_words") or _DATE.search(value) is not None or len(value) > 1
    )


def _folded_value(cell: str) -> str:
    return cell.strip().casefold()


@cache
def _table() -> dict[str, list[str]]:
    return tomllib.loads(files("listdrop").joinpath("opt_outs.toml").read_text("utf-8"))


@cache
def _words(name: str) -> frozenset[str]:
    return frozenset(map(str.casefold, _table()[name]))


@cache
def _headers(name: str) -> frozenset[str]:
    return frozenset(map(fold, _table()[name]))
