"""What follows a request to a provider is written though the table is throttled for a while."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from listdrop.aws.budget import DynamoBudget
from listdrop.aws.conflicts import MOST_SECONDS
from listdrop.aws.jobs import DynamoJobs
from listdrop.aws.rows import DynamoTurnJobs
from listdrop.models import BatchItem, Session, Tally
from listdrop.ports import Clock
from listdrop.settings import settings
from listdrop.wiring import turns
from tests.contracts.ports import new_job
from tests.support.clock import NOW, Waits
from tests.support.tables import THROTTLED, ScriptedTable, failure

JOB = new_job()
BATCH = BatchItem(job_id=JOB.job_id, number=1, first_row=1, rows=1, first_byte=0, last_byte=1)
ROUNDS = 4
"""How often boto3 makes a request by itself."""


@pytest.fixture(autouse=True)
def _no_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)  # boto3's own


@pytest.fixture
def clock() -> Waits:
    return Waits()


def jobs_on(
    table: ScriptedTable, clock: Clock, draws: Callable[[], float] = lambda: 1.0
) -> DynamoTurnJobs:
    return DynamoTurnJobs(table.table, table.table.meta.client, clock, draws)


AFTER_A_REQUEST: dict[str, Callable[[DynamoTurnJobs], Any]] = {
    "batch": lambda jobs: jobs.save_batch(BATCH),
    "job": lambda jobs: jobs.update(JOB.job_id, sending_since=NOW),
    "progress": lambda jobs: jobs.tell(JOB.job_id, Tally(sent=1)),
    "session": lambda jobs: jobs.save_session(JOB, Session(value={})),
    "shown": lambda jobs: jobs.show(JOB, progress=20),
}


@pytest.mark.parametrize("write", AFTER_A_REQUEST.values(), ids=AFTER_A_REQUEST)
def test_a_write_that_boto3_gives_up_is_made_again(
    write: Callable[[DynamoTurnJobs], Any], clock: Waits
) -> None:
    table = ScriptedTable(*[failure(THROTTLED)] * 3 * ROUNDS)

    write(jobs_on(table, clock))

    assert len(table.asked) == 3 * ROUNDS + 1
    assert len({str(each) for each in table.asked}) == 1
    assert len(clock.waits) == 3


@pytest.mark.parametrize(
    "code",
    [
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "RequestLimitExceeded",
        "InternalServerError",
        "ServiceUnavailable",
    ],
)
def test_whatever_passes_is_waited_for(code: str, clock: Waits) -> None:
    table = ScriptedTable(*[failure(code)] * 2 * ROUNDS)

    assert jobs_on(table, clock).save_batch(BATCH).version == 1

    assert clock.waits


def test_what_does_not_pass_is_an_error_at_once(clock: Waits) -> None:
    table = ScriptedTable(failure("ValidationException"))

    with pytest.raises(ClientError, match="ValidationException"):
        jobs_on(table, clock).save_batch(BATCH)

    assert (len(table.asked), clock.waits) == (1, [])


def test_waits_double_and_are_drawn(clock: Waits) -> None:
    draws = iter([1.0, 0.5, 0.25, 1.0])
    table = ScriptedTable(*[failure(THROTTLED)] * 4 * ROUNDS)

    jobs_on(table, clock, lambda: next(draws)).save_batch(BATCH)

    assert clock.waits == pytest.approx([0.1, 0.1, 0.1, 0.8])  # of 0.1, 0.2, 0.4 and 0.8


def test_a_table_that_stays_busy_is_an_error_for_the_workflow_to_retry(clock: Waits) -> None:
    table = ScriptedTable(*[failure(THROTTLED)] * 1_000)

    with pytest.raises(ClientError, match=THROTTLED):
        jobs_on(table, clock).save_batch(BATCH)

    assert MOST_SECONDS - 5 < sum(clock.waits) <= MOST_SECONDS
    assert max(clock.waits) <= 5


def test_what_boto3_waits_counts_too(clock: Waits) -> None:
    table = ScriptedTable(*[failure(THROTTLED)] * 1_000)
    table.on_request = lambda: clock.advance(1.75)

    with pytest.raises(ClientError, match=THROTTLED):
        jobs_on(table, clock).save_batch(BATCH)

    assert (clock.now() - NOW).total_seconds() <= MOST_SECONDS + 1.75 * ROUNDS


def test_a_job_is_read_though_the_table_is_busy(clock: Waits) -> None:
    table = ScriptedTable(*[failure(THROTTLED)] * 2 * ROUNDS, (200, {"Items": []}))

    with pytest.raises(KeyError):
        jobs_on(table, clock).get("another")

    assert len(table.asked) == 2 * ROUNDS + 1


@pytest.mark.parametrize(
    "write",
    [
        lambda budget: budget.hold("toy", NOW),
        lambda budget: budget.give_back("toy", "me"),
        lambda budget: budget.take("toy", "me", NOW, NOW),
    ],
    ids=["hold", "give back", "take"],
)
def test_an_account_is_held_and_given_back_though_the_table_is_busy(
    write: Callable[[DynamoBudget], Any], clock: Waits
) -> None:
    table = ScriptedTable(*[failure(THROTTLED)] * 2 * ROUNDS)

    write(DynamoBudget(table.table, clock))

    assert len(table.asked) == 2 * ROUNDS + 1


def test_nobody_who_looks_at_the_dashboard_waits_for_a_busy_table() -> None:
    table = ScriptedTable(*[failure(THROTTLED)] * 1_000)

    with pytest.raises(ClientError, match=THROTTLED):
        DynamoJobs(table.table).update(JOB.job_id, progress=20)

    assert len(table.asked) == ROUNDS


def test_send_and_status_wait_for_a_busy_table(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"STACK_NAME": "a", "STAGE": "prod", "TABLE_NAME": "jobs"}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    busy = [failure(THROTTLED)] * 2 * ROUNDS
    table = ScriptedTable(*busy, (200, {}), *busy)
    monkeypatch.setattr(turns, "table", lambda: table.table)
    monkeypatch.setattr(turns, "client", lambda _: object())
    settings.cache_clear()
    ports = turns.turn_ports.__wrapped__()
    settings.cache_clear()

    ports.jobs.update(JOB.job_id, progress=20)
    ports.budget.hold("toy", NOW)

    assert len(table.asked) == 2 * (2 * ROUNDS + 1)
