"""What people write into cells, made into one value: addresses, names, telephones, links."""

from __future__ import annotations

import re

from listdrop.checking import is_email

_WRAPPED = re.compile(r"<([^<>]*)>")
_BETWEEN = re.compile(r"[\s,;|/]+")
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d+)?e[+-]?\d+", re.I)
_HONORIFICS = frozenset(
    {
        "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", "dame", "madam", "herr", "frau",
        "hr", "fr", "m", "mme", "mlle", "monsieur", "madame", "mademoiselle", "sr", "sra", "srta",
        "señor", "señora", "sig", "sigra", "dott", "dhr", "mevr", "prof dr", "dr med", "ing",
        "dipl ing", "rev",
    }
)  # fmt: skip
_LONGEST_HONORIFIC = max(map(len, _HONORIFICS))


def split_emails(value: str) -> tuple[str, list[str]]:
    """Return the address of a cell and the others in it.

    Unwraps `mailto:` and `Name <address>`; of several the first valid one counts. A cell without
    a valid address is returned as it is, for the check to say so.
    """
    if "@" not in value or is_email(value):
        return value, []
    text = value.replace("mailto:", " ").replace("MAILTO:", " ")
    wrapped = _WRAPPED.findall(text)
    found = [
        piece.strip("'\"()[]").rstrip(".") for piece in _BETWEEN.split(" ".join(wrapped) or text)
    ]
    valid = list(dict.fromkeys(piece for piece in found if is_email(piece)))
    return (valid[0], valid[1:]) if valid else (value, [])


def is_mangled_number(value: str) -> bool:
    """Whether a spreadsheet has turned a telephone number into scientific notation, for good."""
    if "E" not in value and "e" not in value:
        return False
    return _SCIENTIFIC.fullmatch(value.replace(" ", "")) is not None


def is_honorific(value: str) -> bool:
    """Whether a title is a form of address, not a job."""
    if len(value) > _LONGEST_HONORIFIC + 4:  # and a few dots and spaces
        return False
    return " ".join(value.replace(".", " ").casefold().split()) in _HONORIFICS


def split_name(whole: str) -> tuple[str, str]:
    """Return first and last name of a whole one; `Last, First` is turned round."""
    last, comma, first = whole.partition(",")
    if comma and first.strip() and " " not in last.strip():
        return first.strip(), last.strip()
    pieces = whole.split()
    if not pieces:
        return "", ""
    start = 0
    while start < len(pieces) - 2 and is_honorific(pieces[start]):
        start += 1
    return pieces[start], " ".join(pieces[start + 1 :])


def last_name_in(whole: str, first: str) -> str:
    """Return the last name where there is a first name and a "Name", which may be either thing.

    A name that begins with the first name is whole; one of a single word is the last name.
    Otherwise it is not certain, and the result is empty.
    """
    if whole.casefold().startswith(f"{first.casefold()} "):
        return whole[len(first) :].strip()
    return "" if " " in whole else whole
