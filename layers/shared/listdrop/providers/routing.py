"""Parses routes and accounts from JSON. Errors name the wrong key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pydantic import Field, ValidationError

from listdrop.errors import UploadRejectedError, problems, words_of
from listdrop.models import Account, Destination, Route
from listdrop.providers import REGISTRY
from listdrop.providers.base import Provider


def parse_route(name: str, text: str, *, kept_days: int = 0) -> Route:
    """Validate a route's JSON, each destination with its provider's own model.

    An upload has to be there until a job's deadline, so that may be no longer than uploads are
    kept; 0 days: that is not known. Raises `UploadRejectedError` (`bad_route`), which names the
    wrong key.
    """
    try:
        route = _LooseRoute.model_validate_json(text)
        destinations = tuple(
            _destination(index, members) for index, members in enumerate(route.destinations)
        )
    except ValidationError as error:
        raise UploadRejectedError("bad_route", f"Route {name!r}: {problems(error)}.") from error
    except ValueError as error:
        raise UploadRejectedError("bad_route", f"Route {name!r}: {error}.") from error
    if kept_days and route.deadline > timedelta(days=kept_days):
        text = f"deadline_minutes: must not be longer than uploads are kept, {kept_days} days"
        raise UploadRejectedError("bad_route", f"Route {name!r}: {text} (RetentionDays).")
    return Route.model_construct(**dict(route) | {"destinations": destinations})


class _LooseRoute(Route):
    # Destinations are still plain JSON here. Each provider's own model validates them later.
    destinations: tuple[dict[str, Any], ...] = Field(min_length=1)  # type: ignore[assignment] # validated one by one


def _destination(index: int, members: dict[str, Any]) -> Destination:
    provider = REGISTRY.get(str(members.get("provider")))
    where = f"destinations.{index}"
    if provider is None:
        raise ValueError(f"{where}.provider: must be one of {', '.join(sorted(REGISTRY))}")
    try:
        return provider.destination_model.model_validate(members)
    except ValidationError as error:
        raise ValueError(f"{where}: {problems(error)}") from error


def destination_problems(members: Mapping[str, Any]) -> Mapping[str, str]:
    """Return what is wrong with a destination, by its members; empty for what is not of one."""
    try:
        REGISTRY[members["provider"]].destination_model.model_validate(members)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        return {str(each["loc"][0]) if each["loc"] else "": words_of(each) for each in found}
    return {}


def parse_account(
    provider: type[Provider[Any, Any]], secret: str, text: str | bytes, *, allow_loopback: bool
) -> Account:
    """Validate a secret's JSON without quoting it. Raises `UploadRejectedError` (`bad_account`)."""
    try:
        return provider.account_model.model_validate_json(
            text, context={"allow_loopback": allow_loopback}
        )
    except ValidationError as error:
        problem = f"The secret {secret}: {problems(error)}."
    # Raised outside the handler, so that it is not chained to an error that quotes the secret.
    raise UploadRejectedError("bad_account", problem)
