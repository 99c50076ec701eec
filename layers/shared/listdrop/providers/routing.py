"""Parses routes and accounts from JSON. Errors name the wrong key."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from pydantic import Field, ValidationError

from listdrop.errors import UploadRejectedError, problems, words_of
from listdrop.models import Account, Destination, Route, content_key
from listdrop.providers import REGISTRY
from listdrop.providers.base import Provider

_HOUR = timedelta(hours=1)


def parse_route(name: str, text: str, *, kept_days: int = 0) -> Route:
    """Validate a route's JSON, each destination with its provider's own model.

    An upload and its plan have to be there until a job ends, so it may wait and run for no longer
    than they are kept; 0 days: that is not known. Raises `UploadRejectedError` (`bad_route`), which
    names the wrong key.
    """
    try:
        route = _LooseRoute.model_validate_json(text)
        json.loads(text, object_pairs_hook=_once)
        destinations = tuple(
            _destination(number, members) for number, members in enumerate(route.destinations, 1)
        )
        _check_different(destinations)
    except ValidationError as error:
        said = problems(error, Route)
        raise UploadRejectedError("bad_route", f"Route {name!r}: {said}.") from error
    except ValueError as error:
        raise UploadRejectedError("bad_route", f"Route {name!r}: {error}.") from error
    if kept_days and (said := _too_long(route, timedelta(days=kept_days))):
        text = f"{said} longer than uploads are kept, {kept_days} days (RetentionDays)"
        raise UploadRejectedError("bad_route", f"Route {name!r}: {text}.")
    return Route.model_construct(**dict(route) | {"destinations": destinations})


def _too_long(route: Route, kept: timedelta) -> str:
    """Name the key because of which a job may take longer than its files are kept, and why."""
    runs = route.runs * route.deadline
    if route.waits + runs <= kept:
        return ""
    if route.deadline > kept:
        return "deadline_minutes: must not be"
    key = "hold_hours" if route.waits >= runs else "deadline_minutes"
    waits_for, runs_for = (f"{round(each / _HOUR, 1):,g}" for each in (route.waits, runs))
    sampled = ", with what follows its sample," if route.sample else ""
    times = f"wait for {waits_for} hours and run for {runs_for}"
    return f"{key}: lower it, as a job{sampled} may {times}, which must not be"


class _LooseRoute(Route):
    # Destinations are still plain JSON here. Each provider's own model validates them later.
    destinations: tuple[dict[str, Any], ...] = Field(min_length=1)  # type: ignore[assignment] # validated one by one


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a key that is given twice in an object, of which JSON would keep only the last."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in found if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} appears twice")
    return found


def _destination(number: int, members: dict[str, Any]) -> Destination:
    provider = REGISTRY.get(str(members.get("provider")))
    where = f"destination {number}"
    if provider is None:
        raise ValueError(f"{where}: provider: must be one of {', '.join(sorted(REGISTRY))}")
    model = provider.destination_model
    try:
        return model.model_validate(members)
    except ValidationError as error:
        raise ValueError(f"{where} ({provider.name}): {problems(error, model)}") from error


def _check_different(destinations: Sequence[Destination]) -> None:
    """Refuse a destination that is given twice in a route: both would be one job."""
    seen: dict[str, int] = {}
    for number, destination in enumerate(destinations, 1):
        first = seen.setdefault(content_key("", destination), number)
        if first < number:
            raise ValueError(
                f"destination {number} ({destination.provider}) is the same as destination {first}"
            )


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
