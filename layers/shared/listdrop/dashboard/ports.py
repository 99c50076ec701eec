"""What the dashboard needs from outside. In a module of its own, as it is known without Flask."""

from __future__ import annotations

from dataclasses import dataclass

from listdrop.ports import Clock, Directory, Downloads, Figures, Records


@dataclass(frozen=True, slots=True)
class DashboardPorts:
    """What every page works with. None of it writes."""

    records: Records
    figures: Figures
    directory: Directory
    downloads: Downloads
    clock: Clock
