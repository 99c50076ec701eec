"""What every page uses: the ports and the figures of past days."""

from __future__ import annotations

from typing import NamedTuple, cast

from flask import current_app, request, url_for

from listdrop.dashboard.history import History
from listdrop.dashboard.ports import DashboardPorts

EXTENSION = "listdrop"
LONGEST_TEXT = 200
"""How many characters a search text may have."""


class Desk(NamedTuple):
    """The ports, and the figures of past days."""

    ports: DashboardPorts
    history: History


def desk() -> Desk:
    """Return the running app's desk."""
    return cast("Desk", current_app.extensions[EXTENSION])


def is_shown() -> bool:
    """Whether the page shows e-mail addresses and profiles."""
    return request.args.get("show") == "1"


def to(endpoint: str, **values: object) -> str:
    """Return a page's URL. Where e-mail addresses are shown, the next page shows them too."""
    if is_shown():
        values["show"] = 1
    return url_for(endpoint, **values)  # type: ignore[arg-type] # names of any argument
