"""`demo`: the whole of it, in a minute."""

from __future__ import annotations

from listdrop_cli import checkout
from listdrop_cli.options import JsonOption, ScaleOption


def demo(wait_scale: ScaleOption = 0.02, as_json: JsonOption = False) -> None:
    """Send 60 rows through the real stack to five simulated providers, and show the outcomes.

    Exits with 1 if an outcome is not the expected one. Needs a checkout of the repository.

    Example: listdrop demo
    """
    checkout.run("demo", f"--wait-scale={wait_scale}", *(["--json"] if as_json else []))
