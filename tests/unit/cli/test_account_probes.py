"""Questions to providers that ask for a pause."""

from __future__ import annotations

from datetime import timedelta

import pytest

from listdrop.errors import ProviderBusyError
from listdrop.jobs.probing import patiently
from tests.support.clock import NOW, ManualClock


class Busy:
    """A provider that asks for pauses before it answers."""

    def __init__(self, *pauses: float) -> None:
        self.pauses = list(pauses)

    def __call__(self) -> str:
        if self.pauses:
            raise ProviderBusyError(self.pauses.pop(0))
        return "answer"


def test_a_short_pause_is_made() -> None:
    clock = ManualClock()
    assert patiently(Busy(0.2, 3), clock) == "answer"
    assert clock.now() - NOW == timedelta(seconds=1 + 3)


@pytest.mark.parametrize("pauses", [(60,), (1, 1, 1)])
def test_nobody_waits_for_long(pauses: tuple[float, ...]) -> None:
    with pytest.raises(ProviderBusyError):
        patiently(Busy(*pauses), ManualClock())
