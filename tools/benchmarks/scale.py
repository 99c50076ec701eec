"""Plays many jobs at once, in virtual time: `python -m tools.benchmarks.scale --jobs 200`.

The real use cases and the real workflow run against a provider of the simulation, without faults.
All jobs are of one account, which is the most that its rate has to share. What AWS and the
provider would hold against a quota is counted for each second: starts and transitions of the
workflow, and requests. `docs/scale.md` quotes it.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from listdrop.costs.usage import Foreseen, counts, foreseen
from listdrop.models import JobState, Outcome, Upload
from listdrop.providers import REGISTRY
from tests.simulation.checker import check
from tests.simulation.faults import Faults
from tests.simulation.machine import Machine
from tests.simulation.network import SimProviders
from tests.simulation.scenario import CsvRow, Drop, csv_of
from tests.simulation.stage import Frame
from tests.simulation.workflow import DEFINITION, states_of
from tests.simulation.world import World
from tests.support.clock import NOW
from tools.benchmarks.data import DESTINATIONS
from tools.costs import batches_of

_MILLION = 1_000_000
_PLENTY = 100
_SEED = 8
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Peak:
    """What many jobs at once came to. What is counted for a second is the most of any second."""

    jobs: int
    ended: int
    succeeded: int
    balanced: int
    broken: int
    minutes: float
    starts: int
    transitions: int
    requests: int


class Crowd(World):
    """Many uploads to one account, all of them within a second."""

    def __init__(self, provider: str, jobs: int, rows: int) -> None:
        self._jobs, self._rows = jobs, rows
        self._begun: list[float] = []
        super().__init__(provider, _SEED, faults=Faults(_SEED, {}, only=()))
        kind = REGISTRY[provider]
        members = {"provider": provider, **DESTINATIONS[provider]}
        self.destination = kind.destination_model.model_validate(members)
        self.routes.routes["spring"] = self.route.model_copy(
            update={"destinations": (self.destination,), "deadline_minutes": 43_200}
        )
        self.batch_rows = kind(self.destination).batch_limits().rows
        self.providers = SimProviders(self)
        self.is_lively = True
        self.machine = Machine(self, self.turns, self.handlers.handle)
        self.machine.states = states_of(DEFINITION, 200)
        self.turns = 10_000
        self.most_events = 10_000_000

    def _drops(self, rng: random.Random) -> list[Drop]:
        del rng
        return [self._drop(number) for number in range(self._jobs)]

    def _drop(self, number: int) -> Drop:
        rows = [CsvRow(f"p{row}-u{number}", "Ada", "send") for row in range(self._rows)]
        content = csv_of(rows)
        upload = Upload(
            bucket="uploads",
            key=f"inbox/spring/{number}.csv",
            version_id=f"v{number}",
            size=len(content),
        )
        return Drop(upload, content, rows, NOW + number * _SECOND / self._jobs)

    def invoke(self, frame: Frame, function: Any) -> Any:
        """Run a function, and remember when it began."""
        self._begun.append((self.now - NOW) / _SECOND)
        return super().invoke(frame, function)

    def turns_a_second(self) -> int:
        """Return the most functions that began within a second."""
        return max(Counter(map(int, self._begun)).values())


def played(provider: str, jobs: int, rows: int) -> Peak:
    """Play a number of jobs at once, each with this number of rows."""
    world = Crowd(provider, jobs, rows)
    world.run()
    found = list(world.jobs.jobs.values())
    ends = [job.finished_at for job in found if job.finished_at]
    starts = Counter(int((each.at - NOW) / _SECOND) for each in world.machine.executions.values())
    asked = Counter(int((at - NOW) / _SECOND) for at, _, _ in world.requests)
    return Peak(
        jobs=len(found),
        ended=len(ends),
        succeeded=sum(job.state is JobState.SUCCEEDED for job in found),
        balanced=sum(_is_balanced(job.counts) for job in found),
        broken=len(check(world)),
        minutes=(max(ends) - NOW) / timedelta(minutes=1) if ends else 0,
        starts=max(starts.values()),
        transitions=3 * world.turns_a_second(),
        requests=max(asked.values()),
    )


def hours() -> str:
    """Return the table of what each provider's account takes: hours of requests."""
    lines = ["| Provider | rows in a batch | a million rows: sending | asking | rows in a day |"]
    lines.append("|---|---:|---:|---:|---:|")
    for name in counts()["provider"]:
        rates = REGISTRY[name].rates
        batches = batches_of(name, _MILLION)
        work = foreseen(name, batches) or Foreseen(batches, 0, 0, 0, 0, 0)
        sending, asking = work.sends * rates.send_gap / 3600, work.polls * rates.poll_gap / 3600
        # Where both have rates of their own, jobs that send go on beside jobs that ask.
        busy = sending + asking if rates.together else max(sending, asking)
        fitting = int(24 / busy)
        a_day = str(fitting) if fitting < _PLENTY else f"over {_PLENTY}"
        size = _MILLION // batches
        lines.append(f"| {name} | {size:,} | {sending:.1f} | {asking:.1f} | {a_day} million |")
    return "\n".join(lines)


def _is_balanced(counts: Mapping[str, int]) -> bool:
    return sum(counts[outcome] for outcome in Outcome) == counts["rows"]


def main() -> None:
    """Print how the jobs went at each provider."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--rows", type=int, default=500)
    options = parser.parse_args()
    for provider in DESTINATIONS:
        print(f"{provider}: {played(provider, options.jobs, options.rows)}", flush=True)


if __name__ == "__main__":
    main()
