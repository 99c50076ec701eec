"""Header names: how two of them are the same, and what the published aliases call them."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

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
_PLAIN_LETTERS = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d"})
"""Letters that do not come apart into a plain one and an accent."""
_LONGEST_NAME = 200
"""What is longer is nobody's column name: a piece of text that would take minutes to compare."""


def fold(header: str) -> str:
    """Reduce a header to what is compared: without case, spaces, `_`, `-` and accents."""
    return _reduced(header) if len(header) <= _LONGEST_NAME else header


@lru_cache(maxsize=4096)
def _reduced(header: str) -> str:
    plain = unicodedata.normalize("NFKD", header.casefold()).translate(_PLAIN_LETTERS)
    kept = (character for character in plain if not unicodedata.combining(character))
    return re.sub(r"[\s_\-\u200b\u2010-\u2015\ufeff]+", "", "".join(kept))
