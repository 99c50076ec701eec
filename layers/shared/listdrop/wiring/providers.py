"""The providers that routes name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from listdrop.providers import REGISTRY
from listdrop.providers.base import Provider


class RegisteredProviders:
    """The known providers port: the registry."""

    def of(self, destination: Mapping[str, Any]) -> Provider[Any, Any]:
        """See the port."""
        provider = REGISTRY[destination["provider"]]
        return provider(provider.destination_model.model_validate(destination))
