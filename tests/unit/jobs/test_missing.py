"""A provider that says that it has no such import need not be right: it is asked again."""

from __future__ import annotations

import pytest

from listdrop.errors import FateUnknownError, ProviderBusyError
from listdrop.models import JobState, Outcome, RowResult
from listdrop.providers.base import Handle, PollAnswer, SendAnswer
from tests.support.providers import WORKING, LoadingProvider, ToyProvider, all_good, received
from tests.support.world import World, csv_of

LOST = RowResult(Outcome.UNKNOWN, "not_found", "It is not there.")


def missing(handle: Handle) -> PollAnswer:
    """Answer that there is no such import, as an adapter does."""
    return PollAnswer(is_terminal=handle.is_lost(), is_missing=True, rest=LOST, raw_status="404")


def counts(world: World) -> list[int]:
    """How often the import was missing in a row before each poll."""
    return [asked.handle.missing for asked in world.script.of("poll") if asked.handle]


@pytest.mark.parametrize("kind", [ToyProvider, LoadingProvider])
def test_five_answers_in_a_row_end_an_import_unknown(kind: type[ToyProvider]) -> None:
    world = World(kind)
    world.script.then_send = received
    world.script.polls = [WORKING, *[missing] * 20]

    job = world.process(csv_of(7))

    assert (job.state, job.counts["unknown"]) == (JobState.FAILED, 7)
    assert {result.reason for result in world.outcomes(job).values()} == {"not_found"}
    assert max(counts(world)) >= 4
    ages = [asked.handle.age for asked in world.script.of("poll") if asked.handle]
    assert max(ages) >= 120


@pytest.mark.parametrize("other", [WORKING, FateUnknownError(), ProviderBusyError(30)])
def test_any_other_answer_begins_the_count_again(other: object) -> None:
    world = World()
    world.script.then_send = received
    # So late that each of them would be the last if it counted alone.
    world.script.polls = [
        *[WORKING] * 10,
        *[missing] * 4,
        other,  # type: ignore[list-item] # each is a step of a script
        *[missing] * 4,
        all_good,
    ]

    job = world.process(csv_of(3))

    assert (job.state, job.counts["accepted"]) == (JobState.SUCCEEDED, 3)
    assert counts(world)[-10:] == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4]


def test_an_import_that_is_not_listed_at_first_is_waited_for() -> None:
    class Eager(ToyProvider):
        """Is asked every second."""

        pace = ToyProvider.pace._replace(first=1, shortest=1, longest=1)

    world = World(Eager)
    world.script.then_send = received
    world.script.polls = [*[missing] * 100, all_good]

    job = world.process(csv_of(3))

    assert (job.state, job.counts["accepted"]) == (JobState.SUCCEEDED, 3)


def test_parts_of_a_batch_are_counted_apart() -> None:
    world = World()
    world.script.sends = [SendAnswer(max_rows=2), received, received]

    def answer(handle: Handle) -> PollAnswer:
        return missing(handle) if len(handle.rows) == 2 else WORKING

    world.script.polls = [WORKING] * 16  # so late that each missing one would be the last
    world.script.polls += [answer] * 9

    job = world.process(csv_of(3))

    assert counts(world)[16:25] == [0, 0, 1, 0, 2, 0, 3, 0, 4]
    assert (job.counts["unknown"], job.counts["accepted"]) == (2, 1)


def test_a_poll_that_fails_begins_the_count_of_parts_again() -> None:
    world = World()
    world.script.sends = [SendAnswer(max_rows=2), received, received]
    world.script.polls = [*[missing] * 4, FateUnknownError(), WORKING, WORKING]

    world.process(csv_of(3))

    assert counts(world)[:7] == [0, 0, 1, 1, 2, 0, 0]
