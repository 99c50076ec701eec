"""What any cell says: trimmed, and empty where a placeholder stands for nothing."""

from __future__ import annotations

from listdrop.cells.formulas import unguarded

INVISIBLE = (
    "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069"
)
"""Marks of width, breaks and direction, which come along when text is copied.

Not those that turn letters round: an address with one of them is not what it seems.
"""
_WITHOUT_INVISIBLE = dict.fromkeys(map(ord, INVISIBLE))
PLACEHOLDERS = frozenset(
    written
    for word in (
        "n/a", "na", "n.a.", "null", "none", "nil", "nan", "-", "--", "\u2013", "\u2014", "?", ".",
        "#n/a", "(none)", "(blank)", "(empty)", "undefined", "unknown", "not available",
        "not provided", "[not provided]", "#ref!", "#value!", "#name?",
        "#error!", "#div/0!", "#num!", "#null!", "not found", "_",
    )
    for written in (word, word.upper(), word.capitalize(), word.title(), word.replace("nan", "NaN"))
)  # fmt: skip


def cell_value(cell: str, *, is_name: bool = False) -> str:
    """What a cell says: trimmed of visible and invisible space, placeholders and guards taken off.

    In a name, a placeholder of letters alone is none: people are called Na and Null.
    """
    if not cell.isascii():
        cell = cell.translate(_WITHOUT_INVISIBLE)
    value = unguarded(cell.strip())
    if value in PLACEHOLDERS:
        return value if is_name and value.isalpha() else ""
    return value
