"""Writes what jobs use to `costs/counts.toml`: `python -m tools.benchmarks.counts --write`.

A small job and a large one of each provider are played (`counting.py`): so much does a job use, and
so much each of its batches. The cost of a job is computed from that; run `python -m tools.costs`
afterwards. Without `--write` it prints what a job of `--rows` uses.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

from listdrop.costs.usage import MEASURED
from tools.benchmarks.counting import counted
from tools.benchmarks.data import DESTINATIONS

PAGE = Path(__file__).resolve().parents[2] / "layers/shared/listdrop/costs/counts.toml"
_FEW, _MANY = 100, 50_000


def lines_of(provider: str) -> Iterator[str]:
    """Yield the lines of `counts.toml` about a provider: what each job uses, and each batch."""
    few, many = counted(provider, _FEW), counted(provider, _MANY)
    batches = many["batches"] - few["batches"]
    each = {name: max(many[name] - few[name], 0) / batches for name in MEASURED}
    once = {name: max(few[name] - each[name] * few["batches"], 0) for name in MEASURED}
    yield f"[provider.{provider}]"
    for name, figures in (("job", once), ("batch", each)):
        told = ", ".join(f"{figure} = {round(count, 3):g}" for figure, count in figures.items())
        yield f"{name} = {{ {told} }}"
    yield ""


def main() -> None:
    """Print what a job of each provider uses, or write what each of its batches does."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--write", action="store_true", help="Write the figures to counts.toml.")
    options = parser.parse_args()
    if options.write:
        told = "\n".join(line for provider in DESTINATIONS for line in lines_of(provider))
        kept = re.split(r"^\[provider\.", PAGE.read_text("utf-8"), maxsplit=1, flags=re.M)[0]
        PAGE.write_text(f"{kept}{told}", "utf-8")
        return
    for provider in DESTINATIONS:
        found = counted(provider, options.rows)
        said = ", ".join(f"{name} {count:,.6g}" for name, count in found.items())
        print(f"{provider}: {said}", flush=True)


if __name__ == "__main__":
    main()
