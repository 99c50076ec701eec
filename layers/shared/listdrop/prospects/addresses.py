"""Finds the e-mail addresses of a file in which no header is an alias for them.

Such a header is a word for e-mail among words that change nothing: `Mail-Adresse`, `Contact 1
Email`, `E-mail de contacto`. With any other word, as in `Owner Email`, the address may be somebody
else's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from listdrop.cells.headers import fold
from listdrop.prospects.consent_columns import NOT_OF_CONSENT, column_of
from listdrop.prospects.recognising import kind_of_address, ranks, words

_NAMES = frozenset({"full_name", "first_name"})
_NOT_OF_CONSENT = frozenset({None, *NOT_OF_CONSENT})


def address_columns(
    header: Mapping[int, str], folded: Sequence[str], *, is_named: bool
) -> list[int]:
    """Return the columns of the person's own addresses: one for work before a private one.

    `header` has the columns without a field, and `folded` all headers; `is_named`: other columns
    name the person. Between two of a kind nothing is chosen: neither is returned.
    """
    found: dict[str, list[int]] = {"neutral": [], "private": []}
    for index, name in header.items():
        kind = kind_of_address(folded[index])
        if kind and not _is_of_another(folded[index], folded, is_named=is_named):
            column = column_of(name)
            if (column and column.kind) in _NOT_OF_CONSENT:
                found[kind].append(index)
    return [each[0] for each in found.values() if len(each) == 1]


def perhaps_meant(names: Sequence[str]) -> list[str]:
    """Return the headers that may be those of addresses or profiles, by their words alone."""
    return [
        name
        for name in names
        if _sounds_like_address(name)
        if ((column := column_of(name)) and column.kind) in _NOT_OF_CONSENT
    ]


def _sounds_like_address(name: str) -> bool:
    folded = fold(name)
    is_profile = folded.endswith("linkedin") and "compan" not in folded
    return is_profile or folded.endswith(tuple(words("addresses", "mail")))


def _is_of_another(folded: str, present: Sequence[str], *, is_named: bool) -> bool:
    """Whether the role in a header is not that of the person whom other columns name.

    A candidate's row may have a client's address, and a member's row that of a guest who is named.
    """
    roles = words("addresses", "roles")
    own = {role for role in roles if role in folded}
    if not own:
        return False
    named = [
        (role, name)
        for name in present
        for role in roles
        if name == role or (name.startswith(role) and _is_name(name[len(role) :]))
    ]
    return any(role not in own or (is_named and name not in ranks()) for role, name in named)


def _is_name(folded: str) -> bool:
    return ranks().get(folded, ("",))[0] in _NAMES
