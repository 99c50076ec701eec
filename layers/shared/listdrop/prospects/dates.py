"""Dates and numbers in columns about consent: since when, or never."""

from __future__ import annotations

import re
from enum import StrEnum

from listdrop.cells.patterns import lazy

_NUMBER = lazy(r"[+-]?(\d{1,4})(?:[.,](\d{1,4}))?\s?%?")
_DIGITS = lazy(r"\d+")
_JANUARY = lazy(
    r"\b(?:jan|ene|gen|\u044f\u043d\u0432|\u0441\u0456\u0447|sty|led|tammi|oca)\w*\.?", re.I
)
_DECEMBER = lazy(
    r"\b(?:dec|dez|dic|d\u00e9c|\u0434\u0435\u043a|\u0433\u0440\u0443|gru|pro|joulu|ara)\w*\.?",
    re.I,
)
_EPOCH = lazy(r"-?\d{9,19}(?:\.\d+)?")
_SERIAL = lazy(r"[2-7]\d{4}(?:[.,]\d+)?")
"""A day as Excel's serial number, from 1954 to 2119."""
_BY_DIGITS = lazy(r"\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{2,4}(?!\d)|\d{4}[./-]\d{1,2}[./-]\d{1,2}")
_YEAR = lazy(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_LETTERS_OF_A_DATE = 24

_NULL = frozenset(
    {(0, 0, 0), (1, 1, 1), (0, 1, 0), (0, 1, 1), (1900, 1, 0), (1900, 1, 1), (1899, 12, 30)}
    | {(1899, 12, 31), (1969, 12, 31), (1970, 1, 1), (70, 1, 1), (1753, 1, 1), (1601, 1, 1)}
    | {(1904, 1, 1), (1001, 1, 1), (1000, 1, 1), (9999, 12, 31), (2999, 12, 31)}
)
"""Year, month and day of the dates that programs write for "no date"."""


class When(StrEnum):
    """What a date means."""

    SINCE = "since"
    NEVER = "never"


def number_in(value: str) -> float | None:
    """Return a value's number; `None` if it is not a number, or may be a date."""
    found = _NUMBER.fullmatch(value)
    if found is None or _YEAR.fullmatch(value):
        return None
    return float(f"{found[1]}.{found[2] or 0}") * (-1 if value.startswith("-") else 1)


def when(value: str) -> When | None:
    """Return what a date means; `None` if it is not a date. Zeros and the year 1900 mean never."""
    if not any(map(str.isdecimal, value)) or len(value) > 60:
        return None
    if _EPOCH.fullmatch(value):
        return When.SINCE if int(value.split(".")[0]) > 0 else When.NEVER
    text = _DECEMBER.sub(" 12 ", _JANUARY.sub(" 1 ", value))
    numbers = [int(digits) for digits in _DIGITS.findall(text)]
    if not any(numbers) or numbers == [1900]:
        return When.NEVER
    if len(numbers) >= 3:  # year, month and day
        one, two, three = numbers[:3]
        if not _NULL.isdisjoint({(one, two, three), (three, two, one), (three, one, two)}):
            return When.NEVER
    if _BY_DIGITS.match(value) or _SERIAL.fullmatch(value) or _YEAR.fullmatch(value):
        return When.SINCE
    is_date = len(numbers) > 1 and _YEAR.search(value)
    return When.SINCE if is_date and sum(map(str.isalpha, value)) <= _LETTERS_OF_A_DATE else None
