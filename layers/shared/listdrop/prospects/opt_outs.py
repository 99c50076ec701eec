"""People who do not want to be written to, as the file itself says it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from listdrop.cells.headers import fold
from listdrop.cells.values import PLACEHOLDERS, cell_value

_ONLY_ZEROS = re.compile(r"[0\s!-/:-@\[-`{-~]+")
_WORD_ENDS = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
"""Where a word of `camelCase` or `DNCList` begins."""
_BETWEEN_WORDS = re.compile(r"[\W_]+")


class OptOuts(NamedTuple):
    """Which columns of a file say so, by index."""

    flags: tuple[int, ...] = ()
    statuses: tuple[int, ...] = ()
    phones: tuple[int, ...] = ()

    def out(self, cells: Sequence[Sequence[str]]) -> set[int]:
        """Return the places of the rows whose people are not to be written to, from columns."""
        told = _words("status_words")
        return _places(self.flags, cells, _is_true) | _places(
            self.statuses, cells, lambda cell: fold(cell_value(cell)) in told
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
        wanted, starts = _words(names), _starts(names)
        return tuple(
            index
            for index, name in enumerate(folded)
            if name in wanted or (starts and name.startswith(starts))
        )

    return OptOuts(
        flags=where("columns"), statuses=where("status_columns"), phones=where("phone_columns")
    )


def is_opt_out_file(key: str) -> bool:
    """Whether an upload is, by its name, a list of people who opted out."""
    name = key.rsplit("/", 1)[-1]
    names = (_BETWEEN_WORDS.sub(" ", each.casefold()) for each in (name, _WORD_ENDS.sub(" ", name)))
    return any(map(_file_words().search, names))


def _is_true(cell: str) -> bool:
    """Whether a flag is set: a word for yes, or a date. Anything else but a no is one, too.

    A column such as "Unsub reason" holds words of its own; whoever has one has opted out.
    """
    if cell[:1] != "0" and cell[:2].isdecimal() and len(cell) > 1:  # a date, found soonest
        return True
    value = cell_value(cell)
    word = fold(value)
    if not word or word in _false_words():
        return False
    return word in _words("true_words") or (len(word) > 1 and not _ONLY_ZEROS.fullmatch(value))


@cache
def _table() -> dict[str, list[str]]:
    return tomllib.loads(files("listdrop.prospects").joinpath("opt_outs.toml").read_text("utf-8"))


@cache
def _words(name: str) -> frozenset[str]:
    return frozenset(fold(word) for word in _table()[name] if not word.endswith("*"))


@cache
def _starts(name: str) -> tuple[str, ...]:
    return tuple(fold(word[:-1]) for word in _table()[name] if word.endswith("*"))


@cache
def _false_words() -> frozenset[str]:
    return _words("false_words") | frozenset(map(fold, PLACEHOLDERS))


@cache
def _file_words() -> re.Pattern[str]:
    """Any of the words in a name that has spaces between them, and no letter on either side."""
    words = "|".join(map(re.escape, _table()["file_words"]))
    return re.compile(rf"(?<![^\W\d_])(?:{words})(?![^\W\d_])")
