"""One budget for each account: no window of time ever holds more requests than a provider takes."""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Literal

import pytest

from listdrop.jobs.turns import LATE, Work
from listdrop.models import Turn
from listdrop.providers import REGISTRY
from tests.support.clock import NOW, ManualClock
from tests.support.providers import MemoryProviders, ToyProvider
from tests.support.world import World, csv_of

Kind = Literal["send", "poll"]

JOBS = 40
REQUESTS = 12
_LAG = timedelta(milliseconds=100)
"""From the slot to the provider's door, at most."""


@dataclass(frozen=True)
class Limit:
    """What a provider takes in any `seconds`; of one kind, or of both together."""

    requests: int
    seconds: float
    kinds: tuple[Kind, ...] = ("send", "poll")


PUBLISHED = {
    "activecampaign": (Limit(5, 1), Limit(100, 60, ("send",))),
    "kakiyo": (Limit(60, 60, ("send",)), Limit(60, 60, ("poll",))),
    # Where nothing is published: what users were refused, or what nobody has gone beyond.
    "saleshandy": (Limit(20, 60),),
    "waalaxy": (Limit(2, 1, ("send",)),),  # never polled
    "which50": (Limit(2, 1),),
}


@dataclass(frozen=True)
class Slot:
    """A slot that was handed out and used."""

    at: datetime
    kind: Kind
    gap: float


class Account:
    """Many jobs on one account, each a function that starts late, and asks slowly, at times."""

    def __init__(self, provider: str, seed: int, *, lone: bool = False) -> None:
        rates = REGISTRY[provider].rates
        self.rng = random.Random(seed)  # noqa: S311 # a scenario, no secret
        self.gaps: dict[Kind, float] = {"send": rates.send_gap, "poll": rates.poll_gap}
        if lone:
            self.gaps["send"] = rates.lone_gap or rates.send_gap
        self.kind = type("Paced", (ToyProvider,), {"rates": rates})
        self.world = World(self.kind)
        self.job = self.world.drop(csv_of(1))
        self.slots: list[Slot] = []
        self.turns = 0
        self._order = count()
        self._due: list[tuple[datetime, int, Turn, int]] = []

    def play(self) -> None:
        """Run the jobs' turns in the order of time, until each has made its requests."""
        for _ in range(JOBS):
            following: Kind = self.rng.choice(("send", "poll"))
            turn = Turn(job_id=self.job.job_id, provider="toy", next=following)
            self._plan(NOW + timedelta(seconds=self.rng.random() * 3), turn, REQUESTS)
        while self._due:
            at, _, turn, left = heapq.heappop(self._due)
            self._run(at, turn, left)

    def _plan(self, at: datetime, turn: Turn, left: int) -> None:
        late = self.rng.choice((0.05, 0.2, 0.2, 1, 2.5, 7)) * self.rng.random()
        heapq.heappush(self._due, (at + timedelta(seconds=late), next(self._order), turn, left))

    def _run(self, at: datetime, turn: Turn, left: int) -> None:
        self.turns += 1
        kind: Kind = "send" if turn.next == "send" else "poll"
        clock = ManualClock(at)
        ports = self.world.turn_ports()._replace(
            clock=clock,
            providers=MemoryProviders(self.kind, self.world.script),
        )
        work = Work(turn, self.job, ports, kind)
        with work.leases:
            come_back_at = work.reserve(left, self.gaps[kind])
            slow = self.rng.choice((0.1, 0.3, 1, 4))
            while come_back_at is None and left and work.next_slot():
                slot = clock.now() + _LAG * self.rng.random()
                self.slots.append(Slot(slot, kind, self.gaps[kind]))
                left -= 1
                clock.advance(slow * self.rng.random())
        following: Kind = kind if come_back_at else self.rng.choice(("send", "poll"))
        moment = come_back_at or clock.now()
        send_at, poll_at = (moment, None) if following == "send" else (None, moment)
        turn = work.next_turn(send_at=send_at, poll_at=poll_at)
        if left:
            self._plan(turn.wait_until or moment, turn, left)


def windows(slots: list[Slot], limit: Limit) -> Iterator[int]:
    """Yield how many requests each window of time has that begins with one."""
    moments = sorted(slot.at for slot in slots if slot.kind in limit.kinds)
    for first, moment in enumerate(moments):
        ends_at = moment + timedelta(seconds=limit.seconds)
        yield next(
            (later - first for later in range(first, len(moments)) if moments[later] >= ends_at),
            len(moments) - first,
        )


@pytest.mark.parametrize(
    "seed", [*range(3), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(3, 8))]
)
@pytest.mark.parametrize("provider", REGISTRY)
def test_no_window_has_more_requests_than_the_provider_takes(provider: str, seed: int) -> None:
    account = Account(provider, seed)

    account.play()

    assert len(account.slots) == JOBS * REQUESTS
    for limit in PUBLISHED[provider]:
        assert max(windows(account.slots, limit)) <= limit.requests, limit


@pytest.mark.parametrize("seed", range(4))
def test_single_rows_keep_to_a_limit_of_their_own(seed: int) -> None:
    account = Account("activecampaign", seed, lone=True)

    account.play()

    assert max(windows(account.slots, Limit(20, 60, ("send",)))) <= 20
    assert max(windows(account.slots, Limit(5, 1))) <= 5


@pytest.mark.parametrize("provider", REGISTRY)
def test_requests_span_their_gaps_but_for_one_and_a_half(provider: str) -> None:
    account = Account(provider, seed=1)
    together = REGISTRY[provider].rates.together

    account.play()

    for kinds in [("send", "poll")] if together else [("send",), ("poll",)]:
        slots = sorted((s for s in account.slots if s.kind in kinds), key=lambda slot: slot.at)
        gap = min(slot.gap for slot in slots)
        for number in range(2, 20):
            least = timedelta(seconds=(number - 1 - LATE) * gap) - _LAG
            pairs = zip(slots, slots[number - 1 :], strict=False)
            assert min(later.at - first.at for first, later in pairs) >= least, number


@pytest.mark.parametrize("provider", REGISTRY)
def test_what_the_account_may_ask_is_made_use_of(provider: str) -> None:
    account = Account(provider, seed=2)

    account.play()

    took = (max(slot.at for slot in account.slots) - NOW).total_seconds()
    together = REGISTRY[provider].rates.together
    least = sum(slot.gap for slot in account.slots) / (1 if together else 2)
    assert took < 2.5 * least + 60
    assert account.turns < len(account.slots) * 2.5
