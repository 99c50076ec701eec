"""What goes wrong, and when: decided by the seed alone, so that a run can be played again.

Every place where something can go wrong has a name, and the n-th time that a run comes there it
draws the n-th number of that name. So when one fault is taken out of a run, the others stay where
they were, and a failing run can be cut down to the few faults that it takes.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Collection, Mapping

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15


class Faults:
    """Draws for one run. `only` names the faults that may happen; `None`: all that are drawn."""

    def __init__(
        self, seed: int, rates: Mapping[str, float], only: Collection[str] | None = None
    ) -> None:
        self.rates = rates
        self.fired: list[str] = []
        self.is_over = False
        """Whether infrastructure and network have settled down."""
        self._only = None if only is None else frozenset(only)
        self._base = random.Random(seed).getrandbits(64)
        self._drawn: dict[str, list[int]] = {}
        """By place, where its numbers are, and how many of them were drawn."""
        self._tables: dict[str, list[tuple[float, str]]] = {}

    def draw(self, place: str) -> float:
        """Return the place's next number, from 0 to 1."""
        drawn = self._drawn.get(place)
        if drawn is None:
            mixed = (self._base ^ (zlib.crc32(place.encode()) << 17)) & _MASK
            drawn = self._drawn[place] = [mixed, 0]
        drawn[1] += 1
        value = drawn[0] = (drawn[0] + _GOLDEN) & _MASK
        value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
        return (value ^ (value >> 31)) / 18446744073709551616.0

    def hit(self, kind: str, place: str, *, lasting: bool = False) -> bool:
        """Whether this kind of fault happens here and now.

        One that is `lasting` belongs to the provider's data, and does not settle down.
        """
        rate = self.rates.get(kind, 0)
        if not rate or (self.is_over and not lasting):
            return False
        return self.draw(f"{kind} {place}") < rate and self._fire(kind, place)

    def pick(self, group: str, place: str) -> str:
        """Return which of a group's faults happens here and now; empty if none does."""
        if self.is_over:
            return ""
        table = self._tables.get(group)
        if table is None:
            table = self._tables[group] = self._table(group)
        if not table:
            return ""
        drawn = self.draw(f"{group} {place}")
        for limit, kind in table:
            if drawn < limit:
                return kind if self._fire(kind, place) else ""
        return ""

    def _table(self, group: str) -> list[tuple[float, str]]:
        limit, table = 0.0, []
        for kind, rate in self.rates.items():
            if kind.startswith(group) and rate:
                limit += rate
                table.append((limit, kind))
        return table

    def _fire(self, kind: str, place: str) -> bool:
        group = kind.partition(".")[0] + "."
        drawn = self._drawn.get(f"{group} {place}") or self._drawn[f"{kind} {place}"]
        name = f"{kind} {place} #{drawn[1]}"
        if self._only is not None and name not in self._only:
            return False
        self.fired.append(name)
        return True


# Rates are far above real life: a job passes 20 to 60 places where something can go wrong.
_AWS = (
    "aws.crash_before",
    "aws.crash_after",
    "aws.throttled",
    "aws.partial",
    "aws.overlap",
    "lambda.little_time",
    "sfn.reply_lost",
)
_NET = {
    "net.crash_before": 0.5,
    "net.crash_after": 1.0,
    "net.not_sent": 1.0,
    "net.timeout_before": 0.7,
    "net.timeout_after": 1.5,
    "net.late": 0.7,
    "net.5xx_before": 0.7,
    "net.5xx_after": 1.5,
    "net.busy": 1.5,
    "net.garbage": 1.0,
    "net.redirect": 0.3,
    "net.poisoned": 0.5,
}
_FORGOTTEN = ("lambda.frozen", "idle.forgotten")
"""The network forgets connections without a word: of a process that is frozen between two calls, or
within a call."""
_CANCEL = "person.cancels"
_EVENTS = ("event.dropped", "event.duplicate", "event.late")
_DATA = {
    "row.bad": 1.0,
    "row.known": 1.0,
    "row.suppressed": 0.4,
    "job.endless": 0.25,
    "job.lost": 0.3,
    "job.failed": 0.4,
    "job.slow": 1.0,
    "said.unknown_word": 0.5,
    "said.foreign": 0.4,
    "said.missing": 0.5,
    "said.duplicate": 0.4,
    "said.out_of_range": 0.4,
    "said.shuffled": 0.5,
    "said.unreadable": 0.4,
    "said.refused_request": 0.3,
    "said.refused_rows": 0.5,
    "said.too_large": 0.4,
    "said.no_receipt": 0.2,
}
KINDS = (
    *_AWS,
    *_NET,
    *_FORGOTTEN,
    *_EVENTS,
    _CANCEL,
    *_DATA,
    "key.revoked",
    "key.rotated",
    "key.unread",
    "deploy.again",
    "route.removed",
)

_CANCELS = 0.003
"""At each of these places. A person who cancels is there in calm hours, too."""

_OFTEN = 0.3
"""Of what does no harm, unless a connection is used that may be dead."""

_PROFILES: dict[str, tuple[float, float, float, float]] = {
    # Rates of AWS and of events are for each kind; those of network and data are shared out.
    "calm": (0, 0, 0, 0.02),
    "crashes": (0.022, 0.004, 0.1, 0.08),
    "network": (0.002, 0.05, 0.05, 0.08),
    "odd": (0.002, 0.01, 0.05, 0.3),
    "storm": (0.015, 0.025, 0.25, 0.2),
}


def rates_of(rng: random.Random) -> tuple[str, dict[str, float]]:
    """Choose a profile and its rates."""
    name = rng.choices(list(_PROFILES), weights=(1, 3, 3, 2, 3))[0]
    aws, net, events, data = _PROFILES[name]
    rates = dict.fromkeys(_AWS, aws)
    rates |= {kind: net * share for kind, share in _NET.items()}
    rates |= dict.fromkeys(_FORGOTTEN, _OFTEN if net else 0)
    rates |= dict.fromkeys(_EVENTS, events)
    rates["key.unread"] = aws
    rates[_CANCEL] = _CANCELS
    rates |= {kind: data * share for kind, share in _DATA.items()}
    rare = 0.0 if name == "calm" else 0.06
    once = {"key.revoked": rare, "key.rotated": rare, "deploy.again": 2 * rare}
    return name, rates | once | {"route.removed": rare}
