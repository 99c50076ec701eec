"""What functions take to start, as figures: `cold_start.py` prints them.

It builds the layers for the Python that runs it, so that is the functions' own where there is one.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tools.benchmarks.measured import Figures

ROOT = Path(__file__).resolve().parents[2]
_LINE = re.compile(r"(?P<name>\S.*?)\s+(?P<ms>[\d,.]+) ms\s+(?P<ratio>[\d.]+)\b")


def figures(runs: int) -> Figures:
    """Return milliseconds of each start, and what part of that by the book they are."""
    command = (python(), "-m", "tools.benchmarks.cold_start", "--runs", str(runs))
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)  # noqa: S603 # ourselves
    return read(printed.stdout)


def read(printed: str) -> Figures:
    """Return the figures of what was printed, and what part of the bare imports starts are."""
    lines = [line for line in map(_LINE.match, printed.splitlines()) if line]
    ms = {line["name"]: float(line["ms"].replace(",", "")) for line in lines}
    bare = ms.get("bare imports")
    found = {f"{name}.ms": took for name, took in ms.items()}
    found |= {f"{line['name']}.ratio": float(line["ratio"]) for line in lines}
    return found | {f"{name}.of_bare_imports": took / bare for name, took in ms.items() if bare}


def python() -> str:
    """Return the Python of the functions, if it is here and runs."""
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    named = shutil.which("python3.13")
    for found in (*([named] if named else []), *map(str, versions.glob("3.13*/bin/python3.13"))):
        if not subprocess.run((found, "-c", ""), check=False, capture_output=True).returncode:  # noqa: S603 # a Python
            return found
    return sys.executable
