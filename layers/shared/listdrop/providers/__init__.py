"""The registry of providers: one line for each."""

from __future__ import annotations

from typing import Any

from listdrop.providers.activecampaign import ActiveCampaign
from listdrop.providers.base import Provider
from listdrop.providers.kakiyo import Kakiyo
from listdrop.providers.saleshandy import Saleshandy
from listdrop.providers.waalaxy import Waalaxy
from listdrop.providers.which50 import Which50

REGISTRY: dict[str, type[Provider[Any, Any]]] = {
    provider.name: provider
    for provider in (
        ActiveCampaign,
        Kakiyo,
        Saleshandy,
        Waalaxy,
        Which50,
    )
}
"""Every provider by the name that routes, secrets and the template use."""
