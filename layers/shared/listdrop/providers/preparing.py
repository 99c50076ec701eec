"""Checks of required fields, shared by the providers' `prepare`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from listdrop.cells.emails import is_email, odd_emails
from listdrop.cells.headers import fold
from listdrop.cells.profiles import profile_slug
from listdrop.errors import InvalidRowError
from listdrop.models import REASONS, Outcome, Prospect, Prospects, RowResult, row_result

T = TypeVar("T")


def required_email(prospect: Prospect) -> str:
    """Return a row's e-mail address. Raises `InvalidRowError`."""
    if not prospect.email:
        raise _invalid(_wrong_email(prospect.email))
    return prospect.email


def required_emails(prospects: Prospects) -> tuple[list[str], dict[int, RowResult]]:
    """Return many rows' addresses in lower case, and by position why one is missing."""
    identities = list(prospects.people.addresses)
    invalid = wrong_emails(prospects, is_needed=True)
    for place in invalid:
        identities[place] = ""
    return identities, invalid


def wrong_emails(prospects: Prospects, *, is_needed: bool) -> dict[int, RowResult]:
    """Return by position why a row has no valid address, as decided when its cells were mapped.

    One without an address is among them only if it `is_needed`.
    """
    emails, places = prospects.emails, prospects.without_email
    return {
        place: row_result(Outcome.INVALID, _wrong_email(emails[place]))
        for place in (range(len(emails)) if places is None else places)
        if emails[place] is None or (is_needed and not emails[place])
    }


def invalid_emails(texts: Sequence[str], *, is_needed: bool) -> dict[int, RowResult]:
    """Return by position which texts are no e-mail address; empty ones only if it `is_needed`."""
    return {
        place: row_result(Outcome.INVALID, "invalid_email" if texts[place] else "missing_email")
        for place in odd_emails(texts)
        if (texts[place] or is_needed) and not is_email(texts[place])
    }


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


def required_profiles(prospects: Prospects) -> dict[int, RowResult]:
    """Return by position why a row has no LinkedIn profile."""
    slugs = prospects.people.slugs
    if all(slugs):
        return {}
    urls = prospects.fields.get("linkedin_url") or slugs
    return {
        place: row_result(
            Outcome.INVALID, "invalid_linkedin_url" if urls[place] else "missing_linkedin_url"
        )
        for place, slug in enumerate(slugs)
        if not slug
    }


def too_long(
    column: Sequence[str], most: int, text: str, invalid: Mapping[int, RowResult]
) -> dict[int, RowResult]:
    """Return by position the rows whose value is too long, if they are not `invalid` already."""
    if max(map(len, column), default=0) <= most:
        return {}
    result = RowResult(Outcome.INVALID, "value_too_long", text)
    return {
        place: result
        for place, value in enumerate(column)
        if len(value) > most and place not in invalid
    }


def full_names(prospects: Prospects) -> Sequence[str]:
    """Return the people's full names from the name fields; empty where there is none."""
    nothing = [""] * len(prospects)
    names = (
        prospects.fields.get(name, nothing) for name in ("first_name", "last_name", "full_name")
    )
    return [
        f"{first} {last}" if first and last else whole or first or last
        for first, last, whole in zip(*names, strict=True)
    ]


def named_columns(prospects: Prospects, wanted: Iterable[str]) -> dict[str, Sequence[str]]:
    """Find columns by header or canonical name: name in `wanted` to the values of its column.

    Of several columns with a name, the first that is not empty counts, row by row; a field comes
    after other columns.
    """
    names = {fold(name): name for name in wanted}
    found: dict[str, Sequence[str]] = {}
    for columns in (prospects.custom, prospects.fields):
        for header, values in columns.items():
            name = names.get(fold(header))
            if name is not None:
                found[name] = first_of(found.get(name), values)
    return found


def by_target(
    custom: Mapping[str, Sequence[str]], targets: Mapping[str, T]
) -> dict[T, Sequence[str]]:
    """Return the values for each of the `targets`, which are by the names of columns.

    Of several columns with a target, the first that is not empty counts, row by row.
    """
    found: dict[T, Sequence[str]] = {}
    for name, values in custom.items():
        target = targets[name]
        found[target] = first_of(found.get(target), values)
    return found


def first_of(values: Sequence[str] | None, others: Sequence[str]) -> Sequence[str]:
    """Return the first value that is not empty, row by row; there may be no first values."""
    if values is None:
        return others
    return [one or other for one, other in zip(values, others, strict=True)]
