"""LinkedIn profiles: finds the slug in a URL, and builds the URL of a slug."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import quote, unquote

from listdrop.cells.emails import is_email
from listdrop.cells.entities import decoded
from listdrop.cells.mojibake import LOST
from listdrop.cells.others import is_of_another
from listdrop.cells.patterns import lazy

_PLAIN_PROFILE = lazy(r"https?://(?:www\.)?linkedin\.com/in/([A-Za-z0-9_-]{2,200})/?")
_USUAL = "https://www.linkedin.com/in/"
_PLAIN_PROFILES = lazy(rf"^(?:{_PLAIN_PROFILE.pattern})?$", re.M)
_SLUG_LENGTHS = frozenset(range(2, 201))
_SLUG_BYTES = f"{string.ascii_letters}{string.digits}-_".encode()
_MAX_PROFILE = 2_000
_HOST = r"(?:https?://)?(?:(?:touch|www|[a-z]{1,3})\.){0,2}linkedin\.com(?::\d+)?/+"
_AROUND = " \t\"'`\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb[]{}"
_ADDRESS = lazy(
    rf"(?:(?:^|(?<=[\s,;|(<])){_HOST}(?:(?:comm|mwlite(?:/+profile)?)/+)?|^)"
    r"in/+(?:in/+)*([^\s/?#&]+)(\s*)",
    re.I,
)
"""A profile's URL: at the beginning, or after a space or a mark, but not inside another URL."""
_CLEAN = lazy(
    rf"{_HOST.removesuffix('+')}in/(?:[\w~-]|%[0-9a-f]{{2}})*(?:[\w-]|%[0-9a-f]{{2}})/?",
    re.I | re.ASCII,
)
_MARKDOWN = lazy(r"\[(?P<text>[^\]]*)\]\(\s*(?P<target>[^)\s]+)[^)]*\)")
_HYPERLINK = lazy(
    r"=HYPERLINK\(\s*\"(?P<target>[^\"]*)\"\s*(?:[,;]\s*\"(?P<text>[^\"]*)\"\s*)?\)", re.I
)
"""A link in Markdown or in a spreadsheet: its text and its target."""
_NEXT = lazy(r"[,;|\uff0c\uff1b\uff5c\u3001]|[\"']?[<>]")
_MAY_FOLLOW = lazy(
    r"$|[^\w\s@#+-]|[-\u2010-\u2015](?=\s|$)|https?://|(?:[\w-]+\.)+[a-z]{2,}(?:[/\s]|$)|\S+@"
    r"|(?:1st|2nd|3rd\+?|linkedin|verified|profile)(?![\w-])",
    re.I,
)
"""What may stand after a profile's URL and a blank: a mark, another URL, or what LinkedIn shows
beside a name. Another word there may be the rest of its slug."""
_ENCODED_END = lazy(r"%(?:25)*[0-9a-f]{2}$", re.I)
_ENCODED_PLUS = lazy(r"%(?:25)*2b", re.I)
_AFTER_ENCODED = ".:!*'\"`)]}>\u00b4\u2018\u2019\u201c\u201d\u201e\u00bb\u2026"
"""What does not end a slug though it is percent-encoded. Other marks do: `c%2B%2B`."""
_CUT_OFF = lazy(r"\u2026|\.\.|\*\*")
"""Signs in the place of the rest of a slug, or of letters inside it."""
_PAGES = lazy(r"(?:company|companies|school|showcase|pub|groups|posts)$", re.I)
"""What is no slug if another part of a path follows: `in/company/fernhill`."""
_RUN_ON = lazy(r"https?:?$|www\.|linkedin\.com", re.I)
"""Another URL that begins without a blank."""
_PAGE = lazy(r"\.html?$", re.I)
_SHORTEST, _LONGEST = 2, 200
_OF_SLUGS = frozenset("-_.~'\u2019\u00b7\u2013")
"""Marks that slugs have. LinkedIn takes some of them over from names: O\u2019Neil, Gal\u00b7la."""
_SIGNS = frozenset({"Sm", "Sk", "Sc"})
_FIRST_EMOJI = "\U0001f000"
_JOINER = "\u200d"
_LINE_ENDS = frozenset("\t\n\x0b\x0c\r\u2028\u2029")
_POSSESSIVE = lazy(r"['\u2019]s$")
_NOBODY = frozenset(
    {
        "me", "unknown", "null", "none", "undefined", "nan", "na", "n-a", "slug", "username",
        "user-name", "yourname", "your-name", "yourprofile", "your-profile", "profile",
        "firstname-lastname", "firstnamelastname", "first-last", "first-name-last-name", "http",
        "https", "linkedin", "linkedin.com", "www.linkedin.com", "in", "unavailable",
    }
)  # fmt: skip
"""Placeholders for a slug, from templates and exports."""
_MEMBER_ID = lazy(r"A[CE][A-Za-z]AA[A-Za-z0-9_-]{5,}")


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
    text = decoded(text)
    link = _MARKDOWN.search(text) or _HYPERLINK.fullmatch(text)
    if link:
        return _slug_in((link["text"] or "").strip()) or _slug_in(link["target"].strip())
    for found in _ADDRESS.finditer(text.lstrip(_AROUND)):
        slug = _slug(found[1])
        before, after = found.string[: found.start()], found.string[found.end() :]
        if is_of_another(before, f"{found[2]}{after}") or (_PAGES.match(slug) and after[:1] == "/"):
            return ""
        if slug and found[2] and not _is_whole(found):
            return ""
        if slug:
            return slug
    return ""


def _is_whole(found: re.Match[str]) -> bool:
    """Whether a slug ends at the blank after it: "in/tessa marlow" is not Tessa's."""
    return (
        _is_mark(found[1][-1])
        or not _LINE_ENDS.isdisjoint(found[2])
        or _MAY_FOLLOW.match(found.string, found.end()) is not None
    )


def _slug(written: str) -> str:
    """Decode the text after `/in/`, and cut it after the slug; empty if there is no slug."""
    written = _NEXT.split(written, maxsplit=1)[0]
    if _CUT_OFF.search(written):
        return ""
    written = _without_marks(written)
    has_plus = _ENCODED_PLUS.search(written) is not None
    ends_encoded = has_plus or _ENCODED_END.search(written) is not None
    for _ in range(3):
        once_less = unquote(written)
        if once_less == written:
            break
        written = once_less
    slug = _NEXT.split(written, maxsplit=1)[0].strip()
    if _RUN_ON.search(slug) or _CUT_OFF.search(slug):
        return ""
    slug = _without_marks(slug, _AFTER_ENCODED if ends_encoded else "")
    slug = _PAGE.sub("", slug)
    if (
        not _SHORTEST <= len(slug) <= _LONGEST
        or slug.lower() in _NOBODY
        or not any(map(str.isalnum, slug))
        or any(map(_is_no_part, slug.replace("+", "") if has_plus else slug))
        or _POSSESSIVE.search(slug)
    ):
        return ""
    return slug


def _without_marks(text: str, marks: str = "") -> str:
    """Cut off these marks at the end, or any: commas, quotation marks of any script, a plus."""
    end = len(text)
    while end and (text[end - 1] in marks if marks else _is_mark(text[end - 1])):
        end -= 1
    return text[:end]


def _is_mark(character: str) -> bool:
    """Whether it may stand after a slug, but does not end one."""
    if character in "-_" or character >= _FIRST_EMOJI:
        return False
    kind = unicodedata.category(character)
    return kind[0] in "PZ" or kind in _SIGNS


def _is_no_part(character: str) -> bool:
    """Whether no slug has this character. Emoji and letters of any script are in some."""
    if character in _OF_SLUGS or character == _JOINER:
        return False
    kind = unicodedata.category(character)
    return _is_mark(character) or kind in ("Cc", "Cf") or character == LOST


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


def usual_slugs(texts: Sequence[str]) -> Sequence[str] | None:
    """Return the slugs if all texts are clean URLs of the usual form, or empty, as in most files.

    A few searches of all texts at once find that out.
    """
    filled = texts if all(texts) else list(filter(None, texts))
    ends = [text[len(_USUAL) :] for text in filled]
    if _USUAL.join(("", *ends)) != "".join(filled):
        return None
    rest = "".join(ends)
    if (
        rest.isascii()
        and not rest.encode().translate(None, _SLUG_BYTES)
        and _SLUG_LENGTHS.issuperset(map(len, ends))
        and _NOBODY.isdisjoint(ends if rest == rest.lower() else map(str.lower, ends))
    ):
        return ends if filled is texts else [text[len(_USUAL) :] for text in texts]
    return None


def _plain_slugs(texts: Sequence[str]) -> Sequence[str] | None:
    """Return the slugs if all texts are plain URLs, or empty."""
    text = "\n".join(texts)
    slugs = _PLAIN_PROFILES.findall(text)
    is_plain = len(slugs) == len(texts) and text.count("\n") == len(texts) - 1
    return slugs if is_plain and _NOBODY.isdisjoint(map(str.lower, slugs)) else None


def tidy_profiles(texts: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Return `tidy_profile` of many texts, and the `profile_slug` of each."""
    slugs = usual_slugs(texts) or _plain_slugs(texts)
    if slugs is not None:
        return texts, slugs
    tidy = [
        text if not text or _PLAIN_PROFILE.fullmatch(text) else tidy_profile(text) for text in texts
    ]
    return tidy, list(map(profile_slug, tidy))


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


def profile_urls(slugs: Sequence[str], host: str = "linkedin.com") -> list[str]:
    """`profile_url` for many slugs. Most need no encoding."""
    start = f"https://{host}/in/"
    text = "".join(slugs)
    if text.isascii() and not text.encode().translate(None, _SLUG_BYTES):
        return [start + slug for slug in slugs]
    return [profile_url(slug, host) for slug in slugs]
