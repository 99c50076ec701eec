"""What every page works with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import current_app, request

from listdrop.dashboard.history import History
from listdrop.dashboard.ports import DashboardPorts

EXTENSION = "listdrop"
LONGEST_TEXT = 200
"""Characters of a text that rows are searched for."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The ports, and the days that were read."""

    ports: DashboardPorts
    history: History


def desk() -> Desk:
    """Return the running app's."""
    return cast("Desk", current_app.extensions[EXTENSION])


def is_shown() -> bool:
    """Whether addresses were asked for."""
    return request.args.get("show") == "1"
