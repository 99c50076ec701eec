"""Plays seeds, or one again with its trace: `python -m tests.simulation.run --help`."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Annotated

import typer

from tests.simulation.bugs import BUGS
from tests.simulation.checker import check
from tests.simulation.vendors import VENDORS
from tests.simulation.world import World

PROVIDERS = tuple(VENDORS)
_CHUNK = 250
_MOST_TRIES = 400


@dataclass(frozen=True)
class Run:
    """What one seed came to."""

    provider: str
    seed: int
    wrong: Sequence[str]
    fired: Sequence[str]
    trace: Sequence[str]

    def told(self) -> str:
        """What to print of it."""
        return "\n".join(
            [
                f"{self.provider}, seed {self.seed}:",
                *(f"  broken: {each}" for each in self.wrong),
                *(f"  fault:  {each}" for each in self.fired),
                *self.trace,
            ]
        )


@dataclass
class Tally:
    """What many seeds came to."""

    runs: int = 0
    failed: list[tuple[str, int, str]] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    """In how many runs each kind of fault happened."""
    states: Counter[str] = field(default_factory=Counter)
    """How many jobs ended in each state."""

    def add(self, other: Tally) -> None:
        """Take in another's."""
        self.runs += other.runs
        self.failed += other.failed
        self.faults.update(other.faults)
        self.states.update(other.states)


def played(
    provider: str, seed: int, *, only: Collection[str] | None = None, traced: bool = False
) -> Run:
    """Play one seed; with `only`, none but these faults happen."""
    world = World(provider, seed, only=only, traced=traced)
    world.run()
    return Run(provider, seed, check(world), world.faults.fired, world.trace or ())


def shortest(provider: str, seed: int) -> Run:
    """Take faults away from a failing run for as long as it fails the same way; return the rest."""
    found = played(provider, seed)
    promises = {each.split()[0] for each in found.wrong}

    def fails(faults: Sequence[str]) -> bool:
        run = played(provider, seed, only=faults)
        return bool(promises & {each.split()[0] for each in run.wrong})

    return played(provider, seed, only=_reduced(list(found.fired), fails), traced=True)


def _reduced(faults: list[str], fails: Callable[[Sequence[str]], bool]) -> list[str]:
    """Delta debugging: leave out ever smaller parts."""
    parts = 2
    for _ in range(_MOST_TRIES):
        size = max(1, len(faults) // parts)
        pieces = (faults[:at] + faults[at + size :] for at in range(0, len(faults), size))
        smaller = next((piece for piece in pieces if fails(piece)), None)
        if smaller is not None:
            faults, parts = smaller, max(parts - 1, 2)
        elif size == 1:
            break
        else:
            parts = min(parts * 2, len(faults))
    return faults


def played_all(provider: str, first: int, count: int, bug: str = "") -> Tally:
    """Play seeds one after the other, with the garbage collector out of the way."""
    gc.disable()
    gc.freeze()  # what is there before a run needs no looking through after it
    tally = Tally()
    with BUGS[bug].planted() if bug else nullcontext():
        for seed in range(first, first + count):
            world = World(provider, seed)
            world.run()
            tally.runs += 1
            tally.failed += [(provider, seed, each) for each in check(world)[:1]]
            tally.faults.update({name.split()[0] for name in world.faults.fired})
            tally.states.update(job.state.value for job in world.jobs.jobs.values())
            vars(world).clear()  # what is left of a run dies with it, without the collector
            if not seed % _CHUNK:
                gc.collect()
    gc.unfreeze()
    gc.enable()
    return tally


def caught(bug: str, most: int) -> Run | None:
    """Return the first run that a planted bug breaks, among this many seeds of each provider."""
    with BUGS[bug].planted():
        for seed in range(most):
            for provider in BUGS[bug].providers:
                run = played(provider, seed)
                if run.wrong:
                    return run
    return None


def campaign(
    seeds: int, *, first: int = 0, providers: Sequence[str] = PROVIDERS, workers: int = 0
) -> dict[str, Tally]:
    """Play this many seeds of each provider, on all cores."""
    return dict(_campaign(seeds, first, providers, workers or os.cpu_count() or 1))


def _campaign(
    seeds: int, first: int, providers: Sequence[str], workers: int
) -> Iterator[tuple[str, Tally]]:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        parts = {
            provider: [
                pool.submit(played_all, provider, at, min(_CHUNK, first + seeds - at))
                for at in range(first, first + seeds, _CHUNK)
            ]
            for provider in providers
        }
        for provider, waiting in parts.items():
            tally = Tally()
            for part in waiting:
                tally.add(part.result())
            yield provider, tally


def main(
    seeds: Annotated[int, typer.Option(help="How many, for each provider.")] = 10_000,
    first: Annotated[int, typer.Option(help="The first of them.")] = 0,
    provider: Annotated[str, typer.Option(help="Only this one.")] = "",
    replay: Annotated[int, typer.Option(help="Play this seed again, and show its trace.")] = -1,
    bug: Annotated[str, typer.Option(help="With this planted bug (when replaying).")] = "",
) -> None:
    """Play seeds, and show the shortest trace of one that breaks a promise."""
    logging.disable()
    chosen = (provider,) if provider else PROVIDERS
    if replay >= 0:
        with BUGS[bug].planted() if bug else nullcontext():
            typer.echo(played(chosen[0], replay, traced=True).told())
        return
    failed: list[tuple[str, int, str]] = []
    for name in chosen:
        began = time.monotonic()
        tally = campaign(seeds, first=first, providers=[name])[name]
        took = time.monotonic() - began
        states = ", ".join(f"{count} {state}" for state, count in tally.states.most_common())
        typer.echo(f"{name}: {tally.runs} seeds in {took:.0f} s, {len(tally.failed)} broken")
        typer.echo(f"  jobs: {states}; faults: {sum(tally.faults.values())}")
        failed += tally.failed
    if failed:
        name, seed, _ = failed[0]
        typer.echo(shortest(name, seed).told())
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
