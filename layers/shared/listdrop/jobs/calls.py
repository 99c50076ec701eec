"""One call of Send or Status takes several turns, where the next is its own and near."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from listdrop.models import Turn
from listdrop.ports import Clock

NEAR = timedelta(seconds=10)
"""What is this near is waited for in the function; what is later is the workflow's to wait for.

A wait outside takes three transitions (Choose, the wait, the function), each at 25 USD a million:
https://aws.amazon.com/step-functions/pricing/. For the same 75 millionths of a dollar, a function
with 512 MB on arm64 runs 11 seconds, at 13.33 USD a million GB-seconds:
https://aws.amazon.com/lambda/pricing/
"""

EARLY = timedelta(seconds=2)
"""The workflow wakes the function so much before a slot: a function takes its time to start, and
waits are cut to whole seconds."""

_MOST_TURNS = 30
"""In one call, however little each of them does: a call ends by itself, whatever the clock says."""

TakeTurn = Callable[[Turn, datetime | None], Turn]
"""Takes a turn, and is told until when the call may begin another; returns what comes next."""


def take_turns(turn: Turn, clock: Clock, take_turn: TakeTurn, seconds: float) -> Turn:
    """Take a turn, and then, for `seconds`, those that follow and are this function's.

    Each is a turn like any other: it looks at the job first, and saves what it leaves. Slots are
    reserved for one turn at a time, so other jobs of the account have theirs in between.
    """
    if not seconds:
        return take_turn(turn, None)
    until = clock.now() + timedelta(seconds=seconds)
    following = take_turn(turn, until)
    for _ in range(_MOST_TURNS):
        at = following.wait_until
        if following.next != turn.next or at is None or at > min(until, clock.now() + NEAR):
            break
        clock.wait_until(at)
        following = take_turn(following, until)
    return following.model_copy(update={"turn": turn.turn + 1})
