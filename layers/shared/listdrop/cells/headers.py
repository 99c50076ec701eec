"""Header names: how two of them are the same, and what the published aliases call them."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

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
"""Letters that do not come apart into a plain one and an accent; the last is Turkish, dotless."""
_LEFT_OUT = re.compile(rf"[\s_\-\u2010-\u2015{INVISIBLE}]+")
_AROUND = "*\"'†"
"""Marks around a name: a template's asterisk, quotation marks that were doubled."""
_LONGEST_NAME = 200
"""What is longer is nobody's column name: a piece of text that would take minutes to compare."""


def fold(header: str) -> str:
    """Reduce a header to what is compared: without case, spaces, `_`, `-` and accents.

    Nor do invisible marks count, and an asterisk at its end: "First Name*".
    """
    return _reduced(header) if len(header) <= _LONGEST_NAME else header


@lru_cache(maxsize=4096)
def _reduced(header: str) -> str:
    plain = unicodedata.normalize("NFKD", header.casefold()).translate(_PLAIN_LETTERS)
    kept = (character for character in plain if not unicodedata.combining(character))
    return _LEFT_OUT.sub("", "".join(kept)).strip(_AROUND)
