"""LinkedIn profiles: finds the slug in a URL, and builds the URL of a slug."""

from __future__ import annotations

import re
import string
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import quote, unquote

from listdrop.cells.emails import is_email

_PLAIN_PROFILE = re.compile(r"https?://(?:www\.)?linkedin\.com/in/([A-Za-z0-9_-]{2,200})/?")
_USUAL = "\nhttps://www.linkedin.com/in/"
_SLUG_BYTES = f"{string.ascii_letters}{string.digits}-_\n".encode()
_MAX_PROFILE = 2_000
_HOST = r"(?:https?://)?(?:www\.)?(?:[a-z]{1,3}\.)?linkedin\.com(?::\d+)?/+"
_ADDRESS = re.compile(
    rf"(?:(?:^|(?<=[\s,;|(<])){_HOST}(?:(?:comm|mwlite)/+)?|^)in/+([^\s/?#&]+)", re.I
)
"""A profile's URL: at the beginning, or after a space or a mark, but not inside another URL."""
_CLEAN = re.compile(
    rf"{_HOST.removesuffix('+')}in/(?:[\w.~'-]|%[0-9a-f]{{2}})*(?:[\w-]|%[0-9a-f]{{2}})/?",
    re.I | re.ASCII,
)
_MARKDOWN = re.compile(r"\[(?P<text>[^\]]*)\]\(\s*(?P<target>[^)\s]+)[^)]*\)")
_HYPERLINK = re.compile(
    r"=HYPERLINK\(\s*\"(?P<target>[^\"]*)\"\s*(?:[,;]\s*\"(?P<text>[^\"]*)\"\s*)?\)", re.I
)
"""A link in Markdown or in a spreadsheet: its text and its target."""
_NEXT = re.compile(r"[,;|]")
_TAIL = ".:!*'\"`)]}>\u00b4\u2018\u2019\u201c\u201d\u201e\u00bb\u2026"
# Without the replacement character (bytes that are not text), and characters that break a path.
_SLUG = re.compile(r"(?!:)[^\s/?#&=%$<>{}\[\]()*|\"\x00-\x1f\x7f\ufffd]{2,200}")
_NOBODY = frozenset(
    {
        "me", "unknown", "null", "none", "undefined", "nan", "na", "n-a", "slug", "username",
        "user-name", "yourname", "your-name", "yourprofile", "your-profile", "profile",
        "firstname-lastname", "firstnamelastname", "first-last", "first-name-last-name", "http",
        "https", "linkedin", "linkedin.com", "www.linkedin.com",
    }
)  # fmt: skip
"""Placeholders for a slug, from templates and exports."""
_MEMBER_ID = re.compile(r"A[CE][A-Za-z]AA[A-Za-z0-9_-]{5,}")


def profile_slug(url: str) -> str:
    """Return the decoded slug of a public LinkedIn profile; empty if the text has none.

    Accepts `https://www.linkedin.com/in/x/?y`, country and mobile hosts, `linkedin.com/comm/in/x`,
    `linkedin.com/in/x` and `in/x`; also in `<…>`, in a Markdown or spreadsheet link, with marks
    after it, among other words, or encoded twice. Not a profile: a company's page, a Sales
    Navigator URL, a URL inside another site's URL, a template's placeholder.
    """
    plain = _PLAIN_PROFILE.fullmatch(url)
    if plain and plain[1].lower() not in _NOBODY:
        return plain[1]
    return _slug_in(url.strip()) if len(url) <= _MAX_PROFILE else ""


@lru_cache(maxsize=1024)  # mapping and every provider ask about the same row
def _slug_in(text: str) -> str:
    link = _MARKDOWN.search(text) or _HYPERLINK.fullmatch(text)
    if link:
        return _slug_in((link["text"] or "").strip()) or _slug_in(link["target"].strip())
    return next(filter(None, (_slug(found[1]) for found in _ADDRESS.finditer(text))), "")


def _slug(written: str) -> str:
    """Decode the text after `/in/`, and cut it after the slug; empty if there is no slug."""
    for _ in range(3):
        decoded = unquote(written)
        if decoded == written:
            break
        written = decoded
    slug = _NEXT.split(written, maxsplit=1)[0].strip().rstrip(_TAIL).strip()
    if not _SLUG.fullmatch(slug) or slug.lower() in _NOBODY or not any(map(str.isalnum, slug)):
        return ""
    return slug


def is_member_id(slug: str) -> bool:
    """Whether a slug is LinkedIn's internal member id, as in search results (`ACwAA…`).

    It leads to the same profile as the public slug, but nobody identifies a person by it.
    """
    return _MEMBER_ID.fullmatch(slug) is not None


def tidy_profile(text: str) -> str:
    """Return a clean profile URL: unchanged if the text is one, otherwise the URL of its slug.

    A text without a profile is returned unchanged.
    """
    if _CLEAN.fullmatch(text) and "%25" not in text:
        return text
    slug = profile_slug(text)
    return profile_url(slug, "www.linkedin.com") if slug else text


def _are_usual(texts: Sequence[str]) -> bool:
    """Whether all are clean URLs of the usual form, or empty, as in most files."""
    text = "\n".join(("", *texts))
    rest = text.replace(_USUAL, "")
    return (
        rest.isascii()
        and (len(text) - len(rest)) // len(_USUAL) == len(texts) - texts.count("")
        and not rest.encode().translate(None, _SLUG_BYTES)
    )


def slugs_of(texts: Sequence[str]) -> Sequence[bytes]:
    """Return `profile_slug` of many texts, in lower case and as bytes."""
    if _are_usual(texts):
        start = len(_USUAL) - 1
        return "\n".join([text[start:] for text in texts]).lower().encode().split(b"\n")
    return [profile_slug(text).lower().encode() for text in texts]


def tidy_profiles(texts: Sequence[str]) -> Sequence[str]:
    """`tidy_profile` for many texts. If all are clean, one check is enough."""
    if _are_usual(texts):
        return texts
    plain = list(map(_PLAIN_PROFILE.fullmatch, texts))
    if all(plain):
        return texts
    pairs = zip(texts, plain, strict=True)
    return [text if is_plain or not text else tidy_profile(text) for text, is_plain in pairs]


def person_key(text: str) -> str:
    """Return a person key, `EMAIL#...` or `LINKEDIN#...`; empty if the text names no person.

    Accepts an e-mail address, a LinkedIn profile, or a person key.
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
    """Return the canonical URL of a profile, percent-encoded where necessary."""
    return f"https://{host}/in/{quote(slug, safe='-_.~')}"
