"""Telephone numbers: what a spreadsheet did to them, and several in one cell."""

from __future__ import annotations

import re

_TURNING = "\u202d\u202e"
_WITHOUT_TURNING = dict.fromkeys(map(ord, _TURNING))
_KEPT_AS_TEXT = re.compile(r"(?:^|(?<=:::)|(?<=::: ))'(?=[\d+(])")
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d+)?e[+-]?\d+", re.I)
_NUMBERS = ":::"
"""What Google Contacts puts between the values of one cell."""


def bare_numbers(value: str) -> str:
    """Take off what keeps telephone numbers as they are: apostrophes and marks of direction."""
    return _KEPT_AS_TEXT.sub("", value.translate(_WITHOUT_TURNING).strip())


def are_bare_numbers(text: str) -> bool:
    """Whether there surely is nothing to take off of the numbers in a text."""
    return "'" not in text and (text.isascii() or not any(map(text.__contains__, _TURNING)))


def is_mangled_number(value: str) -> bool:
    """Whether a spreadsheet has turned a telephone number into scientific notation, for good."""
    if "E" not in value and "e" not in value:
        return False
    return _SCIENTIFIC.fullmatch(value.replace(" ", "")) is not None


def split_numbers(value: str) -> tuple[str, list[str]]:
    """Return the telephone number of a cell and the others in it; a good one comes first."""
    found = [piece.strip() for piece in value.split(_NUMBERS) if piece.strip()]
    good = list(dict.fromkeys(piece for piece in found if not is_mangled_number(piece)))
    return (good[0], good[1:]) if good else (found[0] if found else "", [])
