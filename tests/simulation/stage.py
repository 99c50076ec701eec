"""Virtual time, in which functions run, wait, are thought dead, and die.

Everything runs in one thread. A function that waits (for a slot, for an answer) lets the others go
on, and one that Step Functions gave up on can go on beside the one that was started in its place.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from listdrop.errors import ClaimLostError
from listdrop.models import BatchState
from tests.simulation.faults import Faults
from tests.support.clock import NOW

if TYPE_CHECKING:
    from tests.simulation.network import Process

_DEEPEST = 3
_ZOMBIE_SECONDS = 400
"""For so long, most of the time that a call has, a function may go on that counts as dead."""
SPARED_AFTER = 4
"""Attempts after which nothing goes wrong with a function, if everything has to end."""

T = TypeVar("T")


class CrashError(BaseException):
    """The function died here: no code of ours catches it."""


class ThrottledError(Exception):
    """AWS said no, and went on saying so after the SDK's own retries."""


@dataclass(eq=False)
class Frame:
    """One running function: who it is, how long it may run, whether anybody waits for it."""

    label: str
    job_id: str
    ends_at: datetime
    attempt: int
    lost: Callable[[], None] | None = None
    """Tell the caller that it failed, while it goes on."""
    is_zombie: bool = False
    told: list[tuple[str, Mapping[str, bool | None]]] = field(default_factory=list)
    sent: set[tuple[str, str]] = field(default_factory=set)
    path: str = ""
    """The end of what it asked for last."""
    in_flight_until: datetime | None = None
    """When its request is over, whatever goes on meanwhile."""
    process: Process | None = None
    """Where it runs, once it has asked for an HTTP client."""


class Write:
    """A write that is going on. A class, as there are a hundred in a run."""

    __slots__ = ("_fault", "_name", "_stage")

    def __init__(self, stage: Stage, name: str) -> None:
        self._stage = stage
        self._name = name
        self._fault = ""

    def __enter__(self) -> None:
        self._fault = self._stage.failing = self._stage.enter(self._name)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._stage.leave(self._fault)


class Stage:
    """Events in the order of their time, the function that runs, and the faults it meets."""

    def __init__(self, faults: Faults, *, is_lively: bool, traced: bool) -> None:
        self.faults = faults
        self.is_lively = is_lively
        """Whether faults stop, so that everything has to come to its end."""
        self.now = NOW
        self.trace: list[str] | None = [] if traced else None
        self.wrong: list[str] = []
        self.is_late = False
        """Whether a function slept longer than it wanted, because another ran meanwhile."""
        self.failing = ""
        """What goes wrong with the write that is going on."""
        self.most_events = 0
        self.events = 0
        self.depth = 0
        self.frame = Frame("world", "", NOW + timedelta(days=999), 0)
        self._heap: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = itertools.count()

    # ------------------------------------------------------------------ time

    def at(self, moment: datetime, event: Callable[[], None]) -> None:
        """Let something happen."""
        heapq.heappush(self._heap, (moment, next(self._order), event))

    def loop(self, until: datetime | None = None) -> None:
        """Let happen what is due, until nothing is left or that moment has come."""
        heap = self._heap
        frame = self.frame
        self.depth += 1
        while heap and (until is None or heap[0][0] <= until):
            moment, _, event = heapq.heappop(heap)
            self.events += 1
            if self.events > self.most_events:
                self.fail("I5 the loop does not end")
                heap.clear()
                break
            if moment > self.now:
                self.now = moment
            event()
        self.depth -= 1
        self.frame = frame
        if until is not None and until > self.now:
            self.now = until

    def pass_time(self, moment: datetime) -> None:
        """Wait in a function: others go on meanwhile."""
        if self._heap and self._heap[0][0] <= moment and self.depth < _DEEPEST:
            self.loop(moment)
            self.is_late = self.is_late or self.now > moment + timedelta(milliseconds=500)
        elif moment > self.now:
            self.now = moment

    def fail(self, what: str) -> None:
        """Note a broken promise."""
        self.wrong.append(what)
        self.note("BROKEN", what)

    def note(self, what: str, detail: str = "") -> None:
        """Add to the trace, if there is one."""
        if self.trace is not None:
            passed = (self.now - NOW).total_seconds()
            self.trace.append(f"{passed:10.3f}  {self.frame.label:<18} {what} {detail}".rstrip())

    # ------------------------------------------------------------------ faults

    COMMITTED: ClassVar = frozenset({f"save_batch {BatchState.SENDING}", "save_session"})
    """Between a last look and a request. Whatever happens here happens during the request."""

    def interfere(self, place: str) -> None:
        """Let a person do something at this moment."""

    def enter(self, name: str) -> str:
        """Come to a place where AWS can fail; returns what is still to go wrong after it."""
        frame = self.frame
        if self.now > frame.ends_at:
            self.note("timed out", name)
            raise CrashError("timed out")
        if name not in self.COMMITTED:
            self.interfere(name)
        if self.is_spared(frame):
            return ""
        kind = self.faults.pick("aws.", f"{frame.label} {name}")
        if self.trace is not None:
            self.note(name, kind)
        if not kind:
            return ""
        if kind == "aws.crash_before":
            raise CrashError(name)
        if kind == "aws.throttled":
            raise ThrottledError(name)
        if kind == "aws.overlap":
            self.overlap()
            return ""
        return kind

    def leave(self, kind: str) -> None:
        """Die after it, if that should go wrong."""
        if kind:
            self.note("crash", kind)
            raise CrashError(kind)

    def reach(self, name: str) -> None:
        """Come to a place where AWS can fail, and nothing is written."""
        self.leave(self.enter(name))

    def write(self, name: str) -> Write:
        """Surround a write, which can fail before it and after it."""
        return Write(self, name)

    def each(self, items: Iterable[T]) -> Iterator[T]:
        """Pass on what a write consists of, and die after the first if that should go wrong."""
        fault = self.failing
        for item in items:
            yield item
            if fault == "aws.partial":
                self.leave(fault)

    def is_spared(self, frame: Frame) -> bool:
        """Whether a function was tried often enough that nothing more goes wrong with it."""
        return self.is_lively and frame.attempt >= SPARED_AFTER

    def overlap(self) -> None:
        """Take the function for dead and start another in its place; then it goes on."""
        frame = self.frame
        if frame.lost is None or frame.is_zombie or self.depth >= _DEEPEST:
            return
        self.note("is thought dead")
        lost, frame.lost = frame.lost, None
        lost()
        self.loop(
            self.now
            + timedelta(seconds=_ZOMBIE_SECONDS * self.faults.draw(f"zombie {frame.label}"))
        )
        self.note("goes on")

    # ------------------------------------------------------------------ functions

    def invoke(self, frame: Frame, function: Callable[[], Any]) -> Any:
        """Run a function. Returns its answer, or the error that it died of."""
        before, self.frame = self.frame, frame
        self.note("begins")
        try:
            answer = function()
        except (CrashError, ThrottledError) as error:
            answer = error
        except ClaimLostError as error:
            answer = error
        except Exception as error:  # noqa: BLE001 # whatever a function dies of is what is looked for
            answer = error
            self.fail(f"I1 {frame.label} raised {type(error).__name__}: {error}")
        self._has_run(frame, answer)
        self.note("ends", repr(answer) if isinstance(answer, BaseException) else "")
        self.frame = before
        return answer

    def _has_run(self, frame: Frame, answer: Any) -> None:
        """Draw conclusions from a function that came to its end, or died."""
