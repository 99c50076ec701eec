"""Fields to a good row, or the reason why not. Shared by the providers' `prepare`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import quote, unquote, urlsplit

from listdrop.errors import InvalidRowError
from listdrop.models import Outcome, Prospect, RowResult

_ATOM = r"[^\s\"(),:;<>@\[\\\].\x00-\x1f\x7f]+"
_LABEL = r"[^\W_](?:(?:[^\W_]|-)*[^\W_])?"
_EMAIL = re.compile(
    rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+(?:[^\W\d_]{{2,}}|xn--[a-z0-9-]+)", re.I
)
_PLAIN_EMAIL = re.compile(
    r"[A-Za-z0-9_-]++(?:\.[A-Za-z0-9_-]++)?+"
    r"@[A-Za-z0-9]++(?:-[A-Za-z0-9]++)?+\.[A-Za-z]{2,}+(?:\.[A-Za-z]{2,}+)?+"
)
_MAX_EMAIL = 254
_MAX_LOCAL = 64
_MAX_LABEL = 63

_PLAIN_PROFILE = re.compile(r"https?://(?:www\.)?linkedin\.com/in/([A-Za-z0-9_-]{2,200})/?")
_MAX_PROFILE = 2_000
_PROFILE_HOST = re.compile(r"(?:[a-z]{1,3}\.)?linkedin\.com", re.I)
# Not what `unquote` makes of bytes that are no text, and nothing that breaks a path.
_SLUG = re.compile(r"[^\s/?#&=<>\"\x00-\x1f\x7f\ufffd]{2,200}")


def are_plain_emails(texts: Sequence[str]) -> Sequence[object]:
    """Say of each text whether it surely is an address (true), or may be none.

    Most are, and are found in a fraction of the time. Up to 64 characters, no part is too long.
    """
    if max(map(len, texts)) <= _MAX_LOCAL:
        return list(map(_PLAIN_EMAIL.fullmatch, texts))
    return [len(text) <= _MAX_LOCAL and _PLAIN_EMAIL.fullmatch(text) for text in texts]


def is_email(text: str) -> bool:
    """Whether the text is one address that a mail provider would take.

    Dot-atom local part, dotted domain, at least two letters at its end: what ActiveCampaign
    publishes, and no narrower than the others need. Letters of any script are allowed.
    """
    return (
        len(text) <= _MAX_EMAIL
        and _EMAIL.fullmatch(text) is not None
        and text.index("@") <= _MAX_LOCAL
        and max(map(len, text[text.index("@") + 1 :].split("."))) <= _MAX_LABEL
    )


def required_email(prospect: Prospect) -> str:
    """Return a row's address as it is to be sent. Raises `InvalidRowError`."""
    if not prospect.email:
        raise InvalidRowError(*(_INVALID_EMAIL if prospect.email is None else _MISSING_EMAIL))
    return prospect.email


def required_emails(emails: Sequence[str | None]) -> tuple[list[str], dict[int, RowResult]]:
    """Return the addresses of many rows as identities; by place, why there is none."""
    if all(emails):
        return list(map(str.lower, emails)), {}  # type: ignore[arg-type] # none is `None`
    identities = [email.lower() if email else "" for email in emails]
    invalid = {
        place: RowResult(Outcome.INVALID, *(_INVALID_EMAIL if email is None else _MISSING_EMAIL))
        for place, email in enumerate(emails)
        if not email
    }
    return identities, invalid


def checked_email(text: str) -> str:
    """Return an address, if it is one. Raises `InvalidRowError`."""
    if not text:
        raise InvalidRowError(*_MISSING_EMAIL)
    if not is_email(text):
        raise InvalidRowError(*_INVALID_EMAIL)
    return text


_MISSING_EMAIL = ("missing_email", "The row has no e-mail address.")
_INVALID_EMAIL = ("invalid_email", "The e-mail address is not a valid one.")


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


def required_profile(prospect: Prospect) -> str:
    """Return the decoded slug of the row's LinkedIn profile. Raises `InvalidRowError`."""
    url = prospect.fields.get("linkedin_url", "")
    if not url:
        raise InvalidRowError("missing_linkedin_url", "The row has no LinkedIn profile address.")
    slug = profile_slug(url)
    if not slug:
        raise InvalidRowError(
            "invalid_linkedin_url", "The LinkedIn address is not that of a person's public profile."
        )
    return slug


def profile_url(slug: str, host: str = "linkedin.com") -> str:
    """Return the canonical address of a profile, percent-encoded where it must be."""
    return f"https://{host}/in/{quote(slug, safe='-_.~')}"


def full_name(prospect: Prospect) -> str:
    """Return the person's whole name, from whichever name fields there are; may be empty."""
    fields = prospect.fields
    whole = f"{fields.get('first_name', '')} {fields.get('last_name', '')}".strip()
    if whole and fields.get("first_name") and fields.get("last_name"):
        return whole
    return fields.get("full_name", "") or whole


_QUOTED_TAGS = re.compile(r'\s*"[^"]*"(?:\s*,\s*"[^"]*")*\s*')


def tag_list(text: str) -> list[str]:
    """Split a cell of tags at `;`, `|` or `:::`, leaving out empty ones and repeats.

    Mailchimp's are quoted and separated by commas; a star marks what Google Contacts itself names.
    """
    if _QUOTED_TAGS.fullmatch(text):
        found = re.findall(r'"([^"]*)"', text)
    else:
        found = re.split(r"[;|]|:::", text)
    pieces = (piece.strip().removeprefix("* ").strip() for piece in found)
    return list(dict.fromkeys(piece for piece in pieces if piece))
