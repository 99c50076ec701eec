"""What was measured: `measured.toml`, which the pages and the gate's bars are made of.

Each part of the benchmarks is kept with the machine, the versions and the day it was measured on,
so that one part can be measured again without the others.
"""

from __future__ import annotations

import json
import os
import platform
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).with_name("measured.toml")
_CPUS = Path("/proc/cpuinfo")
_PACKAGES = ("pydantic", "orjson", "boto3")
_HEAD = "# Written by `python -m tools.benchmarks.suite`, which `make bench` runs.\n"

Figures = Mapping[str, float]
"""Figures of a part by their names, whose pieces are divided by dots."""


class Part(NamedTuple):
    """A part of the benchmarks, and where and when it was measured."""

    figures: Figures
    date: str
    machine: str
    versions: str
    load: float
    """Processes that were waiting for the machine's cores when it began."""
    seconds: float


def load(file: Path = FILE) -> dict[str, Part]:
    """Return every part that was measured."""
    return {name: Part(**part) for name, part in tomllib.loads(file.read_text("utf-8")).items()}


def save(parts: Mapping[str, Part], file: Path = FILE) -> None:
    """Write the file."""
    file.write_text("\n".join([_HEAD, *(_section(name, parts[name]) for name in parts)]), "utf-8")


def _section(name: str, part: Part) -> str:
    lines = [f"[{name}]"]
    about = part._asdict()
    figures = about.pop("figures")
    lines += [f"{key} = {json.dumps(value)}" for key, value in about.items()]
    lines += [f"[{name}.figures]"]
    lines += [f"{json.dumps(key)} = {value:.5g}" for key, value in figures.items()]
    return "\n".join(lines) + "\n"


def part_of(figures: Figures, load: float, seconds: float) -> Part:
    """Return a part that was measured here and now."""
    return Part(
        figures={name: float(f"{value:.5g}") for name, value in figures.items()},
        date=datetime.now(UTC).date().isoformat(),
        machine=machine(),
        versions=versions(),
        load=round(load, 1),
        seconds=round(seconds),
    )


def machine() -> str:
    """Return the processor's name and how many cores of it there are."""
    name = platform.processor() or platform.machine()
    if _CPUS.exists():
        lines = _CPUS.read_text("utf-8").splitlines()
        models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        name = models[0] if models else name
    return f"{os.cpu_count()} cores of {name}"


def versions() -> str:
    """Return the versions that count."""
    packages = (f"{name} {version(name)}" for name in _PACKAGES)
    return ", ".join((f"Python {platform.python_version()}", *packages))
