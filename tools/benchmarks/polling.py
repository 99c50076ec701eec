"""Measures polling policies: `python -m tools.benchmarks.polling`.

A poll costs 15 seconds of delay: `J` is 15 for each poll and the seconds from the end of an import
to the poll that finds it. `J*` is the least that is possible for who knows the law of durations,
but not how far an import is: found by dynamic programming over the moments to ask. The policy under
test is the code's own, with each provider's pace. With progress, a share of the work is reported,
which is honest, or runs behind or ahead.
"""

from __future__ import annotations

import argparse
import bisect
import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from itertools import accumulate
from statistics import NormalDist

from listdrop.jobs.pacing import next_poll_seconds
from listdrop.providers import REGISTRY
from listdrop.providers.base import Pace
from tools.benchmarks.measured import Figures

POLL_SECONDS = 15.0
"""What a poll costs, in seconds of delay."""
BAR = 1.3
SIGMA = 0.8
_FIRST, _RATIO = 4.0, 1.02
"""Moments to ask among which the best are looked for: the first, and from each to the next."""
Progress = Callable[[float], float]


def lognormal(median: float, sigma: float, count: int) -> list[float]:
    """Return durations that stand for a law: its quantiles, evenly spaced."""
    law = NormalDist(math.log(median), sigma)
    return [math.exp(law.inv_cdf((each + 0.5) / count)) for each in range(count)]


def bimodal(count: int) -> list[float]:
    """Seven of ten imports take half a minute, the others ten minutes."""
    most = round(0.7 * count)
    return [*lognormal(30, SIGMA / 2, most), *lognormal(600, SIGMA / 2, count - most)]


LAWS: Mapping[str, Callable[[int], list[float]]] = {
    "30 s": partial(lognormal, 30, SIGMA),
    "2 min": partial(lognormal, 120, SIGMA),
    "10 min": partial(lognormal, 600, SIGMA),
    "bimodal": bimodal,
}
REPORTS: Mapping[str, Progress | None] = {
    "no progress": None,
    "honest": lambda part: part,
    "behind": lambda part: part**3,
    "ahead": lambda part: part ** (1 / 3),
}


def least(found: Sequence[float]) -> float:
    """Return `J*`: the mean cost of an import, with the best moments to ask for this law."""
    count = len(found)
    sums = [0.0, *accumulate(found)]
    steps = math.ceil(math.log(found[-1] / _FIRST, _RATIO))
    moments = [0.0, *(_FIRST * _RATIO**step for step in range(steps + 1))]
    ended = [bisect.bisect_right(found, moment) for moment in moments]
    ahead = [0.0] * len(moments)
    for at in reversed(range(len(moments) - 1)):
        left = count - ended[at]
        ahead[at] = min(
            POLL_SECONDS * left
            + moments[to] * (ended[to] - ended[at])
            - (sums[ended[to]] - sums[ended[at]])
            + ahead[to]
            for to in range(at + 1, len(moments))
        )
    return ahead[0] / count


def cost(pace: Pace, found: Sequence[float], report: Progress | None = None) -> float:
    """Return `J`: the mean cost of an import with the code's own policy at a pace."""
    total = 0.0
    for seconds in found:
        age, polls = pace.first, 1
        while age < seconds:
            progress = report(age / seconds) if report else None
            age += next_poll_seconds(pace, age, progress)
            polls += 1
        total += POLL_SECONDS * polls + age - seconds
    return total / len(found)


@cache
def ratios(pace: Pace, count: int) -> Mapping[str, Mapping[str, float]]:
    """Return J / J* of a pace, by what is reported and by law."""
    laws = {name: sorted(law(count)) for name, law in LAWS.items()}
    best = {law: least(found) for law, found in laws.items()}
    return {
        said: {law: cost(pace, found, report) / best[law] for law, found in laws.items()}
        for said, report in REPORTS.items()
    }


def figures(count: int = 4_000) -> Figures:
    """Return the worst J / J* of each provider that is asked how an import went."""
    return {
        f"{name}.{said.replace(' ', '_')}": max(found.values())
        for name, provider in REGISTRY.items()
        if provider.pace.longest > 1
        for said, found in ratios(provider.pace, count).items()
    }


def main() -> None:
    """Print J / J* of every provider that is asked how an import went."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--imports", type=int, default=4_000)
    count = parser.parse_args().imports
    for name, provider in REGISTRY.items():
        if provider.pace.longest <= 1:
            continue
        for said, found in ratios(provider.pace, count).items():
            shown = ", ".join(f"{law} {ratio:.2f}" for law, ratio in found.items())
            print(f"{name}, {said}: {shown}; bar {BAR}")


if __name__ == "__main__":
    main()
