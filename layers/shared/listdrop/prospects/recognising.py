"""Finds the canonical field of a header, by the published aliases and a few rules."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Container, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from itertools import chain
from typing import Any

from listdrop.cells.headers import CANONICAL, fold
from listdrop.cells.patterns import lazy
from listdrop.prospects.spelling import spelled

_SEPARATORS = lazy(r"[/>»→.]+|::?|\[\d*\]")
_BRACKETS = lazy(r"[(\[]([^()\[\]]*)[)\]]")
_VALUE = lazy(r"primary|values?")
_JOINTS = "/,&+;|().:"
_MEMBER = lazy(r"[/.\[](\d)\]?$")
_PARENTHESES = str.maketrans("", "", "()")
_LONGEST_OF_WORDS = 60
"""In characters. A longer header has more than words for an e-mail address."""
_LATER = 0.5
"""How far a header that is found by a rule ranks below its alias."""


@cache
def aliases() -> dict[str, Any]:
    """Return the published table, `aliases.toml`."""
    return tomllib.loads(files("listdrop.prospects").joinpath("aliases.toml").read_text("utf-8"))


@cache
def words(*path: str) -> frozenset[str]:
    """Return one list of the table, folded."""
    found: Any = aliases()
    for name in path:
        found = found[name]
    return frozenset(map(fold, found))


@cache
def ranks() -> Mapping[str, tuple[str, float]]:
    """Return folded header to canonical field and rank. The first field with a header wins."""
    found: dict[str, tuple[str, float]] = {}
    for name in CANONICAL:
        for rank, alias in enumerate((*aliases()["fields"][name], name)):
            found.setdefault(fold(alias), (name, rank))
    return found


@lru_cache(maxsize=4096)
def field_of(folded: str) -> tuple[str, float] | None:
    """Return the field of a folded header, and the header's rank for that field.

    It is found by an alias, also inside a path ("Emails / Primary Email"), beside the name of an
    enrichment tool ("(Lusha) Work email"), in a question of a form ("What's your email address?"),
    in another spelling ("First Name(s)") or made of two aliases ("Surname/First name").
    """
    if known := ranks().get(folded):
        return known
    for inner in filter(None, (*asked_for(folded), _without_brackets(folded))):
        if known := ranks().get(fold(inner)) or _of_path(fold(inner)):
            return known[0], known[1] + _LATER
    if known := spelled(folded, ranks()) or ranks().get(without_role(folded)):
        return known[0], known[1] + _LATER
    return ("full_name", float(len(ranks()))) if order_of_parts(folded) else None


def without_role(folded: str) -> str:
    """Return a header without the word for the row's person; empty if it has none.

    That is before or after it: `Delegate Name`, `Nom du contact`. But the `Company Contact` is one.
    """
    roles = aliases()["roles"]
    names = tuple(map(fold, roles["names"]))
    parts = words("roles", "parts")
    headers = parts | words("roles", "others")
    for role in (*names, *map(fold, roles["before"])):
        if folded.startswith(role) and (rest := folded[len(role) :].lstrip(":")) in headers:
            return rest
    role = next(filter(folded.endswith, names), "")
    before = folded.removesuffix(role) if role else ""
    joints = ("", *map(fold, roles["joints"]))
    rests = (before.removesuffix(joint) for joint in joints if before.endswith(joint))
    return next((rest for rest in rests if rest in parts), "")


def asked_for(folded: str) -> list[str]:
    """Return a header without marks around it, and what it asks for if it is a form's question."""
    bare = (folded if folded.isascii() else _without_emoji(folded)).strip(":.?#!\u00bf\u00a1")
    starts = words("questions", "starts")
    return [bare, *(bare[len(start) :] for start in starts if _begins(bare, start))]


def _without_emoji(folded: str) -> str:
    """Remove emoji and other symbols at both ends of a header."""
    start, end = 0, len(folded)
    while start < end and _is_symbol(folded[start]):
        start += 1
    while start < end and _is_symbol(folded[end - 1]):
        end -= 1
    return folded[start:end]


def _is_symbol(character: str) -> bool:
    return unicodedata.category(character) in ("So", "Sk") or character == "\ufe0f"


def field_beside(name: str, present: Container[str]) -> tuple[str, float] | None:
    """Return the field and rank of a header that counts only beside others of its language.

    These are short words. With their accents they count anyway. `present` are the folded headers.
    """
    folded = fold(name)
    field, others = _beside().get(folded, ("", frozenset[str]()))
    has_accents = any(letter.isalpha() and not letter.isascii() for letter in name)
    if field and (has_accents or any(each in present for each in others - {folded})):
        return field, float(len(ranks()))
    return None


@cache
def _beside() -> Mapping[str, tuple[str, frozenset[str]]]:
    return {
        fold(name): (field, frozenset(map(fold, each["headers"])))
        for each in aliases()["beside"]
        for name, field in each["fields"].items()
    }


def _begins(folded: str, start: str) -> bool:
    return folded.startswith(start) and len(folded) > len(start)


@lru_cache(maxsize=4096)
def order_of_parts(folded: str) -> str:
    """Return the list of `names` whose order a full name has that its header names the parts of.

    "first_last", which is no list, if the first name comes first; empty if the header is no such.
    """
    folded = folded.strip(_JOINTS)
    firsts, lasts = _aliases_of("first_name"), _aliases_of("last_name")
    if any(_joins(folded, first, lasts) for first in firsts if _begins(folded, first)):
        return "first_last"
    for last in lasts:
        if _begins(folded, last) and _joins(folded, last, firsts):
            return "surnames_first" if last in words("names", "several") else "last_first"
    return ""


def _joins(folded: str, start: str, ends: frozenset[str]) -> bool:
    """Whether the rest of a header is one of these, after a mark or a word such as "and"."""
    rest = folded[len(start) :]
    joining = words("names", "and")
    return any(
        rest.endswith(end) and rest[: -len(end)].strip(_JOINTS) in joining | {""} for end in ends
    )


@cache
def _aliases_of(field: str) -> frozenset[str]:
    found = chain(ranks().items(), _beside().items())
    return frozenset(folded for folded, (name, _) in found if name == field)


def _without_brackets(folded: str) -> str:
    """Remove brackets with a tool's name or "required"; empty if the header has neither."""
    harmless = words("tools", "names") | words("tools", "harmless")
    found = _BRACKETS.search(folded)
    if found is None or fold(found[1]) not in harmless:
        return ""
    rest = fold(folded[: found.start()] + folded[found.end() :])
    return _without_brackets(rest) or rest


def _of_path(folded: str) -> tuple[str, float] | None:
    """Return the field and rank of a path; `None` if it is not a known path."""
    parts = [fold(part) for part in _SEPARATORS.split(folded)]
    parts = [part for part in parts if part and not part.isdecimal()]
    if len(parts) < 2:
        return _of_list(parts, folded)
    *before, last = parts
    neutral, company = words("paths", "neutral"), words("paths", "company")
    if company.intersection(before):
        if not set(before) <= company | neutral or last not in _company_fields():
            return None
        return _company_fields()[last], float(len(ranks()))
    if not set(before) <= neutral:
        return None
    if "linkedin" in before and last in words("paths", "linkedin"):
        return ranks()["linkedinurl"]
    # In "Emails / Value", only the first part names a field.
    return ranks().get(last) or (ranks().get(before[-1]) if _VALUE.fullmatch(last) else None)


def _of_list(parts: Sequence[str], folded: str) -> tuple[str, float] | None:
    """Return the field and rank of one of the members of a list: `emails/0`, `emails[1]`.

    `Email.1` is none: so a second column of the same name is called, which is another person's.
    """
    found = _MEMBER.search(folded)
    if len(parts) != 1 or not found or (found[1] != "0" and not parts[0].endswith("s")):
        return None
    known = ranks().get(parts[0])
    return known and (known[0], known[1] + _LATER + int(found[1]) / 100)


@lru_cache(maxsize=4096)
def kind_of_address(folded: str) -> str:
    """Return `neutral` or `private` for a header of a person's addresses; otherwise empty."""
    if len(folded) > _LONGEST_OF_WORDS:
        return ""
    for text in asked_for(folded):
        plain = text.translate(_PARENTHESES)
        for kind, lists in (("neutral", ()), ("private", ("private",))):
            if any(_is_made_of(*parts, *lists) for parts in _around_mail(plain)):
                return kind
    return ""


def _around_mail(text: str) -> list[tuple[str, str]]:
    """Return what stands before and after each word for e-mail in a text."""
    return [
        (before, after)
        for mail in words("addresses", "mail")
        for before, found, after in (text.partition(mail),)
        if found
    ]


def _is_made_of(before: str, after: str, *lists: str) -> bool:
    both = ("neutral", "roles", *lists)
    return _is_only(before, _all("first", *both)) and _is_only(after, _all("last", *both))


@cache
def _all(*lists: str) -> frozenset[str]:
    return frozenset().union(*(words("addresses", name) for name in lists))


def _is_only(text: str, allowed: Iterable[str]) -> bool:
    """Whether a text without spaces can be read as these words."""
    ends = {0}
    for start in range(len(text)):
        if start in ends:
            ends |= {start + len(word) for word in allowed if text.startswith(word, start)}
    return len(text) in ends


@cache
def _company_fields() -> Mapping[str, str]:
    found = aliases()["paths"]["company_fields"]
    return {fold(name): field for name, field in found.items()}


def known_headers(overrides: Mapping[str, str | None]) -> Container[str]:
    """Return the folded names by which a header line is found: aliases and the route's names."""
    return _KnownHeaders(frozenset(map(fold, overrides)))


class _KnownHeaders:
    """Folded names by which a header line is found: those of a field, and the route's own."""

    def __init__(self, own: frozenset[str]) -> None:
        self._own = own

    def __contains__(self, folded: object) -> bool:
        if folded in self._own:
            return True
        return isinstance(folded, str) and bool(field_of(folded) or kind_of_address(folded))
