"""People's names: first and last, titles, degrees, and what is none."""

from __future__ import annotations

import re

_HONORIFICS = frozenset(
    {
        "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", "dame", "madam", "herr", "frau",
        "hr", "fr", "m", "mme", "mlle", "monsieur", "madame", "mademoiselle", "sr", "sra", "srta",
        "señor", "señora", "sig", "sigra", "dott", "dhr", "mevr", "ing", "rev", "dipl", "pd",
    }
)  # fmt: skip
_DISCIPLINES = frozenset(
    {
        "rer", "nat", "med", "phil", "jur", "iur", "h", "c", "hc", "habil", "dent", "vet", "pol",
        "oec", "theol", "techn", "mult", "kfm", "inf", "univ", "agr", "soc", "publ", "sc", "fh",
    }
)  # fmt: skip
"""What follows a title: "Dr. rer. nat."."""
_CREDENTIALS = frozenset(
    {
        "jr", "sr", "ii", "iii", "iv", "esq", "esquire", "phd", "dphil", "mphil", "MD", "m.d.",
        "dds", "dvm", "edd", "dba", "pharmd", "mba", "emba", "msc", "bsc", "meng", "beng", "mpa",
        "mph", "llm", "llb", "jd", "cpa", "cfa", "pmp", "m.a.", "b.a.", "m.s.", "b.s.",
    }
)  # fmt: skip
"""What may follow a name and a comma; as it is written only where it could be a name otherwise."""
_NO_NAME = re.compile(r"^\s*\(|[\d@&]|\b(?:of|at|for)\b", re.I)
_LONGEST_HONORIFIC = 40


def is_honorific(value: str) -> bool:
    """Whether a title is a form of address, not a job."""
    if len(value) > _LONGEST_HONORIFIC or value == "HR":  # which is a department
        return False
    words = _words(value)
    return bool(words) and words[0] in _HONORIFICS and set(words) <= _HONORIFICS | _DISCIPLINES


def _words(title: str) -> list[str]:
    return re.sub(r"[.()-]", " ", title).casefold().split()


def _is_of_title(piece: str) -> bool:
    """Whether a word after a title belongs to it: "phil." does, but Phil is a name."""
    is_short = piece.endswith(".") or not piece[0].isupper()
    return is_honorific(piece) or (is_short and set(_words(piece)) <= _DISCIPLINES)


def _without_title(pieces: list[str]) -> list[str]:
    """Leave out what comes before a name, but no more than to leave two words."""
    start = 0
    while start < len(pieces) - 2 and (
        _is_of_title(pieces[start]) if start else is_honorific(pieces[0])
    ):
        start += 1
    return pieces[start:]


def split_name(whole: str) -> tuple[str, str]:
    """Return first and last name of a whole one; `Last, First` is turned round.

    Of a title and one word, the word is the last name where the title is of several words.
    """
    last, _, first = whole.partition(",")
    last, first = " ".join(last.split()), first.strip()
    if first and " " not in last and _are_credentials(first):
        return last, ""
    if first and (" " not in last or _may_be_name(first, last)):
        *given, _ = _without_title([*first.split(), last])
        *family, _ = _without_title([*last.split(), first])
        return " ".join(given), " ".join(family)
    pieces = whole.split()
    if not pieces:
        return "", ""
    named = _without_title(pieces)
    if len(named) < len(pieces) and _is_of_title(named[0]):
        return "", named[-1]
    return named[0], " ".join(named[1:])


def _may_be_name(text: str, before: str) -> bool:
    """Whether what follows several words and a comma is a first name: no "PhD", no "VP of Sales".

    Nor is it one in capitals that the words before it are not in, but for initials.
    """
    first = text.partition(",")[0]
    if _are_credentials(first) or _NO_NAME.search(first):
        return False
    are_initials = any("." in word or len(word) == 1 for word in first.split())
    return are_initials or not first.isupper() or before.isupper()


def _are_credentials(text: str) -> bool:
    words = re.split(r"[\s/-]+", text.partition(",")[0].strip())
    return all(
        {word, word.casefold(), word.casefold().replace(".", "")} & _CREDENTIALS for word in words
    )


def last_name_in(whole: str, first: str) -> str:
    """Return the last name where there is a first name and a "Name", which may be either thing.

    A name that begins with the first name is whole, and may have no last one; another of a single
    word is the last name. Otherwise it is not certain, and the result is empty.
    """
    whole = " ".join(_without_title(whole.split()))
    if whole.casefold().startswith(f"{first.casefold()} "):
        return whole[len(first) :].strip()
    return "" if " " in whole or whole.casefold() == first.casefold() else whole


def first_name_in(whole: str, last: str) -> str:
    """Return what a whole name has before its last name; empty if it does not end with that."""
    named, given = _without_title(whole.split()), last.split()
    before, rest = named[: -len(given)], named[-len(given) :]
    is_last = " ".join(rest).casefold() == " ".join(given).casefold()
    first = " ".join(before) if is_last else ""
    return "" if is_honorific(first) else first
