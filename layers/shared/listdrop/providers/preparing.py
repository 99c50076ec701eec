"""Checks of required fields, shared by the providers' `prepare`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from listdrop.cells.emails import is_email
from listdrop.cells.headers import fold
from listdrop.cells.profiles import profile_slug
from listdrop.errors import InvalidRowError
from listdrop.models import REASONS, Outcome, Prospect, RowResult, row_result


def required_email(prospect: Prospect) -> str:
    """Return a row's e-mail address. Raises `InvalidRowError`."""
    if not prospect.email:
        raise _invalid(_wrong_email(prospect.email))
    return prospect.email


def required_emails(emails: Sequence[str | None]) -> tuple[list[str], dict[int, RowResult]]:
    """Return many rows' addresses in lower case, and by position why one is missing."""
    identities = list(map(str.lower, [email or "" for email in emails]))
    if all(identities):
        return identities, {}
    invalid = {
        place: row_result(Outcome.INVALID, _wrong_email(email))
        for place, email in enumerate(emails)
        if not email
    }
    return identities, invalid


def checked_email(text: str) -> str:
    """Return `text` if it is an e-mail address. Raises `InvalidRowError`."""
    if not text:
        raise _invalid("missing_email")
    if not is_email(text):
        raise _invalid("invalid_email")
    return text


def _wrong_email(email: str | None) -> str:
    """Return the code for a missing address; `None` means that there is one, but not valid."""
    return "invalid_email" if email is None else "missing_email"


def _invalid(code: str) -> InvalidRowError:
    return InvalidRowError(code, REASONS[code].sentence)


def required_profile(prospect: Prospect) -> str:
    """Return the decoded slug of the row's LinkedIn profile. Raises `InvalidRowError`."""
    url = prospect.fields.get("linkedin_url", "")
    if not url:
        raise _invalid("missing_linkedin_url")
    slug = profile_slug(url)
    if not slug:
        raise _invalid("invalid_linkedin_url")
    return slug


def full_name(prospect: Prospect) -> str:
    """Return the person's full name from the name fields, or an empty text."""
    fields = prospect.fields
    whole = f"{fields.get('first_name', '')} {fields.get('last_name', '')}".strip()
    if whole and fields.get("first_name") and fields.get("last_name"):
        return whole
    return fields.get("full_name", "") or whole


def named_values(prospect: Prospect, wanted: Mapping[str, object]) -> dict[str, str]:
    """Find values by header or canonical name: name in `wanted` to value."""
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
