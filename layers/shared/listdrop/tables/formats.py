"""Number formats of workbooks: how a number is shown to the person who looks at the sheet.

A format adds what makes a number a telephone number, a postal code or a date: zeros, signs, blanks.
What would take something away (digits that are rounded off, a number that becomes 4.9E+11) and what
depends on who looks (marks between thousands, currencies) is left out: the number comes as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache, lru_cache

from listdrop.cells.patterns import lazy

_BUILT_IN = {
    9: "0%", 10: "0.00%", 14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy",
    18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "m/d/yy h:mm",
    45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 2: "0.00", 1: "0",
    **dict.fromkeys((*range(27, 37), *range(50, 59)), "yyyy-mm-dd"),
}  # fmt: skip
"""Formats that a workbook only numbers; those from 27 on are dates in Asian versions of Excel."""

_PIECES = lazy(
    r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|AM/PM|A/P|General|[0#?]|[.,%/]|E[+-]|[dmyhsge]+|.', re.I | re.S
)
_CONDITION = lazy(r"\[(<=|>=|<>|<|>|=)(-?\d+(?:\.\d+)?)\]")
_ELAPSED = lazy(r"\[(h+|m+|s+)\]", re.I)
_COLOURS_AND_LOCALES = lazy(r"\[(?![<>=]|[hms]+\])[^\]]*\]", re.I)
_LITERALS = lazy(r'"[^"]*"|\\.|_.|\*.', re.S)
_DIGITS = frozenset("0#?")
_MAX_EXACT = 15
_SECONDS = 86_400
_LAST_DAY = 2_958_466
_LEAP_BUG = 60
"""Excel has a 29th of February 1900: days up to it are counted from a day later."""

_CODE_LIMIT = 255
"""What Excel itself allows: a longer format is nobody's."""

Shown = Callable[[float], str]


@cache
def shower(number: int, code: str, *, is_1904: bool) -> Shown:
    """Return what shows a number in the format with this number, or with this code."""
    code = code or _BUILT_IN.get(number, "")
    if len(code) > _CODE_LIMIT:
        return plain
    code = _COLOURS_AND_LOCALES.sub("", code)
    bare = _CONDITION.sub("", _LITERALS.sub("", code))
    first = bare.split(";")[0]
    if "general" not in first.lower() and re.search(r"[dmyhs]", first, re.I):
        return lru_cache(maxsize=4096)(_dates(first, is_1904=is_1904))
    sections = code.split(";") if '"' not in code else _sections(code)
    return lru_cache(maxsize=4096)(lambda value: _in_section(sections, value) or plain(value))


def plain(value: float) -> str:
    """Return a number as it is: whole ones without `.0`, others with the digits that Excel has."""
    if value.is_integer() and abs(value) < 10**_MAX_EXACT:
        return str(int(value))
    return f"{value:.15g}"


# ---------------------------------------------------------------- dates


def _dates(code: str, *, is_1904: bool) -> Shown:
    elapsed = _ELAPSED.search(code)
    without = re.sub(r"\[[^\]]*\]|AM/PM|A/P", "", code, flags=re.I)
    has_date = bool(re.search(r"[dyg]", without, re.I)) or (
        "m" in without.lower() and not elapsed and not re.search(r"[hs]", without, re.I)
    )
    has_time = bool(re.search(r"[hs]", without, re.I)) or bool(elapsed)

    def shown(value: float) -> str:
        if not 0 <= value < _LAST_DAY:
            return plain(value)
        if not has_date:
            days = value if elapsed else value % 1
            return _clock(round(days * _SECONDS)) if elapsed or value < 1 else _moment(value)
        return _moment(value, has_time=has_time)

    def _moment(value: float, *, has_time: bool = True) -> str:
        if value < 1 and not is_1904:
            return "1900-01-00" if not has_time or not value else _clock(round(value * _SECONDS))
        if is_1904:
            start = datetime(1904, 1, 1)  # noqa: DTZ001 # a sheet knows no time zones
        else:
            day = 31 if value < _LEAP_BUG else 30
            start = datetime(1899, 12, day)  # noqa: DTZ001 # nor here
        found = start + timedelta(seconds=round(value * _SECONDS))
        has_clock = bool(found.hour or found.minute or found.second)
        return found.isoformat(" ") if has_clock else found.date().isoformat()

    return shown


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


# ---------------------------------------------------------------- numbers


def _sections(code: str) -> list[str]:
    """Split a code at the semicolons that are not in quotation marks."""
    found = [""]
    for piece in _PIECES.findall(code):
        if piece == ";":
            found.append("")
        else:
            found[-1] += piece
    return found


def _in_section(sections: Sequence[str], value: float) -> str:
    """Show a number by the section for it; empty where the plain number says more."""
    for section in sections:
        condition = _CONDITION.search(section)
        if condition and _holds(value, condition[1], float(condition[2])):
            return _shown(_CONDITION.sub("", section), abs(value), is_negative=value < 0)
    plain_ones = [section for section in sections if not _CONDITION.search(section)]
    if len(plain_ones) < len(sections):
        chosen = plain_ones[0] if plain_ones else ""
        return _shown(chosen, abs(value), is_negative=value < 0)
    if value < 0 and len(sections) > 1:
        return ""  # brackets, red ink: how a loss is shown
    if not value and len(sections) > 2:
        return ""
    return _shown(sections[0], abs(value), is_negative=value < 0)


def _holds(value: float, sign: str, other: float) -> bool:
    return {
        "<": value < other, ">": value > other, "=": value == other,
        "<=": value <= other, ">=": value >= other, "<>": value != other,
    }[sign]  # fmt: skip


def _shown(section: str, value: float, *, is_negative: bool) -> str:
    """Show a number by one section. Empty where that would take something away."""
    pieces = _pieces(section)
    if not pieces:
        return ""
    if "%" in pieces:
        value = float(f"{value * 100:.15g}")
    point = pieces.index(".") if "." in pieces else len(pieces)
    places = sum(piece in _DIGITS for piece in pieces[point:])
    digits = f"{value:.{places}f}" if places else f"{value:.0f}"
    if float(digits) != value or value >= 10**_MAX_EXACT:
        return ""
    whole, _, part = digits.partition(".")
    shown = _whole(pieces[:point], whole) + _part(pieces[point:], part)
    return f"-{shown}" if is_negative else shown


@cache
def _pieces(section: str) -> Sequence[str]:
    """Part a section of a code; nothing if it is one that would take something away."""
    pieces = _PIECES.findall(section)
    if any(piece in (",", "/") or piece[0] in "Ee" or piece == "General" for piece in pieces):
        return ()
    return pieces if _DIGITS & set(pieces) else ()


def _whole(pieces: Sequence[str], digits: str) -> str:
    """Put digits into places, from the last: what is left goes before the first place."""
    left = digits if digits != "0" else ""
    shown = ""
    places = [at for at, piece in enumerate(pieces) if piece in _DIGITS]
    for at in range(len(pieces) - 1, -1, -1):
        piece = pieces[at]
        if piece not in _DIGITS:
            # What joins places that are not filled is not shown: (###) ###-#### of seven digits.
            shown = _literal(piece) + shown
            continue
        taken, left = left[-1:], left[:-1]
        if at == places[0] and left:
            taken, left = left + taken, ""
        shown = (taken or ("0" if piece == "0" else "")) + shown
    return shown


def _part(pieces: Sequence[str], digits: str) -> str:
    """Return the digits after the point; those of `#` only while there is something to show."""
    shown, place = "", 0
    wanted = [piece for piece in pieces if piece in _DIGITS]
    keep = len(digits)
    while keep and wanted[keep - 1] != "0" and digits[keep - 1] == "0":
        keep -= 1
    for piece in pieces:
        if piece in _DIGITS:
            shown += digits[place] if place < keep else ""
            place += 1
        elif piece == ".":
            shown += "." if keep else ""
        else:
            shown += _literal(piece)
    return shown


def _literal(piece: str) -> str:
    if piece[0] == '"':
        return piece[1:-1]
    if piece[0] == "\\":
        return piece[1:]
    return "" if piece[0] in "_*[" else piece
