"""Other people's texts: addresses hidden until asked for, control characters made harmless."""

from __future__ import annotations

import re
import unicodedata

from listdrop.cells.profiles import profile_slug
from listdrop.models import RowItem

# Possessive, so that a long word is scanned only once.
_WORD = re.compile(r"[^\s\"'<>(),;\[\]{}|]++")
_PART = re.compile(r"[^\s\"'<>(),;\[\]{}|:/=&?#]++")
_ADDRESS = re.compile(r"(.+)(@|%40)(.+)", re.IGNORECASE | re.DOTALL)
_PROFILE = re.compile(r"(/in/|^in/)([^/?#&]+)", re.IGNORECASE)
_SHORTEST = 3
_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def inert(text: str, limit: int = 0) -> str:
    """Make control characters visible and harmless; cut the text at `limit` characters."""
    if limit and len(text) > limit:
        text = text[:limit] + "…"
    return text if text.isprintable() and _DIRECTIONS.isdisjoint(text) else _visible(text)


def _visible(text: str) -> str:
    return "".join(map(_seen, text))


def _seen(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return " " if character in "\t\n\r" else chr(0x2400 + code)
    if character in _DIRECTIONS or unicodedata.category(character) in ("Cc", "Cs", "Co", "Cn"):
        return f"[U+{code:04X}]"
    return character


def hidden(text: str, *names: str) -> str:
    """Shorten the addresses, profiles and `names` in a text to their first letter."""
    text = _WORD.sub(lambda found: _PROFILE.sub(_hidden_profile, found[0]), text)
    text = _PART.sub(_hidden_address, text)
    for name in names:
        if len(name) >= _SHORTEST:
            whole = rf"(?<!\w){re.escape(name)}(?!\w)"
            text = re.sub(whole, _hidden_name, text, flags=re.IGNORECASE)
    return text


def _hidden_profile(found: re.Match[str]) -> str:
    return found[1] + _short(found[2])


def _hidden_address(found: re.Match[str]) -> str:
    address = _ADDRESS.fullmatch(found[0])
    return f"{_short(address[1])}@{address[3]}" if address else found[0]


def _hidden_name(found: re.Match[str]) -> str:
    return _short(found[0])


def _short(name: str) -> str:
    return name[:1] + "…"


def hidden_person(person: str) -> str:
    """Return a person key (`EMAIL#...` or `LINKEDIN#...`) as people write it, hidden."""
    kind, _, name = person.partition("#")
    return hidden(name) if kind == "EMAIL" else f"linkedin.com/in/{_short(name)}"


def names_in(row: RowItem) -> tuple[str, ...]:
    """Return the texts by which a provider's words may name the row's person."""
    return (row.email, row.email.rpartition("@")[0], profile_slug(row.linkedin_url))
