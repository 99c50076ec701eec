"""LinkedIn profiles: the slug in an address, and the address of a slug."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote, unquote, urlsplit

from listdrop.cells.emails import is_email

_PLAIN_PROFILE = re.compile(r"https?://(?:www\.)?linkedin\.com/in/([A-Za-z0-9_-]{2,200})/?")
_MAX_PROFILE = 2_000
_PROFILE_HOST = re.compile(r"(?:[a-z]{1,3}\.)?linkedin\.com", re.I)
# Not what `unquote` makes of bytes that are no text, and nothing that breaks a path.
_SLUG = re.compile(r"[^\s/?#&=<>\"\x00-\x1f\x7f\ufffd]{2,200}")


def profile_slug(url: str) -> str:
    """Return the slug of a public LinkedIn profile address, decoded; empty if it is none.

    Takes `https://www.linkedin.com/in/x/?y`, country and mobile hosts, `linkedin.com/mwlite/in/x`,
    `linkedin.com/in/x` and `in/x`, and any of them in `<…>`. A company's page or a Sales
    Navigator address is not a public profile.
    """
    plain = _PLAIN_PROFILE.fullmatch(url)
    if plain:
        return plain[1]
    return _slug_in(url.strip()) if len(url) <= _MAX_PROFILE else ""


@lru_cache(maxsize=1024)  # mapping and every provider ask about the same row
def _slug_in(text: str) -> str:
    if text.startswith("<") and text.endswith(">"):
        text = text[1:-1].strip()
    if text.lower().startswith("in/"):
        text = f"linkedin.com/{text}"
    if "://" not in text:
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        return ""
    path = [piece for piece in parts.path.split("/") if piece]
    if path[:1] and path[0].lower() == "mwlite":  # what telephones were shown
        del path[0]
    if host.startswith("www."):
        host = host.removeprefix("www.")
    if not _PROFILE_HOST.fullmatch(host) or len(path) < 2 or path[0].lower() != "in":
        return ""
    slug = unquote(path[1]).strip()
    return slug if _SLUG.fullmatch(slug) and any(map(str.isalnum, slug)) else ""


def person_key(text: str) -> str:
    """Return how a person is looked for: `EMAIL#...` or `LINKEDIN#...`; empty if it names nobody.

    Takes an address, a profile's address, or such a key.
    """
    text = text.strip()
    kind, _, name = text.partition("#")
    if kind in ("EMAIL", "LINKEDIN") and name:
        return f"{kind}#{name.lower()}"
    if is_email(text):
        return f"EMAIL#{text.lower()}"
    slug = profile_slug(text)
    return f"LINKEDIN#{slug.lower()}" if slug else ""


def profile_url(slug: str, host: str = "linkedin.com") -> str:
    """Return the canonical address of a profile, percent-encoded where it must be."""
    return f"https://{host}/in/{quote(slug, safe='-_.~')}"
