"""The registry of providers: one line for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from listdrop.providers.base import Provider

_CLASSES = {
    "activecampaign": "ActiveCampaign",
    "kakiyo": "Kakiyo",
    "saleshandy": "Saleshandy",
    "waalaxy": "Waalaxy",
    "which50": "Which50",
}
"""The class of each provider, in the module of its name."""


class Registry(Mapping[str, "type[Provider[Any, Any]]"]):
    """Every provider by the name that routes, secrets and the template use.

    A provider is imported when it is first asked for: an upload has few of them, a job has one.
    """

    def __getitem__(self, name: str) -> type[Provider[Any, Any]]:
        kind = _CLASSES[name]  # first: only a provider's module may be imported
        found: type[Provider[Any, Any]] = getattr(import_module(f"{__name__}.{name}"), kind)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(_CLASSES)

    def __len__(self) -> int:
        return len(_CLASSES)

    def __contains__(self, name: object) -> bool:
        return name in _CLASSES


REGISTRY = Registry()
"""Every provider."""
