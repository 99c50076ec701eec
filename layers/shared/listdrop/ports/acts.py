"""The record of what people did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from listdrop.models import Act


class Audit(Protocol):
    """Who did what, and when."""

    def record(self, act: Act) -> None:
        """Keep an act."""
        ...

    def acts_on(self, subject: str) -> Sequence[Act]:
        """Return what was done to a job, a route and so on, the earliest first."""
        ...
