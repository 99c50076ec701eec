"""Header names: the canonical fields, and how headers are compared."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from listdrop.cells.patterns import lazy
from listdrop.cells.values import INVISIBLE

CANONICAL = (
    "email",
    "first_name",
    "last_name",
    "full_name",
    "company",
    "job_title",
    "phone",
    "linkedin_url",
    "website",
    "city",
    "country",
    "location",
    "tags",
    "notes",
)
_PLAIN_LETTERS = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "\u0131": "i"})
"""Letters that do not decompose into a letter and an accent; the last is Turkish dotless i."""
_LEFT_OUT = lazy(rf"[\s_\-\u2010-\u2015{INVISIBLE}]+")
_AROUND = "*\"'†"
"""Marks around a name: the asterisk of a template, doubled quotation marks."""
_LONGEST_NAME = 200
"""A longer text is not a column name, and would take minutes to compare."""


def fold(header: str) -> str:
    """Reduce a header for comparing: without case, spaces, `_`, `-` and accents.

    Invisible marks, and an asterisk at the end ("First Name*"), do not count either.
    """
    return _reduced(header) if len(header) <= _LONGEST_NAME else header


@lru_cache(maxsize=4096)
def _reduced(header: str) -> str:
    plain = unicodedata.normalize("NFKD", header.casefold()).translate(_PLAIN_LETTERS)
    if not plain.isascii():
        plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return _LEFT_OUT.sub("", plain).strip(_AROUND)
