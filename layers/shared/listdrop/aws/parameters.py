"""Routes in SSM and accounts in Secrets Manager, read with Powertools Parameters."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.parameters import SecretsProvider, SSMProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from botocore.exceptions import ClientError
from pydantic import ValidationError

from listdrop.errors import UploadRejectedError, first_problem
from listdrop.models import ROUTE_NAME, Account, Destination, Route
from listdrop.providers import REGISTRY
from listdrop.providers.base import Provider

CACHE_SECONDS = 300
_ROUTE_SECONDS = 5


class SsmRoutes:
    """The routes port: `/<stack>/routes/<route>`."""

    def __init__(self, stack: str, provider: SSMProvider) -> None:
        self._stack = stack
        self._provider = provider

    def get(self, name: str) -> Route:
        """See the port."""
        if not ROUTE_NAME.fullmatch(name):
            text = "The upload's key names no route: copy files to inbox/<route>/<file>."
            raise UploadRejectedError("unknown_route", text)
        try:
            said = self._provider.get(f"/{self._stack}/routes/{name}", max_age=_ROUTE_SECONDS)
        except GetParameterError as error:
            if not _is_missing(error, "ParameterNotFound"):
                raise
            text = f"There is no route {name!r}: write the parameter /{self._stack}/routes/{name}."
            raise UploadRejectedError("unknown_route", text) from error
        return parse_route(name, str(said))


def parse_route(name: str, text: str) -> Route:
    """Validate a route's JSON, each destination by its provider's own model.

    Raises `UploadRejectedError` (`bad_route`), naming the key that is wrong.
    """
    try:
        route = _LooseRoute.model_validate_json(text)
        destinations = tuple(
            _destination(index, members) for index, members in enumerate(route.destinations)
        )
    except ValidationError as error:
        raise UploadRejectedError("bad_route", f"Route {name!r}: {first_problem(error)}.") from error
    except ValueError as error:
        raise UploadRejectedError("bad_route", f"Route {name!r}: {error}.") from error
    return Route.model_construct(**dict(route) | {"destinations": destinations})


class _LooseRoute(Route):
    destinations: tuple[dict[str, Any], ...]  # type: ignore[assignment] # validated one by one

    @property
    def is_loose(self) -> bool:
        """Destinations are still plain JSON."""
        return True


def _destination(index: int, members: dict[str, Any]) -> Destination:
    provider = REGISTRY.get(str(members.get("provider")))
    where = f"destinations.{index}"
    if provider is None:
        raise ValueError(f"{where}.provider: must be one of {', '.join(sorted(REGISTRY))}")
    try:
        return provider.destination_model.model_validate(members)
    except ValidationError as error:
        raise ValueError(f"{where}: {first_problem(error)}") from error


class SecretAccounts:
    """The accounts port: `<stack>/<provider>/<account>`, kept for five minutes."""

    def __init__(self, stack: str, provider: SecretsProvider, *, allow_loopback: bool) -> None:
        self._stack = stack
        self._provider = provider
        self._allow_loopback = allow_loopback

    def get(self, provider: type[Provider[Any, Any]], name: str, *, fresh: bool = False) -> Account:
        """See the port."""
        secret = f"{self._stack}/{provider.name}/{name}"
        try:
            said = self._provider.get(secret, max_age=CACHE_SECONDS, force_fetch=fresh)
        except GetParameterError as error:
            if not _is_missing(error, "ResourceNotFoundException"):
                raise
            text = f"There is no account {name!r} of {provider.name}: write the secret {secret}."
            raise UploadRejectedError("unknown_account", text) from error
        return parse_account(provider, secret, said or "", allow_loopback=self._allow_loopback)


def parse_account(
    provider: type[Provider[Any, Any]], secret: str, text: str | bytes, *, allow_loopback: bool
) -> Account:
    """Validate a secret's JSON. Raises `UploadRejectedError` (`bad_account`); never quotes a value."""
    try:
        return provider.account_model.model_validate_json(
            text, context={"allow_loopback": allow_loopback}
        )
    except ValidationError as error:
        problem = f"The secret {secret}: {first_problem(error)}."
    # Raised outside the handler: the validation error quotes the secret.
    raise UploadRejectedError("bad_account", problem)


def _is_missing(error: GetParameterError, code: str) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ClientError):
            return cause.response.get("Error", {}).get("Code") == code
        cause = cause.__cause__ or cause.__context__
    return code in str(error)
