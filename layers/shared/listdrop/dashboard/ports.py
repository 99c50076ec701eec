"""What the dashboard needs from outside. A separate module, so that it imports without Flask."""

from __future__ import annotations

from dataclasses import dataclass

from listdrop.ports import Clock, Directory, Downloads, Figures, Records


@dataclass(frozen=True, slots=True)
class DashboardPorts:
    """The ports that pages use. None of them writes.

    `outages` are the errors that they raise when AWS does not answer, or does not let them read.
    """

    records: Records
    figures: Figures
    directory: Directory
    downloads: Downloads
    clock: Clock
    outages: tuple[type[Exception], ...] = ()
