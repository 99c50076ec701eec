"""Finish: every row has its outcome, the files say so, and one notice goes out."""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import pytest

from listdrop.cells.formulas import neutralised, neutralised_all
from listdrop.cells.values import cell_value
from listdrop.errors import (
    BatchRefusedError,
    FateUnknownError,
    ProviderBusyError,
    StopJobError,
    UnbalancedJobError,
)
from listdrop.jobs import reporting
from listdrop.jobs.reporting import PIECE_BYTES
from listdrop.jobs.result_files import is_retryable
from listdrop.jobs.settling import pack, unpack
from listdrop.models import (
    REASONS,
    BatchState,
    Job,
    JobState,
    Outcome,
    RowResult,
    Turn,
    files,
    iso,
)
from listdrop.plans.rereading import reread
from listdrop.prospects.columns import map_columns
from listdrop.prospects.recognising import known_headers
from listdrop.providers.base import Batch, Limits, PollAnswer, SendAnswer
from listdrop.tables.reading import read_table
from listdrop.tables.spooling import spool
from listdrop.tables.unpacking import receive
from tests.support.fallible import CrashError
from tests.support.prospects import prospect_of
from tests.support.providers import WORKING, ToyProvider, accepted, received
from tests.support.world import World, csv_of, is_balanced, outcomes_of, route_to

OWN = list(files.ADDED[files.RESULTS])
BAD = {Outcome.INVALID, Outcome.REFUSED, Outcome.UNKNOWN}


def table(world: World, job: Job, name: str) -> list[list[str]]:
    """Return a result file's records."""
    delimiter = job.table.delimiter if job.table else ","
    text = io.StringIO(world.result_file(job, name), newline="")
    return list(csv.reader(text, delimiter=delimiter))


def answering(outcomes: Mapping[int, RowResult]) -> World:
    """Return a world whose provider gives each row this outcome."""
    world = World()
    world.script.then_send = lambda batch: SendAnswer(
        results={row.row: outcomes[row.row] for row in batch.rows}
    )
    return world


def read_again(content: str) -> list[tuple[dict[str, str], dict[str, str]]]:
    """Read a file the way Submit does: canonical and custom values of every row."""
    source = spool(receive([content.encode()]))
    with source.file:
        found = read_table(source, known_headers({}))
        columns = map_columns(found.header, {})
        rows = [prospect_of(row.cells, columns) for row in found.rows()]
    return [(dict(row.fields), dict(row.custom)) for row in rows]


# ---------------------------------------------------------------- balance and state


def mixes() -> Iterator[tuple[Outcome, ...]]:
    """Yield every mix of up to three outcomes a provider can give."""
    given = [o for o in Outcome if o not in (Outcome.DUPLICATE, Outcome.INVALID)]
    for size in (1, 2, 3):
        yield from itertools.combinations(given, size)


@pytest.mark.parametrize("mix", list(mixes()))
def test_every_mix_of_outcomes_adds_up_and_gives_the_job_its_state(
    mix: tuple[Outcome, ...],
) -> None:
    world = answering({row: RowResult(mix[row % len(mix)], "said") for row in range(1, 8)})

    job = world.process(csv_of(7))

    assert is_balanced(job)
    assert job.counts["rows"] == 7
    assert {Outcome(name) for name, n in job.counts.items() if n and name != "rows"} == set(mix)
    bad = BAD & set(mix)
    if not bad:
        assert job.state is JobState.SUCCEEDED
    else:
        assert job.state is (JobState.FAILED if bad == set(mix) else JobState.PARTIAL)


def test_rows_that_were_not_sent_count_with_those_that_were() -> None:
    world = World()
    content = b"Email\na@example.com\nbroken\nA@example.com\nb@example.com\n"

    job = world.process(content)

    assert outcomes_of(world.outcomes(job)) == ["confirmed", "invalid", "duplicate", "confirmed"]
    assert (job.state, is_balanced(job)) == (JobState.PARTIAL, True)
    assert job.progress == 100


def test_a_job_that_ends_early_has_an_outcome_for_every_row() -> None:
    world = World()
    world.script.then_send = received
    job = world.drop(csv_of(7))
    turn = world.send(world.executions.started[job.job_id])

    world.finish(turn.model_copy(update={"next": "finish", "failure": "status"}))

    job = world.jobs.get(job.job_id)
    assert (job.state, job.counts["unknown"]) == (JobState.FAILED, 7)
    assert {result.reason for result in world.outcomes(job).values()} == {"not_finished"}
    assert {batch.state for batch in world.batches(job)} == {BatchState.LOST}


def test_a_row_that_was_never_sent_is_told_apart_where_the_job_ends_early() -> None:
    world = World()
    size = ToyProvider.limits.rows

    def send(_: Batch) -> SendAnswer:
        if len(world.script.of("send")) == 2:
            raise ProviderBusyError(60)  # so that the turn ends
        return SendAnswer(handle={"batch_id": "b"})

    world.script.then_send = send
    job = world.drop(csv_of(3 * size))
    turn = world.send(world.executions.started[job.job_id])

    world.finish(turn.model_copy(update={"next": "finish", "failure": "status"}))

    ended = world.jobs.get(job.job_id)
    results = world.outcomes(ended)
    assert ended.counts["unknown"] == 3 * size
    assert {result.reason for result in results.values()} == {"not_finished"}
    sent, *others = ({results[row].reason_text for row in part} for part in _parts(3, size))
    assert sent == {"The job ended before the provider had answered for the row."}
    assert others == 2 * [{"The job ended before the row was sent."}]


def _parts(count: int, size: int) -> Iterator[range]:
    return (range(first * size + 1, (first + 1) * size + 1) for first in range(count))


def test_a_row_that_was_never_sent_is_told_apart_at_the_deadline() -> None:
    world = World(route=route_to(deadline_minutes=1))
    world.script.then_send = received
    world.script.then_poll = WORKING
    job = world.drop(csv_of(3))
    world.clock.advance(61)

    job = world.run(job)

    assert (job.state, job.counts["unknown"]) == (JobState.EXPIRED, 3)
    assert "not sent" in world.outcomes(job)[1].reason_text
    assert world.script.asked == []


def test_outcomes_that_do_not_add_up_raise_an_alarm_and_no_notice() -> None:
    world = World()
    job = world.drop(csv_of(3))
    last = world.follow(world.executions.started[job.job_id])[-1]
    world.jobs.update(job.job_id, counts=job.counts | {"rows": 4})

    with pytest.raises(UnbalancedJobError):
        world.finish(last)

    assert world.events.counts["unbalanced_job"] == 1
    assert world.notices.published == []


def test_results_of_another_row_raise_an_alarm() -> None:
    world = World()
    job = world.drop(csv_of(3))
    last = world.follow(world.executions.started[job.job_id])[-1]
    [batch] = world.batches(job)
    first, second, third = unpack(batch.told)
    swapped = pack([second, first, third])
    world.jobs.save_batch(batch.model_copy(update={"told": swapped}))

    with pytest.raises(UnbalancedJobError):
        world.finish(last)

    assert world.events.counts["unbalanced_job"] == 1


def test_a_row_without_a_result_raises_an_alarm() -> None:
    world = World()
    job = world.drop(csv_of(3))
    last = world.follow(world.executions.started[job.job_id])[-1]
    (batch,) = world.batches(job)
    some = pack(unpack(batch.told)[:2])
    world.jobs.save_batch(batch.model_copy(update={"told": some}))

    with pytest.raises(UnbalancedJobError):
        world.finish(last)

    assert world.events.counts["unbalanced_job"] == 1


# ---------------------------------------------------------------- again and again


def test_finishing_twice_publishes_and_changes_nothing_more() -> None:
    world = World()
    job = world.process(csv_of(3))
    before = dict(world.files.content)
    world.clock.advance(60)

    state = world.finish(Turn(job_id=job.job_id, provider="toy", next="finish"))

    assert state is JobState.SUCCEEDED
    assert len(world.notices.published) == 1
    assert world.jobs.get(job.job_id) == job
    assert world.files.content == before


@pytest.mark.parametrize("content", [csv_of(3), b"Email\nbroken\na@example.com\n"])
@pytest.mark.parametrize("lost", [0, 1, -1])
def test_cells_are_not_told_of_another_row_than_the_plan_s(
    content: bytes, lost: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World()
    job = world.drop(content)
    last = world.follow(world.executions.started[job.job_id])[-1]
    read_again = reread

    def without_one(*arguments: Any) -> Any:
        header, rows = read_again(*arguments)
        found = list(rows)
        del found[lost]
        return header, iter(found)

    monkeypatch.setattr(reporting, "reread", without_one)

    with pytest.raises(UnbalancedJobError):
        world.finish(last)
    assert world.events.counts["unbalanced_job"] == 1
    assert (job.job_id, "results.csv") not in world.files.content


def test_a_provider_s_receipt_is_no_formula() -> None:
    world = answering({1: RowResult(Outcome.CONFIRMED, provider_ref="=HYPERLINK(1)")})

    job = world.process(csv_of(1))

    assert table(world, job, "results.csv")[1][-1] == "'=HYPERLINK(1)"


@pytest.mark.parametrize("at", ["decide", "finish", "publish"])
def test_of_two_finishes_at_once_the_second_says_and_counts_what_the_first_does(
    at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World()
    job = world.drop(csv_of(3))
    last = world.follow(world.executions.started[job.job_id])[-1]
    port = world.notices if at == "publish" else world.jobs
    call = getattr(port, at)

    def interrupted(*arguments: Any, **named: Any) -> Any:
        monkeypatch.setattr(port, at, call)
        world.clock.advance(60)
        world.finish(last)
        world.clock.advance(60)
        return call(*arguments, **named)

    monkeypatch.setattr(port, at, interrupted)

    world.finish(last)

    ended = world.jobs.get(job.job_id)
    assert ended.finished_at is not None
    assert world.events.counts["job_succeeded"] == 1
    assert world.events.counts["rows_confirmed"] == 3
    told = [json.loads(notice.message)["finished_at"] for notice in world.notices.published]
    assert set(told) == {iso(ended.finished_at)}
    summary = json.loads(world.files.content[job.job_id, "summary.json"])
    assert summary["finished_at"] == iso(ended.finished_at)


def test_a_notice_that_may_not_have_gone_out_goes_out_again_and_says_the_same() -> None:
    world = World()
    job = world.drop(csv_of(3))
    last = world.follow(world.executions.started[job.job_id])[-1]
    world.tripwire.arm(_writes_of_finish(csv_of(3)), "before")
    with pytest.raises(CrashError):
        world.finish(last)
    assert len(world.notices.published) == 1
    world.clock.advance(60)

    world.finish(last)

    first, second = world.notices.published
    assert first == second
    assert world.jobs.get(job.job_id).notified_at is not None


def _writes_of_finish(content: bytes, piece_bytes: int = PIECE_BYTES) -> int:
    world = World()
    world.piece_bytes = piece_bytes
    job = world.drop(content)
    last = world.follow(world.executions.started[job.job_id])[-1]
    before = len(world.tripwire.writes)
    world.finish(last)
    assert world.tripwire.writes[-1] == "mark_notified"
    return len(world.tripwire.writes) - before


WHENS: list[Literal["before", "after"]] = ["before", "after"]


@pytest.mark.parametrize("piece_bytes", [1, 150, PIECE_BYTES])
@pytest.mark.parametrize("when", WHENS)
def test_a_finish_that_dies_at_any_write_is_finished_by_the_next(
    when: Literal["before", "after"], piece_bytes: int
) -> None:
    content = b"Email\na@example.com\nbroken\nb@example.com\nA@example.com\n"
    for at in range(1, _writes_of_finish(content, piece_bytes) + 1):
        world = World()
        world.piece_bytes = piece_bytes
        job = world.drop(content)
        last = world.follow(world.executions.started[job.job_id])[-1]
        world.tripwire.arm(at, when)
        with pytest.raises(CrashError):
            world.finish(last)

        world.finish(last)

        job = world.jobs.get(job.job_id)
        assert (job.state, is_balanced(job)) == (JobState.PARTIAL, True)
        assert len(table(world, job, "results.csv")) == 5
        assert len(world.outcomes(job)) == 4
        messages = {notice.message for notice in world.notices.published}
        assert len(messages) == 1


def finish_in_parts(world: World, last: Turn) -> int:
    """Run Finish with no time to spare until it comes to its end; returns how often it ran."""
    for runs in range(1, 1_000):
        if world.finish(last, seconds=0) is not None:
            return runs
    raise AssertionError("Finish never ends")


def lines_of_plan(world: World, job: Job) -> int:
    return len(list(world.files.plan_lines(job.job_id)))


def test_a_finish_that_runs_out_of_time_goes_on_where_it_stopped() -> None:
    good, bad = csv_of(7), b"broken\n" * 1_100
    world = World()
    job = world.drop(good + bad)
    last = world.follow(world.executions.started[job.job_id])[-1]

    runs = finish_in_parts(world, last)

    job = world.jobs.get(job.job_id)
    assert runs == 11 + lines_of_plan(world, job) + 1  # 100 rows each; files, and the end
    assert world.tripwire.writes.count("put_rows") == 11 + len(world.batches(job))
    assert (job.state, is_balanced(job)) == (JobState.PARTIAL, True)
    assert len(world.outcomes(job)) == 1_107
    assert len(table(world, job, "results.csv")) == 1_108
    assert len(world.notices.published) == 1


@pytest.mark.slow
def test_a_finish_that_the_table_throttles_goes_on_near_where_it_failed() -> None:
    world = World(route=route_to(row_items="all"))
    rows = 25_000  # nobody of whom is sent
    job = world.drop(b"Email\n" + b"nobody\n" * rows)
    last = world.follow(world.executions.started[job.job_id])[-1]
    world.tripwire.arm(150, "before")  # of 100 items each
    with pytest.raises(CrashError):
        world.finish(last)
    world.tripwire.writes.clear()

    stopped = world.jobs.get(job.job_id)
    assert (stopped.items_through, stopped.items_beyond) == (0, (3_400, 13_299, 23_299))
    assert world.finish(last) is JobState.FAILED
    assert world.tripwire.writes.count("put_rows") == 251 - 100
    assert len(world.outcomes(job)) == rows


def test_each_finish_that_runs_out_of_time_settles_a_batch() -> None:
    world = World()
    job = world.drop(csv_of(7))
    world.clock.wait_until(job.deadline_at)
    last = world.executions.started[job.job_id].then("finish")

    runs = finish_in_parts(world, last)

    assert runs == len(world.batches(job)) + 1 + lines_of_plan(world, job) + 1 == 8

    job = world.jobs.get(job.job_id)
    assert (job.state, job.counts["unknown"]) == (JobState.EXPIRED, 7)
    assert len(world.outcomes(job)) == 7


class LargeBatches(ToyProvider):
    limits = Limits(rows=100, bytes=100_000)


def test_a_file_that_came_before_is_settled_in_parts() -> None:
    world = World(LargeBatches)
    world.process(csv_of(1_200))
    job = world.drop(csv_of(1_200), "again.csv")

    runs = finish_in_parts(world, world.executions.started[job.job_id])

    assert runs == 12 + lines_of_plan(world, job) + 1

    job = world.jobs.get(job.job_id)
    assert (job.state, job.counts["duplicate"]) == (JobState.SKIPPED, 1_200)
    assert len(world.outcomes(job)) == 1_200


def test_a_batch_that_was_being_settled_when_finish_died_is_settled_once() -> None:
    world = World()
    world.script.then_send = received
    job = world.drop(csv_of(6))
    turn = world.send(world.executions.started[job.job_id])
    last = turn.model_copy(update={"next": "finish", "failure": "status"})
    world.tripwire.arm(3, "after")
    with pytest.raises(CrashError):
        world.finish(last)

    world.finish(last)

    job = world.jobs.get(job.job_id)
    assert (job.counts["unknown"], is_balanced(job)) == (6, True)
    assert job.batches["terminal"] == 2


# ---------------------------------------------------------------- results.csv


MESSY = (
    "sep=;\r\n"
    "E-Mail;Vorname;Größe;Notiz\r\n"
    'a@example.com;Änne;"3;8";"two\r\nlines"\r\n'
    ";;;\r\n"
    "broken;;  spaced  ;n/a\r\n"
    "\r\n"
    "c@example.com;Cy;-5;+49 170 1\r\n"
    "d@example.com;=HYPERLINK(1);@x;\r\n"
).encode("cp1252")


def test_results_hold_every_row_in_order_with_its_columns_untouched() -> None:
    world = World()

    job = world.process(MESSY)
    header, *rows = table(world, job, "results.csv")

    assert header == ["E-Mail", "Vorname", "Größe", "Notiz", *OWN]
    assert [row[:4] for row in rows] == [
        ["a@example.com", "Änne", "3;8", "two\r\nlines"],
        ["broken", "", "  spaced  ", "n/a"],
        ["c@example.com", "Cy", "-5", "+49 170 1"],
        ["d@example.com", "'=HYPERLINK(1)", "'@x", ""],
    ]
    assert [row[4:6] for row in rows] == [
        ["1", "confirmed"],
        ["2", "invalid"],
        ["3", "confirmed"],
        ["4", "confirmed"],
    ]
    assert rows[1][6] == "invalid_email"


def test_results_name_the_provider_s_words_and_reference() -> None:
    world = answering(
        {
            1: RowResult(Outcome.CONFIRMED, provider_ref="contact-1"),
            2: RowResult(Outcome.REFUSED, "=cmd()|x, said so"),
        }
    )

    job = world.process(csv_of(2))
    _, first, second = table(world, job, "results.csv")

    assert first[-1] == "contact-1"
    assert second[5] == "'=cmd()|x, said so"


def test_every_record_of_results_is_as_wide_as_its_header() -> None:
    world = World()
    content = b"Email,First name\na@,\nb@example.com,B,more,cells\nc@example.com,C\n"

    job = world.process(content)
    records = table(world, job, "results.csv")

    assert {len(record) for record in records} == {len(records[0])}
    assert records[2][:4] == ["b@example.com", "B", "more", "cells"]
    assert records[0][:4] == ["Email", "First name", "listdrop_extra_1", "listdrop_extra_2"]
    assert [record[5] for record in records[1:]] == ["invalid", "invalid", "confirmed"]


def test_surplus_cells_beyond_all_measure_stay_in_the_last_column() -> None:
    world = World()
    content = f"Email,First name\na@example.com{',x' * 300}\nb@example.com,B\n".encode()

    job = world.process(content)
    records = table(world, job, "results.csv")

    assert {len(record) for record in records} == {2 + 200 + len(OWN)}
    assert records[1][201] == ",".join("x" * (300 - 200))
    assert [record[203] for record in records[1:]] == ["invalid", "confirmed"]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_result_files_are_written_as_the_upload_is(delimiter: str, newline: str) -> None:
    world = World()
    rows = [["Email", "Notes"], ["a@example.com", '"two\nlines"'], ["broken", "x"]]
    content = newline.join(delimiter.join(row) for row in rows) + newline

    job = world.process(content.encode())

    for name in files.ADDED:
        written = world.files.content[job.job_id, name]
        assert written.startswith(b"\xef\xbb\xbf")
        assert written.endswith(newline.encode())
    header, first, _ = table(world, job, "results.csv")
    assert header == ["Email", "Notes", *OWN]
    assert first[1] == "two\nlines"
    assert world.result_file(job, "results.csv").count("\r\n") == 3 * (newline == "\r\n")


def test_results_hold_every_row_even_where_no_row_items_are_kept() -> None:
    world = World(route=route_to(row_items="none"))

    job = world.process(csv_of(7))

    assert world.outcomes(job) == {}
    assert len(table(world, job, "results.csv")) == 8


@pytest.mark.parametrize("state", ["succeeded", "rejected", "skipped"])
def test_every_job_has_all_its_files(state: str) -> None:
    world = World()
    job = world.process(b"" if state == "rejected" else csv_of(2))
    if state == "skipped":
        job = world.process(csv_of(2), "again.csv")

    assert job.state.value == state
    assert job.results is not None
    for name in ("results.csv", "rejects.csv", "retry.csv", "summary.json"):
        assert (job.job_id, name) in world.files.content


def test_the_summary_is_the_notice_and_what_the_job_cost() -> None:
    world = World()

    job = world.process(csv_of(3))

    summary = json.loads(world.result_file(job, "summary.json"))
    assert summary.pop("cost") == {"requests": job.requests}  # nobody has measured the toy
    assert summary == json.loads(world.notices.published[0].message)


# ---------------------------------------------------------------- rejects.csv and retry.csv


def test_rejects_are_the_rows_to_correct_and_why() -> None:
    world = answering(
        {
            1: RowResult(Outcome.REFUSED, "The domain does not exist", "Said so."),
            5: RowResult(Outcome.REFUSED, "Internal Error, try again later"),
        }
    )
    rows = "a@example.com,A\nbroken,B\n\nA@example.com,=A\n,=1\ne@example.com,E\n"

    job = world.process(f"Email,Name\n{rows}".encode())

    assert table(world, job, "rejects.csv") == [
        ["Email", "Name", *files.ADDED[files.REJECTS]],
        ["a@example.com", "A", job.job_id, "1", "2", "The domain does not exist", "Said so."],
        ["broken", "B", job.job_id, "2", "3", "invalid_email", REASONS["invalid_email"].sentence],
        ["", "'=1", job.job_id, "4", "6", "missing_email", REASONS["missing_email"].sentence],
    ]


@pytest.mark.parametrize("name", files.ADDED)
def test_a_result_file_that_was_dropped_again_leaves_out_what_its_first_round_added(
    name: str,
) -> None:
    bad = RowResult(Outcome.REFUSED, "The domain does not exist")
    world = answering({1: RowResult(Outcome.UNKNOWN), 2: RowResult(Outcome.CONFIRMED), 3: bad})
    added = files.ADDED[name]
    rows = [["Email", *added, "Name", "listdrop_extra_1"]]
    rows += [[f"p{row}@example.com", *[""] * len(added), "A", f"more {row}"] for row in (1, 2, 3)]

    job = world.process("\n".join(map(",".join, rows)).encode())

    for each, more in files.ADDED.items():
        header, *found = table(world, job, each)
        assert header == ["Email", "Name", "listdrop_extra_1", *more]
        assert all(cells[1:3] == ["A", f"more {cells[0][1]}"] for cells in found)
        assert len(found) == {files.RESULTS: 3}.get(each, 1)


def test_of_a_skipped_job_nothing_is_to_correct_or_to_send_again() -> None:
    world = World()
    world.process(b"Email\na@example.com\nbroken\n")

    job = world.process(b"Email\na@example.com\nbroken\n", "again.csv")

    assert job.state is JobState.SKIPPED
    assert [len(table(world, job, name)) for name in files.ADDED] == [3, 1, 1]


def test_retry_is_what_is_worth_sending_again_with_its_own_columns_and_its_job() -> None:
    world = answering(
        {
            1: RowResult(Outcome.CONFIRMED),
            2: RowResult(Outcome.UNKNOWN, "lost_answer"),
            3: RowResult(Outcome.REFUSED, "Internal Error, try again later"),
            4: RowResult(Outcome.REFUSED, "The domain does not exist"),
            5: RowResult(Outcome.EXISTING),
            6: RowResult(Outcome.SUPPRESSED),
        }
    )

    job = world.process(csv_of(6))

    assert table(world, job, "retry.csv") == [
        ["Email", "First name", "Last name", "listdrop_job"],
        ["p2@example.com", "Given2", "Family2", job.job_id],
        ["p3@example.com", "Given3", "Family3", job.job_id],
    ]


def test_after_a_refused_key_every_row_is_worth_sending_again() -> None:
    world = World()
    world.script.then_send = StopJobError("provider_auth", "The key was refused.")

    job = world.process(csv_of(5))

    assert len(table(world, job, "retry.csv")) == 6


@pytest.mark.parametrize("outcome", [o for o in Outcome if o not in BAD])
def test_a_row_that_is_not_bad_is_never_sent_again(outcome: Outcome) -> None:
    assert not is_retryable(RowResult(outcome, "timeout, try again", raw_status="server error"))


FORMULA = tuple("=+-@\0＝＋－＠")  # noqa: RUF001 # full width on purpose

CELLS = [
    "=1+1",
    "+49 170 1",
    "-5",
    "-5 EUR",
    "@handle",
    "'=guarded before",
    '="+49 170 1"',
    '=" 007 "',
    '="two" & "parts"',
    "'quoted' word",
    "\tafter a tab",
    "\nafter a line",
    "\rafter a return",
    " =after a space",
    "＝full width",  # noqa: RUF001 # on purpose
    "＠full width",  # noqa: RUF001 # on purpose
    'say "hi"',
    "a;b,c|d",
    "two\r\nlines",
    "Ünïcödé 大",
    "  padded  ",
    "n/a",
    "007",
    "1,234.50",
    "Ada;=1+1",
    "Ada,=1+1;@x\t+y",
    "Ada;-5,+49 170 123456",
    "a\r\n=1+1\r\n- b",
    "\t=after a tab",
    "=a;'=b",
]


@pytest.mark.parametrize("cell", CELLS)
def test_a_neutralised_cell_reads_back_as_the_value_it_was(cell: str) -> None:
    assert cell_value(neutralised(cell)) == cell_value(cell)


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_among_others_is_neutralised_as_it_is_alone(cell: str) -> None:
    for row in ([cell], ["", cell, "x"], ["x,", cell], [cell, "=1", "-5"], CELLS):
        assert neutralised_all(row) == list(map(neutralised, row))


@pytest.mark.parametrize("cell", CELLS)
def test_retry_read_back_gives_the_same_values(cell: str) -> None:
    world = World()
    world.script.then_send = FateUnknownError()
    buffer = io.StringIO(newline="")
    rows = [["Email", "Shoe size", "First name"], ["a@example.com", cell, "Ada"]]
    csv.writer(buffer, quoting=csv.QUOTE_ALL).writerows(rows)

    job = world.process(buffer.getvalue().encode())

    assert read_again(world.result_file(job, "retry.csv")) == read_again(buffer.getvalue())


@pytest.mark.parametrize("header", ["@handle", "=x", "+1 or -1", "-"])
def test_retry_read_back_gives_the_same_columns(header: str) -> None:
    world = World()
    world.script.then_send = FateUnknownError()
    content = f"Email,{header}\na@example.com,1\n"

    job = world.process(content.encode())

    assert read_again(world.result_file(job, "retry.csv")) == read_again(content)


def test_retry_can_be_dropped_as_it_is() -> None:
    world = World()
    world.script.sends = [accepted, FateUnknownError()]
    more = "".join(f"e{n}@example.com;Eva;{n};x\r\n" for n in range(4))
    job = world.process(MESSY + more.encode())
    retry = world.result_file(job, "retry.csv").encode()

    again = world.process(retry, "retry.csv")

    assert job.counts["unknown"] == 3
    assert (again.state, again.counts["confirmed"]) == (JobState.SUCCEEDED, 3)


@pytest.mark.parametrize("start", list("=+-@\t\r\n＝＋－＠"))  # noqa: RUF001 # full width on purpose
def test_no_cell_that_a_spreadsheet_would_run_is_left(start: str) -> None:
    assert neutralised(f"{start}cmd|' /C calc'!A0").startswith("'")


ATTACKS = [
    "Ada;=1+1",
    "Ada\t=1+1",
    "Ada,=1+1",
    'x"";=1+1',
    "two\n=1+1",
    "two\r\n@x",
    ";＝1+1",  # noqa: RUF001 # full width on purpose
    "=1;=2\t=3,=4",
]


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("delimiter", list(",;\t|"))
@pytest.mark.parametrize("separator", list(",;\t"))
def test_no_result_file_runs_a_formula_whatever_the_spreadsheet_s_separator(
    separator: str, delimiter: str, attack: str
) -> None:
    world = World()
    world.script.then_send = lambda batch: SendAnswer(
        results={
            row.row: RowResult(Outcome.REFUSED, f"Try again: {attack}", provider_ref=attack)
            for row in batch.rows
        }
    )
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter)
    writer.writerows([["Email", "First name", f"N{attack}"], ["a@example.com", "Ada", attack]])
    writer.writerow(["broken", "Bob", attack])

    job = world.process(buffer.getvalue().encode())

    assert job.counts["rows"] == 2
    for name in files.ADDED:
        text = io.StringIO(world.result_file(job, name), newline="")
        cells = [cell for line in csv.reader(text, delimiter=separator) for cell in line]
        assert [cell for cell in cells if cell.startswith(FORMULA)] == [], name


@pytest.mark.parametrize(
    "text", ["1;-5;+3", "red; green, -", "a -b =c", "x,+49 170 123456", "a@b;c@d"]
)
def test_what_no_separator_makes_a_formula_stays_as_it_is(text: str) -> None:
    assert neutralised(text) == text


@pytest.mark.parametrize(
    "number", ["-5", "+5", "-1,5", "+1.234,50", "-12%", "-1.5E3", "+49E+10", "", "--", "5"]
)
def test_plain_numbers_stay_as_they_are(number: str) -> None:
    assert neutralised(number) == number


# ---------------------------------------------------------------- the notice


def test_the_notice_says_why_rows_are_bad_most_frequent_first() -> None:
    world = World()
    world.script.sends = [accepted, BatchRefusedError("No such field"), FateUnknownError()]

    job = world.process(csv_of(8) + b"broken,X,Y\r\n")

    message = json.loads(world.notices.published[0].message)
    assert message["top_reasons"] == [
        {"outcome": "refused", "reason": "request refused", "rows": 3},
        {"outcome": "unknown", "reason": "lost_answer", "rows": 2},
        {"outcome": "invalid", "reason": "invalid_email", "rows": 1},
    ]
    assert message["counts"] == job.counts
    assert world.notices.published[0].attributes["bad_rows"] == 6
    assert "No such field" in world.result_file(job, "results.csv")


def test_the_words_of_a_whole_refusal_may_be_about_somebody_else_and_are_not_published() -> None:
    world = World()
    world.script.sends = [BatchRefusedError("prospectList[1]: Zoe Quarmby is not allowed", "400")]

    job = world.process(csv_of(3))

    (notice,) = world.notices.published
    assert "Quarmby" not in notice.message + notice.text
    assert "Quarmby" not in world.result_file(job, "summary.json")
    assert "Quarmby" in world.result_file(job, "results.csv")


def test_an_upload_that_is_gone_at_the_end_still_gets_its_outcomes() -> None:
    world = World()
    job = world.drop(csv_of(3))
    world.uploads.contents.clear()

    job = world.run(job)

    assert (job.state, job.counts["confirmed"]) == (JobState.SUCCEEDED, 3)
    assert world.result_file(job, "results.csv").count("confirmed") == 3


def test_named_refusals_before_a_stop_are_no_rejected_job() -> None:
    world = World()
    named = {row: RowResult(Outcome.REFUSED, "no") for row in (1, 2, 3)}
    world.script.sends = [SendAnswer(results=named), StopJobError("provider_auth", "No.")]

    job = world.process(csv_of(6))

    assert (job.state, job.counts["refused"]) == (JobState.FAILED, 6)


PERSON = (
    "ada.lovelace@example.com,Ada,Lovelace,+44 20 7946 0000,https://www.linkedin.com/in/qx-l-42"
)
PERSONAL = b"Email,First name,Last name,Phone,LinkedIn URL\n" + PERSON.encode() + b"\n"


@pytest.mark.parametrize(
    ("words", "secret"),
    [
        ("ada.lovelace@example.com is on the list already", "ada.lovelace"),
        ("ADA.LOVELACE@EXAMPLE.COM bounced", "lovelace"),
        ("<ada.lovelace@example.com>: no such user", "ada.lovelace"),
        ("Ada Lovelace has no company", "lovelace"),
        ("contact 'Lovelace' has unsubscribed", "lovelace"),
        ("phone +44 20 7946 0000 is not mobile", "7946"),
        ("phone +442079460000 is not mobile", "7946"),
        ("see https://www.linkedin.com/in/qx-l-42", "qx-l-42"),
        ("profile linkedin.com/in/qx-l-42/ is private", "qx-l-42"),
        ("profile /in/qx-l-42 is private", "qx-l-42"),
        ("the profile qx-l-42 was not found", "qx-l-42"),
        ("someone.else@example.org was merged", "someone.else"),
    ],
)
@pytest.mark.parametrize("field", ["reason", "reason_text", "raw_status"])
def test_a_notice_has_no_personal_data_even_when_the_provider_quotes_the_row(
    words: str, secret: str, field: str
) -> None:
    results = {
        "reason": RowResult(Outcome.REFUSED, reason=words),
        "reason_text": RowResult(Outcome.REFUSED, reason_text=words),
        "raw_status": RowResult(Outcome.REFUSED, raw_status=words),
    }
    world = answering({1: results[field]})

    job = world.process(PERSONAL)

    (notice,) = world.notices.published
    told = "\n".join([notice.subject, notice.message, notice.text, repr(notice.attributes)])
    assert secret.lower() not in told.lower()
    assert secret.lower() not in world.result_file(job, "summary.json").lower()
    if field == "reason":
        assert words in world.result_file(job, "results.csv")


@pytest.mark.parametrize(
    "words", ["Required field company is missing", "Error 400: adaptive limit reached"]
)
def test_words_that_quote_nobody_are_told_as_they_are(words: str) -> None:
    world = answering({1: RowResult(Outcome.REFUSED, words)})

    world.process(PERSONAL)

    assert json.loads(world.notices.published[0].message)["top_reasons"][0]["reason"] == words


def test_no_turn_carries_personal_data() -> None:
    world = World()
    world.script.then_send = received
    world.script.polls = [PollAnswer(handle={"who": "ada.lovelace@example.com"})]
    job = world.drop(PERSONAL)

    turns = world.follow(world.executions.started[job.job_id])

    carried = "".join(json.dumps(turn.state()) for turn in turns).lower()
    assert "ada" not in carried
    assert "lovelace" not in carried


def test_rows_are_counted_for_metrics_by_outcome() -> None:
    world = World()

    def half(batch: Batch) -> SendAnswer:
        named = {row.row: RowResult(Outcome.REFUSED, "no") for row in batch.rows if row.row % 2}
        return SendAnswer(results=named, rest=RowResult(Outcome.ACCEPTED))

    world.script.then_send = half

    world.process(csv_of(6))

    assert world.events.counts["job_partial"] == 1
    assert (world.events.counts["rows_refused"], world.events.counts["rows_accepted"]) == (3, 3)
