"""What only a checkout of the repository can do: run its engine, simulators and template."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

from listdrop_cli.output import fail

_NEEDED = ("awslambdaric", "yaml")
"""Packages of the extra `local` that the command itself does not need."""


def run(verb: str, *options: str) -> NoReturn:
    """Become `python -m local.<verb>` of the checkout that this installation is of.

    It keeps the process, so its signals and its exit code are the command's. Fails with a sentence
    where there is no checkout, or where it is not set up.
    """
    root = _root()
    if root is None:
        fail(
            f"`listdrop {verb}` needs a checkout of the Listdrop repository: git clone it, and run "
            f"`make {verb}` there."
        )
    if not all(map(find_spec, _NEEDED)):
        fail(f"`listdrop {verb}` needs packages that are not installed: `make setup` in {root}.")
    sys.stdout.flush()
    # -P: a folder that happens to be called `local` where the user stands is not ours.
    command = [sys.executable, "-P", "-m", f"local.{verb}", *options]
    os.execv(sys.executable, command)  # noqa: S606 # nosec B606 - our own interpreter


def path_of(name: str) -> str:
    """Return the path of a file of the checkout, as it is called from where the user stands."""
    root = _root()
    return name if root is None or root == Path.cwd() else str(root / name)


def _root() -> Path | None:
    """Return the checkout whose editable install this is; `None` if it is not one."""
    spec = find_spec("local")
    if spec is None or spec.origin is None:
        return None
    root = Path(spec.origin).parents[1]
    return root if (root / "template.yaml").is_file() else None
