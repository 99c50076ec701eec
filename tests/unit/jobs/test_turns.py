"""What a job costs: the workflow's transitions follow its turns, not its batches."""

from __future__ import annotations

import json

from listdrop.models import Outcome, RowResult, Turn
from listdrop.providers.activecampaign import ActiveCampaign
from listdrop.providers.base import Handle, Limits, PollAnswer, SendAnswer
from tests.support.clock import NOW
from tests.support.providers import ToyProvider, gaps
from tests.support.world import TURN_SECONDS, World, csv_of

BATCH = 10
BATCHES = 400


class Bulk(ToyProvider):
    """Sends and polls at ActiveCampaign's rates and pace, with smaller batches."""

    limits = Limits(rows=BATCH, bytes=1_000_000)
    pace = ActiveCampaign.pace
    rates = ActiveCampaign.rates


def played(batches: int, seconds_a_batch: float) -> tuple[World, list[Turn]]:
    """Play a job to its end; a batch is finished this many seconds after it was sent."""
    world = World(Bulk)

    def poll(handle: Handle) -> PollAnswer:
        if handle.age < seconds_a_batch:
            return PollAnswer(raw_status="active")
        return PollAnswer(is_terminal=True, rest=RowResult(Outcome.ACCEPTED))

    world.script.then_send = SendAnswer(handle={"batch_id": "b"})
    world.script.then_poll = poll
    job = world.drop(csv_of(BATCH * batches))
    turns = world.follow(world.executions.started[job.job_id])
    world.finish(turns[-1])
    assert world.jobs.get(job.job_id).counts["accepted"] == BATCH * batches
    return world, turns


def test_400_batches_take_no_more_turns_than_one_that_runs_as_long_and_those_that_send() -> None:
    world, many = played(BATCHES, seconds_a_batch=60)
    lasted = (world.clock.now() - NOW).total_seconds()
    _, one = played(1, seconds_a_batch=lasted - 60)

    sending = BATCHES * ActiveCampaign.rates.send_gap / TURN_SECONDS
    assert len(many) <= len(one) + sending, (len(many), len(one), lasted)


def test_400_batches_go_out_at_the_provider_s_rate_and_no_faster() -> None:
    world, _ = played(BATCHES, seconds_a_batch=60)
    sent = sorted(asked.at for asked in world.script.of("send"))

    assert min(gaps(world.script.of("send"))) >= 0.6
    took = (sent[-1] - sent[0]).total_seconds()
    assert took < 1.6 * BATCHES * ActiveCampaign.rates.send_gap
    for index in range(len(sent) - 100):
        assert (sent[index + 100] - sent[index]).total_seconds() > 60


def test_what_an_execution_carries_stays_small() -> None:
    _, turns = played(BATCHES, seconds_a_batch=60)

    assert max(len(json.dumps(turn.state())) for turn in turns) < 1_000
