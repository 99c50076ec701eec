"""Writes and deletes routes in SSM."""

from __future__ import annotations

from typing import TYPE_CHECKING

from listdrop.errors import RouteChangedError
from listdrop.models import readable_route, storable_route

if TYPE_CHECKING:
    from mypy_boto3_ssm.client import SSMClient


class SsmRouteBook:
    """The route book on parameters under `/<stack>/routes/`.

    SSM writes on no condition but that there is no such parameter. So a route is read right before
    it is changed; a change between the two, which are milliseconds apart, is lost.
    """

    def __init__(self, stack: str, client: SSMClient) -> None:
        self._stack = stack
        self._client = client

    def text(self, name: str) -> str | None:
        """See the port."""
        try:
            found = self._client.get_parameter(Name=self._parameter(name), WithDecryption=True)
        except self._client.exceptions.ParameterNotFound:
            return None
        return readable_route(found["Parameter"]["Value"])

    def put(self, name: str, text: str, *, over: str | None) -> None:
        """See the port. It is of the standard tier, where it is small enough for that."""
        if over is not None and self.text(name) != over:
            raise RouteChangedError(name)
        try:
            self._client.put_parameter(
                Name=self._parameter(name),
                Value=storable_route(text),
                Type="String",
                Overwrite=over is not None,
                Tier="Intelligent-Tiering",
            )
        except self._client.exceptions.ParameterAlreadyExists as error:
            raise RouteChangedError(name) from error

    def delete(self, name: str, *, over: str) -> None:
        """See the port."""
        if self.text(name) != over:
            raise RouteChangedError(name)
        self._client.delete_parameter(Name=self._parameter(name))

    def _parameter(self, name: str) -> str:
        return f"/{self._stack}/routes/{name}"
