"""Fields to a good row, or the reason why not. Shared by the providers' `prepare`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from listdrop.cells.emails import is_email
from listdrop.cells.headers import fold
from listdrop.cells.profiles import profile_slug
from listdrop.errors import InvalidRowError
from listdrop.models import Outcome, Prospect, RowResult


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


def full_name(prospect: Prospect) -> str:
    """Return the person's whole name, from whichever name fields there are; may be empty."""
    fields = prospect.fields
    whole = f"{fields.get('first_name', '')} {fields.get('last_name', '')}".strip()
    if whole and fields.get("first_name") and fields.get("last_name"):
        return whole
    return fields.get("full_name", "") or whole


def named_values(prospect: Prospect, wanted: Mapping[str, object]) -> dict[str, str]:
    """Find the values that a route asks for by header or canonical name: wanted name to value."""
    names = _folded(tuple(wanted))
    found: dict[str, str] = {}
    for values in (prospect.custom, prospect.fields):
        for header, value in values.items():
            name = names.get(fold(header))
            if name is not None:
                found.setdefault(name, value)
    return found


@cache
def _folded(names: tuple[str, ...]) -> dict[str, str]:
    return {fold(name): name for name in names}
