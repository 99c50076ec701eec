"""The dashboard of the stack on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from listdrop.dashboard.ports import DashboardPorts
from listdrop.wiring.dashboard import AT_ONCE, served_dashboard_ports
from local.deploy import STACK, session
from local.engine import is_taken


def ports_at(url: str, outputs: Mapping[str, str]) -> DashboardPorts:
    """Return the ports of the stack on a local engine."""
    made = session().resource("dynamodb", endpoint_url=url, config=AT_ONCE)
    make = partial(session().client, endpoint_url=url)
    return served_dashboard_ports(
        STACK, outputs, make, made.Table(outputs["JobsTable"]), is_local=True
    )


def free_or_any(port: int) -> int:
    """Return a port to serve on: this one, or 0 for any if it is taken."""
    return 0 if is_taken(port) else port
