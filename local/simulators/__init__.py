"""Simulators of the five providers on loopback, written from `docs/providers/`."""

from __future__ import annotations

from local.simulators.activecampaign import ActiveCampaignSimulator
from local.simulators.base import Simulator
from local.simulators.kakiyo import KakiyoSimulator
from local.simulators.saleshandy import SaleshandySimulator
from local.simulators.waalaxy import WaalaxySimulator
from local.simulators.which50 import Which50Simulator

SIMULATORS: dict[str, type[Simulator]] = {
    simulator.name: simulator
    for simulator in (
        ActiveCampaignSimulator,
        KakiyoSimulator,
        SaleshandySimulator,
        WaalaxySimulator,
        Which50Simulator,
    )
}
"""Every simulator by its provider's name."""
