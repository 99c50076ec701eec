"""What every implementation of a port must do: run against the fakes and against the adapters.

A class of tests for each port; a subclass gives it a fixture named like the port.
"""

from __future__ import annotations

import base64
import io
import itertools
import threading
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeVar

import pytest

from listdrop.cells.persons import marks_of
from listdrop.cells.profiles import profile_slug
from listdrop.errors import ClaimLostError, UploadRejectedError
from listdrop.models import (
    CUSTOM_DATA_NOT_SAVED,
    PHONE_LEFT_OUT,
    RETRY_OF,
    WARNINGS,
    BatchItem,
    BatchState,
    EndedJob,
    Job,
    JobState,
    JobWarning,
    LastError,
    Marks,
    NamedTable,
    Outcome,
    Page,
    Part,
    Place,
    PlannedRow,
    ReasonCount,
    RowFilter,
    RowItem,
    RowResult,
    Session,
    Split,
    Submission,
    TableInfo,
    Tally,
    Ticket,
    Turn,
    Upload,
)
from listdrop.models.files import piece
from listdrop.ports import (
    Archive,
    Budget,
    EndingJobs,
    Endings,
    Executions,
    Files,
    Notices,
    People,
    PersonRow,
    PlannedJobs,
    Records,
    Submissions,
    Sweeps,
    TurnJobs,
    Uploads,
)
from listdrop.providers.routing import parse_route
from local.engine import ROOT

NOW = datetime(2026, 3, 2, 9, 0, 0, 250_000, tzinfo=UTC)
DEMO_ROUTE = (ROOT / "events" / "demo-route.json").read_text("utf-8")
LEASE = timedelta(minutes=15)
THREADS = 20

T = TypeVar("T")


class Jobs(PlannedJobs, TurnJobs, EndingJobs, Protocol):
    """What the one table of jobs does for all use cases."""


def new_upload() -> Upload:
    """Return a version of an object that no other test has."""
    return Upload(bucket="uploads", key="inbox/spring/a.csv", version_id=uuid.uuid4().hex, size=10)


def new_job(**changes: object) -> Job:
    """Return a job that no other test has."""
    job = Job(
        job_id=f"spring-toy-{uuid.uuid4().hex[:16]}",
        upload=new_upload(),
        route="spring",
        provider="toy",
        account="default",
        destination={"provider": "toy", "account": "default", "list_id": 7, "tags": ["a", ""]},
        counts=dict.fromkeys(["rows", *(outcome.value for outcome in Outcome)], 0),
        created_at=NOW,
        updated_at=NOW,
        deadline_at=NOW + timedelta(hours=6),
        expires_at=4_102_444_800,  # far off: the engine takes TTL seriously
    )
    return job.model_copy(update=changes)


def new_batch(job: Job, number: int) -> BatchItem:
    """Return a planned batch of ten rows."""
    first = 10 * (number - 1) + 1
    return BatchItem(
        job_id=job.job_id,
        number=number,
        first_row=first,
        rows=10,
        first_byte=100 * number,
        last_byte=100 * number + 99,
    )


def marks_of_rows(rows: Iterable[tuple[PlannedRow, RowResult]]) -> Marks:
    """Return the marks of rows, as planning makes them."""
    marks = Marks()
    for planned_row, _ in sorted(rows, key=lambda each: each[0].row):
        marks.add(
            planned_row.row,
            marks_of([planned_row.email.lower()], [profile_slug(planned_row.linkedin_url).lower()]),
        )
    return marks


def planned(jobs: Jobs, batches: int = 1, **changes: object) -> Job:
    """Begin and plan a job."""
    job = new_job(**changes)
    assert jobs.begin(job, NOW + LEASE) is None
    counted = {"planned": batches, "sent": 0, "terminal": 0}
    counts = job.counts | {"rows": 10 * batches}
    job = job.model_copy(update={"planned_at": NOW, "batches": counted, "counts": counts})
    jobs.save_plan(job, [new_batch(job, number) for number in range(1, batches + 1)])
    return job


def only_batch(jobs: Jobs, job: Job) -> BatchItem:
    """Return the one batch of a job."""
    (batch,) = jobs.batches(job.job_id)
    return batch


def at_once(call: Callable[[int], T], threads: int = THREADS) -> list[T]:
    """Call from many threads at once; returns what each got, and raises what one of them raised."""
    gate = threading.Barrier(threads)
    answers: list[T] = []
    errors: list[Exception] = []

    def run(number: int) -> None:
        gate.wait()
        try:
            answers.append(call(number))
        except Exception as error:  # noqa: BLE001 # raised below, in the test's own thread
            errors.append(error)

    running = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    if errors:
        raise errors[0]
    return answers


def held_job(jobs: Jobs) -> Job:
    """Store a job that waits for approval, and return it."""
    job = new_job()
    jobs.begin(job, NOW + LEASE)
    waits = {
        "state": JobState.HELD,
        "plan_hash": "0123456789abcdef",
        "held_until": NOW + timedelta(hours=48),
        "planned_at": NOW,
    }
    jobs.hold(job.model_copy(update=waits))
    jobs.save_plan(job.model_copy(update=waits), [])
    return jobs.get(job.job_id)


class SubmissionsContract:
    """The submissions port."""

    def test_what_the_first_submit_decides_stays(self, submissions: Submissions) -> None:
        upload, other = new_upload(), new_upload()
        first = Submission(
            parse_route("spring", DEMO_ROUTE),
            (("spring-kakiyo-0123456789abcdef",), ()),
            is_correction=True,
            by_row=True,
            tables=(
                NamedTable("rejects.csv", ("spring-kakiyo-0123456789abcdef",), is_correction=True),
            ),
        )
        second = Submission.rejected("bad_route", "It is not JSON.")
        assert submissions.submission(upload) is None

        assert submissions.keep_submission(upload, first, NOW) == first
        assert submissions.keep_submission(upload, second, NOW) == first
        assert submissions.keep_submission(other, second, NOW) == second

        assert (submissions.submission(upload), submissions.submission(other)) == (first, second)

    def test_an_upload_is_submitted_once_it_is_marked(self, submissions: Submissions) -> None:
        upload = new_upload()
        decided = Submission(parse_route("spring", DEMO_ROUTE))
        assert submissions.is_submitted(upload) is False
        submissions.keep_submission(upload, decided, NOW)
        assert submissions.is_submitted(upload) is False

        submissions.mark_submitted(upload)
        submissions.mark_submitted(upload)

        assert submissions.is_submitted(upload) is True
        assert submissions.submission(upload) == decided._replace(is_done=True)


class EndingsContract:
    """The endings port; `submissions` is what Submit says beforehand."""

    UNTIL = NOW + timedelta(minutes=5)

    @pytest.fixture
    def upload(self, submissions: Submissions) -> Upload:
        """An upload of which two jobs are made."""
        upload = new_upload()
        submissions.keep_submission(upload, Submission(parse_route("spring", DEMO_ROUTE)), NOW)
        submissions.expect(upload, 2)
        return upload

    def test_an_upload_has_ended_once_all_of_its_jobs_have(
        self, endings: Endings, upload: Upload
    ) -> None:
        first, second = new_job(upload=upload), new_job(upload=upload)
        reasons = (ReasonCount("refused", "gone", 3), ReasonCount("invalid", "missing_email", 1))
        ended = [EndedJob(first.job_id, reasons), EndedJob(second.job_id)]

        endings.add(first, ended[0])
        assert not endings.all_of(upload)
        endings.add(first, ended[0])
        assert not endings.all_of(upload)
        endings.add(second, ended[1])

        assert sorted(endings.all_of(upload)) == sorted(ended)

    def test_the_tables_of_an_archive_are_one_upload(
        self, endings: Endings, upload: Upload
    ) -> None:
        for table in ("a.csv", "b.csv"):
            job = new_job(upload=upload.model_copy(update={"table": table}))
            endings.add(job, EndedJob(job.job_id))

        assert len(endings.all_of(upload)) == 2

    @pytest.mark.parametrize("many", [1, 2, 100, 5_000])
    def test_the_jobs_of_an_archive_are_told_again(
        self, submissions: Submissions, many: int
    ) -> None:
        upload = new_upload()
        submissions.keep_submission(upload, Submission(parse_route("spring", DEMO_ROUTE)), NOW)
        job_ids = tuple(new_job(upload=upload).job_id for _ in range(many))

        submissions.expect(upload, many, job_ids)
        submissions.expect(upload, many + 1)  # which leaves them

        found = submissions.submission(upload)
        assert found is not None
        assert found.job_ids == job_ids

    def test_many_jobs_are_all_there(self, submissions: Submissions, endings: Endings) -> None:
        upload = new_upload()
        submissions.keep_submission(upload, Submission(parse_route("spring", DEMO_ROUTE)), NOW)
        submissions.expect(upload, 300)
        reasons = tuple(ReasonCount("refused", f"{number} " * 500, 1) for number in range(5))
        jobs = [new_job(upload=upload) for _ in range(300)]
        for job in jobs:
            endings.add(job, EndedJob(job.job_id, reasons))

        assert {each.job_id for each in endings.all_of(upload)} == {job.job_id for job in jobs}

    def test_an_upload_of_which_nobody_said_how_many_jobs_it_has_does_not_end(
        self, endings: Endings
    ) -> None:
        job = new_job()
        endings.add(job, EndedJob(job.job_id))

        assert not endings.all_of(job.upload)

    def test_of_many_that_claim_an_announcement_at_once_exactly_one_has_it(
        self, endings: Endings, upload: Upload
    ) -> None:
        jobs = [new_job(upload=upload) for _ in range(THREADS)]

        assert sum(at_once(lambda number: endings.claim(jobs[number], NOW, self.UNTIL))) == 1

    def test_a_finish_that_died_after_its_claim_claims_again(
        self, endings: Endings, upload: Upload
    ) -> None:
        job = new_job(upload=upload)

        assert endings.claim(job, NOW, self.UNTIL)
        assert endings.claim(job, NOW, self.UNTIL)

    def test_a_claim_ends_and_then_another_may_have_it(
        self, endings: Endings, upload: Upload
    ) -> None:
        first, second = new_job(upload=upload), new_job(upload=upload)
        endings.claim(first, NOW, self.UNTIL)
        after = self.UNTIL + timedelta(milliseconds=1)

        assert not endings.claim(second, self.UNTIL, after)
        assert endings.claim(second, after, after + timedelta(minutes=5))
        assert not endings.claim(first, after, after)

    def test_what_is_announced_is_not_claimed_again(self, endings: Endings, upload: Upload) -> None:
        first, second = new_job(upload=upload), new_job(upload=upload)
        endings.claim(first, NOW, self.UNTIL)
        endings.mark_announced(upload, NOW)
        later = NOW + timedelta(days=1)

        assert not endings.claim(first, NOW, self.UNTIL)
        assert not endings.claim(second, later, later + timedelta(minutes=5))

    def test_uploads_do_not_wait_for_each_other(self, endings: Endings, upload: Upload) -> None:
        endings.claim(new_job(upload=upload), NOW, self.UNTIL)

        assert endings.claim(new_job(), NOW, self.UNTIL)


class SweepsContract:
    """The sweeps port."""

    @pytest.mark.parametrize("version_id", ["", "v1"])
    def test_a_sweep_goes_on_where_the_last_one_stopped(
        self, sweeps: Sweeps, version_id: str
    ) -> None:
        place = Place(f"inbox/ports/{uuid.uuid4().hex} é.csv", version_id)

        sweeps.stop_at(place, NOW)
        assert sweeps.place() == place

        sweeps.stop_at(None, NOW)
        assert sweeps.place() is None

    def test_the_deliveries_of_each_upload_are_counted(self, sweeps: Sweeps) -> None:
        upload, other = new_upload(), new_upload()

        at_once = timedelta()
        assert [sweeps.count_delivery(upload, NOW, at_once) for _ in range(3)] == [1, 2, 3]
        assert sweeps.count_delivery(other, NOW, at_once) == 1

    def test_deliveries_are_apart(self, sweeps: Sweeps) -> None:
        upload, apart = new_upload(), timedelta(minutes=30)
        times = [NOW + timedelta(minutes=minutes) for minutes in (0, 15, 30, 31, 60)]

        counts = [sweeps.count_delivery(upload, now, apart) for now in times]

        assert counts == [1, None, 2, None, 3]

    def test_a_delivery_is_no_decision(self, sweeps: Sweeps, submissions: Submissions) -> None:
        upload = new_upload()
        decided = Submission(parse_route("spring", DEMO_ROUTE))

        sweeps.count_delivery(upload, NOW, timedelta())

        assert submissions.submission(upload) is None
        assert submissions.keep_submission(upload, decided, NOW) == decided


class JobsContract:
    """The jobs port."""

    # ------------------------------------------------------------------ begin and plan

    def test_a_job_that_nobody_began_is_unknown(self, jobs: Jobs) -> None:
        with pytest.raises(KeyError):
            jobs.get("spring-toy-nobody")

    def test_a_plan_that_is_stored_again_has_no_batch_of_the_one_before(self, jobs: Jobs) -> None:
        job = new_job()
        jobs.begin(job, NOW + timedelta(minutes=15))
        for count in (30, 2):  # the first Submit died before it stored the job
            planned = [new_batch(job, number) for number in range(1, count + 1)]
            jobs.save_plan(job, planned)

        assert list(jobs.batches(job.job_id)) == planned

    def test_of_many_that_begin_a_job_at_once_exactly_one_plans_it(self, jobs: Jobs) -> None:
        job = new_job()

        answers = at_once(lambda _: jobs.begin(job, NOW + LEASE))

        assert sum(answer is None for answer in answers) == 1
        assert {answer.job_id for answer in answers if answer} == {job.job_id}

    def test_a_job_being_planned_is_left_alone_until_its_lease_expires(self, jobs: Jobs) -> None:
        job = new_job()
        jobs.begin(job, NOW + LEASE)

        within = job.model_copy(update={"updated_at": NOW + LEASE - timedelta(seconds=1)})
        after = job.model_copy(update={"updated_at": NOW + LEASE + timedelta(seconds=1)})

        assert jobs.begin(within, NOW + 2 * LEASE) is not None
        assert jobs.begin(after, NOW + 2 * LEASE) is None

    def test_a_lease_that_was_taken_over_counts_from_then(self, jobs: Jobs) -> None:
        job = new_job()
        jobs.begin(job, NOW + LEASE)
        after = job.model_copy(update={"updated_at": NOW + LEASE + timedelta(seconds=1)})

        jobs.begin(after, NOW + 2 * LEASE)

        assert jobs.begin(after, NOW + 3 * LEASE) is not None

    def test_an_expired_lease_is_taken_over_by_exactly_one(self, jobs: Jobs) -> None:
        job = new_job()
        jobs.begin(job, NOW + LEASE)
        after = job.model_copy(update={"updated_at": NOW + LEASE + timedelta(seconds=1)})

        answers = at_once(lambda _: jobs.begin(after, NOW + 2 * LEASE))

        assert sum(answer is None for answer in answers) == 1

    def test_a_planned_job_is_never_begun_again(self, jobs: Jobs) -> None:
        job = planned(jobs)
        later = new_job(job_id=job.job_id, updated_at=NOW + timedelta(days=3))

        existing = jobs.begin(later, NOW + timedelta(days=4))

        assert existing == jobs.get(job.job_id)
        assert existing is not None
        assert existing.planned_at == NOW

    def test_a_planned_job_is_not_planned_over(self, jobs: Jobs) -> None:
        job = planned(jobs)
        jobs.update(job.job_id, state=JobState.RUNNING)

        jobs.save_plan(job.model_copy(update={"source": "another"}), [])

        assert jobs.get(job.job_id).state is JobState.RUNNING
        assert jobs.get(job.job_id).source == ""

    # ------------------------------------------------------------------ held jobs

    def test_of_many_answers_to_a_held_job_exactly_one_counts(self, jobs: Jobs) -> None:
        job = held_job(jobs)

        answers = at_once(lambda _: jobs.answer(job.job_id, job.plan_hash, state=JobState.PENDING))

        assert sum(answers) == 1
        assert jobs.get(job.job_id).state is JobState.PENDING

    def test_a_running_job_is_made_to_wait_once_in_a_generation(self, jobs: Jobs) -> None:
        job = planned(jobs)
        runs: dict[str, Any] = {"state": JobState.RUNNING, "plan_hash": "0123456789abcdef"}
        jobs.update(job.job_id, execution_arn="arn", send_at=NOW, **runs)
        waits: dict[str, Any] = {"state": JobState.HELD, "execution_arn": "", "send_at": None}
        answers = at_once(lambda _: jobs.set_held(job.job_id, 2, **waits))

        assert sum(answers) == 1
        found = jobs.get(job.job_id)
        assert (found.state, found.generation) == (JobState.HELD, 2)
        assert (found.execution_arn, found.send_at) == ("", None)
        assert jobs.answer(job.job_id, found.plan_hash, state=JobState.RUNNING)
        assert not jobs.set_held(job.job_id, 2, **waits)
        assert jobs.set_held(job.job_id, 3, **waits)

    @pytest.mark.parametrize("is_decided", [False, True])
    def test_a_job_that_was_stopped_or_decided_does_not_wait(
        self, jobs: Jobs, *, is_decided: bool
    ) -> None:
        job = planned(jobs)
        jobs.update(job.job_id, state=JobState.RUNNING)
        if is_decided:
            jobs.update(job.job_id, verdict=JobState.PARTIAL)
        else:
            jobs.stop(job.job_id, "cancelled", "...")

        assert not jobs.set_held(job.job_id, 2, state=JobState.HELD)
        assert jobs.get(job.job_id).state is JobState.RUNNING

    def test_an_answer_to_another_plan_changes_nothing(self, jobs: Jobs) -> None:
        job = held_job(jobs)
        assert not jobs.answer(job.job_id, "another", state=JobState.PENDING)
        assert jobs.get(job.job_id) == job

    def test_a_held_job_is_not_stopped_changed_or_ended(self, jobs: Jobs) -> None:
        job = held_job(jobs)
        jobs.update(job.job_id, execution_arn="arn")
        assert jobs.stop(job.job_id, "cancelled", "Somebody cancelled it.").stop_reason == ""
        assert not jobs.finish(job.model_copy(update={"state": JobState.CANCELLED}))
        assert jobs.get(job.job_id) == job

    def test_a_held_job_is_forgotten_after_its_time(self, jobs: Jobs) -> None:
        job = held_job(jobs)
        assert job.held_until is not None
        minute = timedelta(minutes=1)
        assert job.job_id not in list(jobs.forgotten(job.held_until - minute))
        assert job.job_id in list(jobs.forgotten(job.held_until + minute))

    def test_a_job_that_is_held_again_is_listed_for_both_times(self, jobs: Jobs) -> None:
        job = held_job(jobs)
        assert job.held_until is not None
        minute, day = timedelta(minutes=1), timedelta(days=1)
        jobs.hold(job.model_copy(update={"held_until": job.held_until + day}))
        found = [list(jobs.forgotten(job.held_until + later)) for later in (minute, day + minute)]
        assert [ids.count(job.job_id) for ids in found] == [1, 2]

    def test_it_is_remembered_that_somebody_was_asked(self, jobs: Jobs) -> None:
        job = held_job(jobs)
        jobs.mark_hold_told(job.job_id, NOW)
        assert jobs.get(job.job_id).hold_told_at == NOW

    # ------------------------------------------------------------------ what others write

    def test_a_plan_changes_nothing_that_others_wrote_meanwhile(self, jobs: Jobs) -> None:
        job = new_job()
        jobs.begin(job, NOW + LEASE)
        jobs.stop(job.job_id, "cancelled", "Somebody cancelled it.")

        jobs.save_plan(job.model_copy(update={"planned_at": NOW, "source": "a"}), [])

        stored = jobs.get(job.job_id)
        assert (stored.planned_at, stored.source) == (NOW, "a")
        assert (stored.stop_reason, stored.stop_text) == ("cancelled", "Somebody cancelled it.")

    def test_a_job_that_another_plans_after_a_crash_stays_stopped(self, jobs: Jobs) -> None:
        job = new_job()
        jobs.begin(job, NOW + LEASE)
        jobs.stop(job.job_id, "cancelled", "Somebody cancelled it.")
        later = NOW + LEASE + timedelta(seconds=1)
        moments = {"created_at": later, "updated_at": later, "deadline_at": later + 9 * LEASE}

        assert jobs.begin(job.model_copy(update=moments), later + LEASE) is None

        stored = jobs.get(job.job_id)
        assert stored.stop_reason == "cancelled"
        assert (stored.created_at, stored.updated_at) == (NOW, later)
        assert stored.deadline_at == later + 9 * LEASE

    def test_a_job_is_stopped_for_the_first_reason_there_is(self, jobs: Jobs) -> None:
        job = planned(jobs)

        first = jobs.stop(job.job_id, "cancelled", "Somebody cancelled it.")
        second = jobs.stop(job.job_id, "provider_auth", "The key is refused.")

        assert first == second == jobs.get(job.job_id)
        assert (second.stop_reason, second.stop_text) == ("cancelled", "Somebody cancelled it.")

    def test_a_job_that_has_ended_or_is_not_there_is_not_stopped(self, jobs: Jobs) -> None:
        job = planned(jobs)
        jobs.finish(job.model_copy(update={"state": JobState.SUCCEEDED, "finished_at": NOW}))

        assert jobs.stop(job.job_id, "cancelled", "").stop_reason == ""
        with pytest.raises(KeyError):
            jobs.stop("spring-toy-nobody", "cancelled", "")

    def test_how_a_job_ends_is_decided_once(self, jobs: Jobs) -> None:
        job = planned(jobs)
        first = {"verdict": JobState.CANCELLED, "decided_at": NOW, "reason": "cancelled"}
        later = {"verdict": JobState.FAILED, "decided_at": NOW + LEASE}

        assert jobs.decide(job.model_copy(update=first)) == job.model_copy(update=first)
        assert jobs.decide(job.model_copy(update=later)) == job.model_copy(update=first)

        assert jobs.stop(job.job_id, "provider_auth", "Too late.").stop_reason == ""

    def test_how_a_job_ends_is_not_decided_without_what_stopped_it(self, jobs: Jobs) -> None:
        job = planned(jobs)
        stopped = jobs.stop(job.job_id, "cancelled", "Somebody cancelled it.")
        ending = {"verdict": JobState.PARTIAL, "decided_at": NOW}

        assert jobs.decide(job.model_copy(update=ending)) == stopped
        assert jobs.decide(stopped.model_copy(update=ending)).decided_at == NOW

    def test_a_job_is_read_as_it_was_stored(self, jobs: Jobs) -> None:
        table = TableInfo(encoding="utf-8", delimiter=";", header_line=2, width=4, personal=(0, 2))
        job = planned(
            jobs,
            table=table,
            source="linkedin-connections",
            reason_text="Größe — 大",
            row_items="bad",
            deadline_at=NOW + timedelta(minutes=1, milliseconds=5),
            warnings=(JobWarning(code="unclear_consent", text="Größe"),),
        )

        assert jobs.get(job.job_id) == job

    def test_many_batches_are_read_in_order(self, jobs: Jobs) -> None:
        job = planned(jobs, batches=60)

        assert [batch.number for batch in jobs.batches(job.job_id)] == list(range(1, 61))
        assert next(jobs.batches(job.job_id)) == new_batch(job, 1)

    def test_batches_are_read_from_a_number_on(self, jobs: Jobs) -> None:
        job = planned(jobs, batches=12)

        assert [batch.number for batch in jobs.batches(job.job_id, 10)] == [10, 11, 12]
        assert list(jobs.batches(job.job_id, 13)) == []

    def test_a_job_has_only_its_own_batches(self, jobs: Jobs) -> None:
        job, other = planned(jobs), planned(jobs, batches=2)

        assert len(list(jobs.batches(job.job_id))) == 1
        assert len(list(jobs.batches(other.job_id))) == 2

    # ------------------------------------------------------------------ changes

    def test_a_change_leaves_the_rest_as_it_was(self, jobs: Jobs) -> None:
        job = planned(jobs)

        jobs.update(job.job_id, state=JobState.RUNNING, started_at=NOW, progress=12)

        changes = {"state": JobState.RUNNING, "started_at": NOW, "progress": 12}
        assert jobs.get(job.job_id) == job.model_copy(update=changes)

    def test_a_job_keeps_what_is_wrong_with_its_provider_until_nothing_is(self, jobs: Jobs) -> None:
        job = planned(jobs)
        error = LastError(
            text="the connection was refused", kind="unreachable", since=NOW, attempts=35
        )

        jobs.update(job.job_id, last_error=error, send_at=NOW)
        assert jobs.get(job.job_id).last_error == error
        jobs.update(job.job_id, last_error=error.model_copy(update={"next_at": NOW}))
        found = jobs.get(job.job_id).last_error
        assert found is not None
        assert found.next_at == NOW

        jobs.update(job.job_id, last_error=None)
        assert jobs.get(job.job_id).last_error is None

    def test_a_member_can_be_emptied(self, jobs: Jobs) -> None:
        job = planned(jobs)
        jobs.update(job.job_id, send_at=NOW, poll_at=NOW)

        jobs.update(job.job_id, send_at=None, progress=3)

        assert jobs.get(job.job_id).send_at is None
        assert jobs.get(job.job_id).poll_at == NOW

    def test_a_terminal_job_is_silently_not_changed(self, jobs: Jobs) -> None:
        job = planned(jobs)
        jobs.finish(job.model_copy(update={"state": JobState.SUCCEEDED, "finished_at": NOW}))

        jobs.update(job.job_id, state=JobState.RUNNING, progress=1, stop_reason="late")

        after = jobs.get(job.job_id)
        assert (after.state, after.progress, after.stop_reason) == (JobState.SUCCEEDED, 0, "")

    def test_an_unknown_job_is_silently_not_changed(self, jobs: Jobs) -> None:
        jobs.update("spring-toy-nobody", progress=1)

        with pytest.raises(KeyError):
            jobs.get("spring-toy-nobody")

    def test_a_job_is_finished_once(self, jobs: Jobs) -> None:
        job = planned(jobs)
        counts = job.counts | {"rows": 10, "accepted": 10}
        ended = {"counts": counts, "finished_at": NOW, "progress": 100}
        succeeded = job.model_copy(update={"state": JobState.SUCCEEDED, **ended})
        failed = job.model_copy(update={"state": JobState.FAILED, "finished_at": NOW})

        assert jobs.finish(succeeded) is True
        assert jobs.finish(failed) is False

        assert jobs.get(job.job_id).state is JobState.SUCCEEDED
        assert jobs.get(job.job_id).counts == counts

    def test_of_many_that_finish_a_job_at_once_exactly_one_does(self, jobs: Jobs) -> None:
        job = planned(jobs)
        ended = job.model_copy(update={"state": JobState.SUCCEEDED, "finished_at": NOW})

        assert sum(at_once(lambda _: jobs.finish(ended), 8)) == 1

    def test_finishing_stores_the_batch_counters_whatever_was_told(self, jobs: Jobs) -> None:
        job = planned(jobs)
        jobs.tell(job.job_id, Tally({"accepted": 3}, sent=7, terminal=5, at=NOW))
        counted = {"planned": 1, "sent": 1, "terminal": 1}
        ended = {"state": JobState.SUCCEEDED, "finished_at": NOW, "batches": counted}

        jobs.finish(job.model_copy(update=ended))

        assert jobs.get(job.job_id).batches == counted
        assert jobs.get(job.job_id).counts == job.counts

    def test_the_notice_of_a_terminal_job_is_remembered(self, jobs: Jobs) -> None:
        job = planned(jobs)
        jobs.finish(job.model_copy(update={"state": JobState.SUCCEEDED, "finished_at": NOW}))

        jobs.mark_notified(job.job_id, NOW)

        assert jobs.get(job.job_id).notified_at == NOW

    # ------------------------------------------------------------------ sessions

    def test_a_session_is_stored_and_read(self, jobs: Jobs) -> None:
        job = planned(jobs)
        session = Session(value={"id": 7, "names": ["a", ""]}, phase="committing", lease_until=NOW)

        saved = jobs.save_session(job, session)

        assert saved.session == jobs.get(job.job_id).session == session

    def test_an_empty_session_value_is_not_the_same_as_none(self, jobs: Jobs) -> None:
        job = planned(jobs)

        jobs.save_session(job, Session(value={}))

        stored = jobs.get(job.job_id).session
        assert stored is not None
        assert stored.value == {}

    def test_a_session_that_another_changed_is_not_stored(self, jobs: Jobs) -> None:
        job = planned(jobs)
        jobs.save_session(job, Session(value={"by": "first"}))

        with pytest.raises(ClaimLostError):
            jobs.save_session(job, Session(value={"by": "second"}))

        assert jobs.get(job.job_id).session == Session(value={"by": "first"})

    def test_no_session_is_stored_once_the_end_of_the_job_is_decided(self, jobs: Jobs) -> None:
        job = planned(jobs)
        jobs.decide(job.model_copy(update={"verdict": JobState.FAILED, "decided_at": NOW}))

        with pytest.raises(ClaimLostError):
            jobs.save_session(job, Session(value={"by": "a Send that counts as dead"}))

        assert jobs.get(job.job_id).session is None

    def test_sessions_can_be_stored_one_after_the_other(self, jobs: Jobs) -> None:
        job = jobs.save_session(planned(jobs), Session(value={"n": 1}))

        jobs.save_session(job, Session(value={"n": 2}))

        assert jobs.get(job.job_id).session == Session(value={"n": 2})

    # ------------------------------------------------------------------ batches

    def test_a_batch_is_read_as_it_was_saved(self, jobs: Jobs) -> None:
        job = planned(jobs)
        result = RowResult(Outcome.REFUSED, "no such field", "", "ref-1", "failed")
        changed = only_batch(jobs, job).model_copy(
            update={
                "state": BatchState.SENT,
                "attempts": 2,
                "handle": {"id": 12, "urls": ["https://x.example/a?b=c"], "share": 0.5},
                "raw_status": "in progress",
                "next_poll_at": NOW + timedelta(seconds=1),
                "sent_at": NOW,
                "settled": {3: result, 2: result._replace(warning=CUSTOM_DATA_NOT_SAVED)},
                "retried": (4, 5),
                "parts": (
                    Part(first=6, last=9, handle={"id": 7}),
                    Part(first=10, last=10, handle={"share": 0.5}, outcomes="000001-abc"),
                ),
                "split": Split(suspects=3, probe="last", is_rows=True),
                "max_rows": 2,
            }
        )

        saved = jobs.save_batch(changed)

        assert saved.version == changed.version + 1
        assert only_batch(jobs, job) == saved

    def test_members_of_a_batch_can_be_emptied(self, jobs: Jobs) -> None:
        job = planned(jobs)
        filled = {"lease_until": NOW, "settled": {1: RowResult(Outcome.INVALID)}, "max_rows": 4}
        batch = jobs.save_batch(only_batch(jobs, job).model_copy(update=filled))

        emptied: dict[str, object] = {"lease_until": None, "settled": {}, "max_rows": None}
        jobs.save_batch(batch.model_copy(update=emptied))

        stored = only_batch(jobs, job)
        assert (stored.lease_until, stored.settled, stored.max_rows) == (None, {}, None)

    def test_a_stale_batch_is_not_saved(self, jobs: Jobs) -> None:
        job = planned(jobs)
        stale = only_batch(jobs, job)
        saved = jobs.save_batch(stale.model_copy(update={"state": BatchState.SENDING}))
        ended = {"state": BatchState.COMPLETED, "terminal_at": NOW}

        with pytest.raises(ClaimLostError):
            jobs.save_batch(stale.model_copy(update=ended))

        assert only_batch(jobs, job) == saved

    def test_of_many_that_claim_a_batch_at_once_exactly_one_has_it(self, jobs: Jobs) -> None:
        job = planned(jobs)
        claimed = only_batch(jobs, job).model_copy(update={"state": BatchState.SENDING})

        def claim(_: int) -> bool:
            try:
                jobs.save_batch(claimed)
            except ClaimLostError:
                return False
            return True

        assert sum(at_once(claim)) == 1

    def test_what_turns_tell_adds_up_in_the_job(self, jobs: Jobs) -> None:
        job = planned(jobs, batches=8)

        for _ in range(4):
            jobs.tell(job.job_id, Tally({"accepted": 14, "refused": 6}, sent=2, terminal=2, at=NOW))

        after = jobs.get(job.job_id)
        assert (after.counts["rows"], after.counts["accepted"], after.counts["refused"]) == (
            80,
            56,
            24,
        )
        assert after.batches == {"planned": 8, "sent": 8, "terminal": 8}
        assert after.progressed_at == NOW

    def test_a_turn_may_take_back_what_was_sent(self, jobs: Jobs) -> None:
        job = planned(jobs)
        jobs.tell(job.job_id, Tally(sent=1, at=NOW))

        jobs.tell(job.job_id, Tally(sent=-1))

        after = jobs.get(job.job_id)
        assert after.batches == {"planned": 1, "sent": 0, "terminal": 0}
        assert after.progressed_at == NOW

    def test_of_which_batches_items_are_written_is_what_was_told_last(self, jobs: Jobs) -> None:
        job = planned(jobs)
        jobs.tell(job.job_id, Tally(terminal=2, items_of=((1, 2),)))

        jobs.tell(job.job_id, Tally(terminal=1, items_of=((1, 2), (4, 4))))

        assert jobs.get(job.job_id).items_of == ((1, 2), (4, 4))

    # ------------------------------------------------------------------ contents

    def test_a_content_belongs_to_the_first_job_that_claims_it(self, jobs: Jobs) -> None:
        content, first, second = uuid.uuid4().hex, new_job(), new_job()

        assert jobs.claim_content(content, first) == first.job_id
        assert jobs.claim_content(content, second) == first.job_id
        assert jobs.claim_content(content, first) == first.job_id

    def test_of_many_jobs_that_claim_a_content_at_once_one_has_it(self, jobs: Jobs) -> None:
        content, several = uuid.uuid4().hex, [new_job() for _ in range(8)]

        holders = at_once(lambda number: jobs.claim_content(content, several[number]), 8)

        assert len(set(holders)) == 1
        assert holders[0] in {job.job_id for job in several}

    def test_a_content_can_be_taken_over_from_the_job_that_has_it(self, jobs: Jobs) -> None:
        content, first, second, third = uuid.uuid4().hex, new_job(), new_job(), new_job()
        jobs.claim_content(content, first)

        assert jobs.take_over_content(content, second, first.job_id) is True
        assert jobs.take_over_content(content, third, first.job_id) is False
        assert jobs.claim_content(content, third) == second.job_id

    def test_of_many_that_take_a_content_over_at_once_exactly_one_has_it(self, jobs: Jobs) -> None:
        content, first, several = uuid.uuid4().hex, new_job(), [new_job() for _ in range(8)]
        jobs.claim_content(content, first)

        taken = at_once(
            lambda number: jobs.take_over_content(content, several[number], first.job_id), 8
        )

        assert sum(taken) == 1


class StoredRows(Protocol):
    """How a test of one implementation looks at row items: number to outcome."""

    def __call__(self, job: Job) -> Mapping[int, str]:
        """Return the stored rows of a job."""
        ...


class RowsContract:
    """The row items of the jobs port."""

    rows = (
        (PlannedRow(1, 2, "ada@example.com", "Ada@example.com"), RowResult(Outcome.ACCEPTED)),
        (PlannedRow(2, 3), RowResult(Outcome.INVALID, "missing_email", "The row has none.")),
        (PlannedRow(3, 4, "grace", "", "linkedin.com/in/grace"), RowResult(Outcome.UNKNOWN)),
        (PlannedRow(4, 5, "bo@example.com"), RowResult(Outcome.DUPLICATE, "duplicate_of_row_1")),
        (PlannedRow(5, 6, "cy@example.com"), RowResult(Outcome.REFUSED, "no")),
    )

    @pytest.mark.parametrize(
        ("row_items", "kept"), [("all", [1, 2, 3, 4, 5]), ("bad", [2, 3, 5]), ("none", [])]
    )
    def test_rows_are_kept_as_the_route_asks(
        self, jobs: Jobs, stored_rows: StoredRows, row_items: str, kept: list[int]
    ) -> None:
        job = planned(jobs, row_items=row_items)

        jobs.put_rows(job, self.rows)

        assert sorted(stored_rows(job)) == kept

    def test_rows_can_be_stored_again(self, jobs: Jobs, stored_rows: StoredRows) -> None:
        job = planned(jobs)
        jobs.put_rows(job, self.rows)

        jobs.put_rows(job, [(self.rows[0][0], RowResult(Outcome.CONFIRMED))])

        assert stored_rows(job)[1] == "confirmed"
        assert len(stored_rows(job)) == 5

    def test_many_rows_are_all_stored(self, jobs: Jobs, stored_rows: StoredRows) -> None:
        job = planned(jobs)
        many = [
            (PlannedRow(n, n + 1, f"p{n}@example.com"), RowResult(Outcome.ACCEPTED))
            for n in range(9_990, 10_060)
        ]

        jobs.put_rows(job, iter(many))

        assert sorted(stored_rows(job)) == list(range(9_990, 10_060))


class FilesContract:
    """The files port."""

    def test_any_part_of_a_plan_can_be_read(self, files: Files) -> None:
        job_id = new_job().job_id
        plan = io.BytesIO(b"[1]\n[22]\n[333]\n")
        plan.read()

        files.save_plan(job_id, plan)

        assert files.read_plan(job_id, 0, 3) == b"[1]\n"
        assert files.read_plan(job_id, 4, 8) == b"[22]\n"
        assert files.read_plan(job_id, 9, 14) == b"[333]\n"
        assert list(files.plan_lines(job_id)) == [b"[1]", b"[22]", b"[333]"]

    def test_a_plan_of_megabytes_has_all_its_lines(self, files: Files) -> None:
        job_id = new_job().job_id
        lines = [f'[{number},"{"é" * (number % 90)}"]'.encode() for number in range(30_000)]

        files.save_plan(job_id, io.BytesIO(b"\n".join([*lines, b""])))

        assert list(files.plan_lines(job_id)) == lines

    def test_the_lines_of_a_plan_can_be_read_from_any_of_them(self, files: Files) -> None:
        job_id = new_job().job_id
        files.save_plan(job_id, io.BytesIO(b"[1]\n[22]\n"))

        assert list(files.plan_lines(job_id, 4)) == [b"[22]"]
        assert list(files.plan_lines(job_id, 9)) == []

    def test_a_plan_stored_again_is_the_later_one(self, files: Files) -> None:
        job_id = new_job().job_id
        files.save_plan(job_id, io.BytesIO(b"[1]\n"))

        files.save_plan(job_id, io.BytesIO(b"[2]\n"))

        assert list(files.plan_lines(job_id)) == [b"[2]"]

    def test_outcomes_are_kept_for_each_batch(self, files: Files) -> None:
        job_id = new_job().job_id
        files.save_outcomes(job_id, "000001-a", b"[[1]]")
        files.save_outcomes(job_id, "000002-a", b"[[2]]")

        files.save_outcomes(job_id, "000001-b", b"[[3]]")

        names = ("000001-a", "000002-a", "000001-b")
        assert [files.read_outcomes(job_id, name) for name in names] == [
            b"[[1]]",
            b"[[2]]",
            b"[[3]]",
        ]

    def test_outcomes_that_were_never_stored_are_missing(self, files: Files) -> None:
        with pytest.raises(KeyError):
            files.read_outcomes(new_job().job_id, "000001-a")

    def test_result_files_are_addressed_by_their_job(self, files: Files) -> None:
        job_id = new_job().job_id

        files.save_result(job_id, "results.csv", io.BytesIO(b"a,b\r\n"))

        addresses = files.results(job_id)
        assert addresses.results.endswith(f"/jobs/{job_id}/results.csv")
        assert addresses.rejects.endswith(f"/jobs/{job_id}/rejects.csv")
        assert addresses.retry.endswith(f"/jobs/{job_id}/retry.csv")
        assert addresses.results.startswith("s3://")

    def test_a_piece_is_what_was_stored_last(self, files: Files) -> None:
        job_id = new_job().job_id
        content = io.BytesIO(b"a,b")
        content.read()

        files.save_piece(job_id, "reasons-1", io.BytesIO(b""))
        files.save_piece(job_id, "reasons-1", content)

        assert files.read_piece(job_id, "reasons-1") == b"a,b"
        assert not content.closed
        with pytest.raises(KeyError):
            files.read_piece(job_id, "reasons-2")


class PutUpload(Protocol):
    """How a test of one implementation drops a file."""

    def __call__(self, key: str, content: bytes, *, retry_of: str = "") -> Upload:
        """Store a new version of an object."""
        ...


class UploadsContract:
    """The uploads port."""

    def test_exactly_the_version_asked_for_is_read(
        self, uploads: Uploads, put_upload: PutUpload
    ) -> None:
        key = f"inbox/ports/{uuid.uuid4().hex} é+&.csv"
        first = put_upload(key, b"first")
        second = put_upload(key, b"second")

        assert b"".join(uploads.read(first)) == b"first"
        assert b"".join(uploads.read(second)) == b"second"

    def test_a_large_upload_is_read_in_pieces(
        self, uploads: Uploads, put_upload: PutUpload
    ) -> None:
        content = bytes(itertools.islice(itertools.cycle(range(256)), 3 << 20))
        upload = put_upload(f"inbox/ports/{uuid.uuid4().hex}.csv", content)

        pieces = list(uploads.read(upload))

        assert b"".join(pieces) == content
        assert len(pieces) > 1

    def test_a_version_that_is_gone_rejects_the_upload(
        self, uploads: Uploads, put_upload: PutUpload
    ) -> None:
        there = put_upload(f"inbox/ports/{uuid.uuid4().hex}.csv", b"x")
        gone = there.model_copy(update={"key": there.key + ".other"})

        with pytest.raises(UploadRejectedError) as caught:
            list(uploads.read(gone))

        assert caught.value.reason == "empty_file"

    def test_every_version_of_an_upload_that_was_stored_since_then_is_found(
        self, uploads: Uploads, put_upload: PutUpload
    ) -> None:
        key = f"inbox/ports/{uuid.uuid4().hex} é+&.csv"
        stored = [put_upload(key, b"first"), put_upload(key, b"second!")]
        put_upload(f"elsewhere/{uuid.uuid4().hex}.csv", b"x")

        pages = list(uploads.versions(datetime.min.replace(tzinfo=UTC)))
        found = {each.version_id: each for page in pages for each in page.uploads}

        for upload, size in zip(stored, (5, 7), strict=True):
            there = found[upload.version_id]
            assert (there.bucket, there.key, there.size) == (upload.bucket, key, size)
        assert all(upload.key.startswith("inbox/") for upload in found.values())
        old = uploads.versions(datetime.max.replace(tzinfo=UTC))
        assert [each for page in old for each in page.uploads] == []

    def test_a_listing_goes_on_where_an_earlier_one_stopped(
        self, few_at_once: Uploads, put_upload: PutUpload
    ) -> None:
        key = f"inbox/ports/{uuid.uuid4().hex}.csv"
        stored = {put_upload(key, b"x").version_id for _ in range(3)}
        stored |= {put_upload(f"{key}.{number}", b"x").version_id for number in range(2)}
        since = datetime.min.replace(tzinfo=UTC)
        found: list[str] = []
        place = None
        while True:  # a call for each page
            page = next(few_at_once.versions(since, place))
            assert len(page.uploads) <= 2
            found += [each.version_id for each in page.uploads]
            if (place := page.place) is None:
                break

        assert len(found) == len(set(found))
        assert stored <= set(found)
        whole = [each for page in few_at_once.versions(since) for each in page.uploads]
        assert [each.version_id for each in whole] == found

    def test_a_version_says_what_was_stored_with_it(
        self, uploads: Uploads, put_upload: PutUpload
    ) -> None:
        key = f"inbox/ports/{uuid.uuid4().hex}.csv"
        again = put_upload(key, b"x", retry_of="spring-toy-0123456789abcdef")
        other = put_upload(key, b"x")
        gone = again.model_copy(update={"key": f"{key}.other"})

        said = [uploads.metadata(upload) for upload in (again, other, gone)]

        assert said == [{RETRY_OF: "spring-toy-0123456789abcdef"}, {}, {}]

    def test_a_list_is_read_as_it_is_now(self, uploads: Uploads, put_upload: PutUpload) -> None:
        key = f"suppression/{uuid.uuid4().hex} é+&.csv"
        put_upload(key, b"first")
        there = put_upload(key, b"second")

        assert b"".join(uploads.read_list(there.bucket, key)) == b"second"

    def test_a_list_that_is_not_there_is_a_bad_route(
        self, uploads: Uploads, put_upload: PutUpload
    ) -> None:
        there = put_upload(f"suppression/{uuid.uuid4().hex}.csv", b"x")

        with pytest.raises(UploadRejectedError) as caught:
            list(uploads.read_list(there.bucket, f"{there.key}.other"))

        assert caught.value.reason == "bad_route"


class PeopleContract:
    """The people port, next to the jobs port that writes what it reads."""

    def rows_of_two(self, job: Job) -> list[tuple[PlannedRow, RowResult]]:
        """Two people whom no other test has, the first of them twice."""
        address, slug = f"{job.job_id}@example.com", f"slug-{job.job_id}"
        url = f"linkedin.com/in/{slug}"
        refused = RowResult(Outcome.REFUSED, "no", "Not so.", "ref-1", "failed")
        return [
            (PlannedRow(1, 2, address, address.upper(), "linkedin.com/in/ada"), refused),
            (PlannedRow(2, 3, slug, "ada@example.com", url), refused),
            (PlannedRow(12_345, 12_346, address), refused),
            (PlannedRow(4, 5), refused),
        ]

    def test_outcomes_that_batches_have_with_them_are_found_and_replaced(
        self, jobs: Jobs, people: People
    ) -> None:
        job = planned(jobs, batches=2)
        last = [*jobs.batches(job.job_id)][-1]
        jobs.save_batch(last.model_copy(update={"told": bytes(range(256))}))

        assert [*people.outcomes(job.job_id)] == [(last.number, bytes(range(256)))]
        people.replace_outcomes(job.job_id, last.number, b"\x00less")

        assert [*people.outcomes(job.job_id)] == [(last.number, b"\x00less")]

    def test_the_row_items_of_a_person_are_found_with_the_other_name(
        self, jobs: Jobs, people: People
    ) -> None:
        job = planned(jobs)
        jobs.put_rows(job, self.rows_of_two(job))

        by_address = list(people.rows_of(f"EMAIL#{job.job_id}@example.com"))
        by_profile = list(people.rows_of(f"LINKEDIN#slug-{job.job_id}"))

        first = PersonRow(job.job_id, 1, f"{job.job_id}@EXAMPLE.COM".upper(), "linkedin.com/in/ada")
        assert sorted(by_address) == [first, PersonRow(job.job_id, 12_345, "", "")]
        url = f"linkedin.com/in/slug-{job.job_id}"
        assert by_profile == [PersonRow(job.job_id, 2, "ada@example.com", url)]

    def test_a_row_is_found_by_each_of_its_names_even_without_an_item(
        self, jobs: Jobs, people: People
    ) -> None:
        job = planned(jobs)
        rows = self.rows_of_two(job)
        mine = f"EMAIL#{job.job_id}@example.com"
        without_item = (PlannedRow(9, 9, "", mine.removeprefix("EMAIL#")), rows[0][1])
        jobs.save_marks([job], marks_of_rows([*rows, without_item]))
        jobs.put_rows(job, rows[:2])

        found = [row for row in people.rows_of("LINKEDIN#ada") if row.job_id == job.job_id]

        assert [(row.row, row.email, row.has_item) for row in found] == [
            (1, f"{job.job_id}@EXAMPLE.COM".upper(), True)
        ]
        by_address = list(people.rows_of("EMAIL#ada@example.com"))
        assert [row.row for row in by_address if row.job_id == job.job_id] == [2]
        assert sorted((row.row, row.has_item) for row in people.rows_of(mine)) == [
            (1, True),
            (9, False),
        ]

    def test_once_it_is_forgotten_a_name_leads_to_no_row_without_it(
        self, jobs: Jobs, people: People
    ) -> None:
        job = planned(jobs)
        name = f"EMAIL#{job.job_id}@example.com"
        rows = [(PlannedRow(n, n, "", name[6:]), RowResult(Outcome.ACCEPTED)) for n in (1, 2)]
        other = (PlannedRow(3, 3, "", f"other-{name[6:]}"), RowResult(Outcome.ACCEPTED))
        jobs.save_marks([job], marks_of_rows([*rows, other]))
        assert len(list(people.rows_of(name))) == 2

        people.forget(name)
        people.forget(name)

        assert list(people.rows_of(name)) == []
        assert len(list(people.rows_of(f"EMAIL#other-{name[6:]}"))) == 1

    def test_jobs_are_unmarked_if_they_are_older_than_marks_or_gone(
        self, jobs: Jobs, people: People
    ) -> None:
        old = planned(jobs)
        empty = planned(jobs, batches=0)
        new = planned(jobs, has_marks=True)
        ids = [old.job_id, empty.job_id, new.job_id, "spring-toy-gone", *map(str, range(120))]

        found = list(people.unmarked(ids))

        assert set(ids) - set(found) == {empty.job_id, new.job_id}
        assert len(found) == len(ids) - 2

    def test_an_erased_row_is_found_no_more_and_others_are(
        self, jobs: Jobs, people: People, stored_rows: StoredRows
    ) -> None:
        job = planned(jobs)
        jobs.put_rows(job, self.rows_of_two(job))
        person = f"EMAIL#{job.job_id}@example.com"

        assert [people.erase(job.job_id, row) for row in (1, 12_345)] == [True, True]

        assert list(people.rows_of(person)) == []
        assert len(list(people.rows_of(f"LINKEDIN#slug-{job.job_id}"))) == 1
        assert stored_rows(job) == dict.fromkeys((1, 2, 4, 12_345), "refused")

    def test_what_is_erased_or_not_there_is_not_erased_again(
        self, jobs: Jobs, people: People, stored_rows: StoredRows
    ) -> None:
        job = planned(jobs)
        jobs.put_rows(job, self.rows_of_two(job))
        people.erase(job.job_id, 1)

        assert people.erase(job.job_id, 1) is False
        assert people.erase(job.job_id, 99) is False
        assert people.erase_reason(job.job_id, 99) is False
        assert 99 not in stored_rows(job)

    def test_a_reason_is_erased_once_and_the_person_stays(self, jobs: Jobs, people: People) -> None:
        job = planned(jobs)
        jobs.put_rows(job, self.rows_of_two(job))

        assert people.erase_reason(job.job_id, 2) is True
        assert people.erase_reason(job.job_id, 2) is False
        assert len(list(people.rows_of(f"LINKEDIN#slug-{job.job_id}"))) == 1

    def test_the_jobs_of_an_uploads_version_are_found(self, jobs: Jobs, people: People) -> None:
        key = f"inbox/spring/{uuid.uuid4().hex}.csv"
        upload = Upload(bucket="uploads", key=key, version_id="v1")
        mine = [planned(jobs, upload=upload), planned(jobs, upload=upload)]
        planned(jobs, upload=upload.model_copy(update={"version_id": "v2"}))

        assert sorted(people.jobs_of(upload)) == sorted(job.job_id for job in mine)

    def test_jobs_are_open_until_they_have_told_of_their_end(
        self, jobs: Jobs, people: People
    ) -> None:
        early, late = planned(jobs), planned(jobs, created_at=NOW + timedelta(days=2))
        told = planned(jobs)
        ended = {"state": JobState.SUCCEEDED, "finished_at": NOW}
        for job in (early, told):
            jobs.finish(job.model_copy(update=ended))
        jobs.mark_notified(told.job_id, NOW)

        found = set(people.open_jobs(NOW, NOW + timedelta(days=2)))
        until_then = set(people.open_jobs(NOW - timedelta(days=2), NOW))

        ours = {early.job_id, late.job_id, told.job_id}
        assert found & ours == {early.job_id, late.job_id}
        assert until_then & ours == {early.job_id}


class ArchiveContract:
    """The archive port, next to the ports that store what it holds."""

    @pytest.mark.parametrize("rest", [b"", "é".encode()])
    def test_a_result_file_is_joined_from_its_pieces_and_the_rest(
        self, archive: Archive, files: Files, rest: bytes
    ) -> None:
        job_id = new_job().job_id
        least = files.least_piece
        pieces = {"a-1": b"a" * least, "a-2": b"b" * (least + 1), "unused": b"c" * least}
        for name, content in pieces.items():
            files.save_piece(job_id, name, io.BytesIO(content))

        for _ in range(2):
            files.save_result(job_id, "results.csv", io.BytesIO(rest), ["a-1", "a-2"])

        joined = b"".join(archive.read(job_id, "results.csv"))
        assert joined == pieces["a-1"] + pieces["a-2"] + rest
        assert set(archive.names(job_id)) == {*map(piece, pieces), "results.csv"}

    @pytest.fixture
    def job_id(self, files: Files) -> str:
        """A job with a file of each kind."""
        job_id = new_job().job_id
        files.save_plan(job_id, io.BytesIO(b"[1]\n"))
        files.save_outcomes(job_id, "000001-a", b"[[1]]")
        files.save_result(job_id, "results.csv", io.BytesIO("é,b\r\n".encode()))
        return job_id

    def test_the_files_of_a_job_are_named_as_below_its_folder(
        self, archive: Archive, job_id: str
    ) -> None:
        names = ["parts/outcomes/000001-a.json", "parts/plan.jsonl", "results.csv"]
        assert sorted(archive.names(job_id)) == names
        assert list(archive.names(new_job().job_id)) == []
        assert job_id in set(archive.job_ids())

    def test_a_file_is_read_and_one_that_is_not_there_is_empty(
        self, archive: Archive, job_id: str
    ) -> None:
        assert b"".join(archive.read(job_id, "results.csv")) == "é,b\r\n".encode()
        assert b"".join(archive.read(job_id, "parts/plan.jsonl")) == b"[1]\n"
        assert list(archive.read(job_id, "rejects.csv")) == []

    @pytest.mark.parametrize(
        "name", ["parts/outcomes/000001-a.json", "parts/plan.jsonl", "results.csv"]
    )
    def test_a_file_is_replaced_and_what_it_was_can_be_dropped(
        self, archive: Archive, job_id: str, name: str
    ) -> None:
        archive.replace(job_id, name, io.BytesIO(b"[2]\n"))
        archive.replace(job_id, name, io.BytesIO(b"[3]\n"))

        assert archive.drop_old_versions(job_id) == 2
        assert archive.drop_old_versions(job_id) == 0
        assert b"".join(archive.read(job_id, name)) == b"[3]\n"
        assert len(list(archive.names(job_id))) == 3

    def test_what_the_files_port_reads_is_what_was_replaced(
        self, archive: Archive, files: Files, job_id: str
    ) -> None:
        archive.replace(job_id, "parts/plan.jsonl", io.BytesIO(b"[2]\n"))
        archive.replace(job_id, "parts/outcomes/000001-a.json", io.BytesIO(b"[]"))

        assert list(files.plan_lines(job_id)) == [b"[2]"]
        assert files.read_outcomes(job_id, "000001-a") == b"[]"

    def test_one_version_of_an_upload_is_deleted_for_good(
        self, archive: Archive, uploads: Uploads, put_upload: PutUpload
    ) -> None:
        key = f"inbox/ports/{uuid.uuid4().hex} é+&.csv"
        first, second = put_upload(key, b"first"), put_upload(key, b"second")

        assert archive.delete_upload(first) is True
        assert archive.delete_upload(first) is False

        assert b"".join(uploads.read(second)) == b"second"
        with pytest.raises(UploadRejectedError):
            list(uploads.read(first))


class BudgetContract:
    """The budget port."""

    @pytest.fixture
    def account(self) -> str:
        return f"toy#{uuid.uuid4().hex}#send"

    def test_the_first_slot_is_now(self, budget: Budget, account: str) -> None:
        ticket = budget.reserve(account, count=3, gap=2, now=NOW)

        assert ticket == Ticket(at=NOW, count=3, gap=2)

    def test_slots_are_handed_out_one_after_the_other(self, budget: Budget, account: str) -> None:
        budget.reserve(account, count=3, gap=2, now=NOW)

        assert budget.reserve(account, count=1, gap=2, now=NOW).at == NOW + timedelta(seconds=6)

    def test_slots_that_passed_unused_are_lost(self, budget: Budget, account: str) -> None:
        budget.reserve(account, count=3, gap=2, now=NOW)
        later = NOW + timedelta(minutes=1)

        assert budget.reserve(account, count=1, gap=2, now=later).at == later

    def test_accounts_do_not_wait_for_each_other(self, budget: Budget, account: str) -> None:
        budget.reserve(account, count=100, gap=2, now=NOW)

        assert budget.reserve(f"{account}-2", count=1, gap=2, now=NOW).at == NOW

    def test_slots_reserved_at_once_never_overlap(self, budget: Budget, account: str) -> None:
        tickets = at_once(lambda n: budget.reserve(account, count=1 + n % 3, gap=0.5, now=NOW), 40)

        slots = sorted(
            ticket.at + timedelta(seconds=slot * ticket.gap)
            for ticket in tickets
            for slot in range(ticket.count)
        )
        apart = {(b - a).total_seconds() for a, b in itertools.pairwise(slots)}
        assert len(slots) == sum(1 + n % 3 for n in range(40))
        assert apart == {0.5}

    def test_slots_of_a_fraction_of_a_millisecond_never_overlap(
        self, budget: Budget, account: str
    ) -> None:
        now = NOW + timedelta(microseconds=900)
        first = budget.reserve(account, count=1, gap=1 / 3, now=now)

        second = budget.reserve(account, count=1, gap=1 / 3, now=now)

        assert (second.at - first.at).total_seconds() >= 0.333_333

    def test_no_slot_is_handed_out_while_the_account_is_held(
        self, budget: Budget, account: str
    ) -> None:
        until = NOW + timedelta(seconds=90)
        budget.hold(account, until)

        assert budget.reserve(account, count=1, gap=1, now=NOW).at == until

    def test_a_shorter_hold_does_not_end_a_longer_one(self, budget: Budget, account: str) -> None:
        until = NOW + timedelta(seconds=90)
        budget.hold(account, until)

        budget.hold(account, NOW + timedelta(seconds=30))

        assert budget.reserve(account, count=1, gap=1, now=NOW).at == until

    def test_a_hold_does_not_give_reserved_slots_away(self, budget: Budget, account: str) -> None:
        budget.reserve(account, count=100, gap=1, now=NOW)

        budget.hold(account, NOW + timedelta(seconds=30))

        assert budget.reserve(account, count=1, gap=1, now=NOW).at == NOW + timedelta(seconds=100)

    # ------------------------------------------------------------------ leases

    def test_a_lease_is_one_holder_s_until_it_ends(self, budget: Budget, account: str) -> None:
        until = NOW + timedelta(seconds=90)

        assert budget.take(account, "one", until, NOW) is None

        assert budget.take(account, "two", until + LEASE, NOW) == until
        assert budget.take(account, "two", until + LEASE, until) is None
        assert budget.take(account, "one", until, until) == until + LEASE

    def test_its_holder_prolongs_a_lease(self, budget: Budget, account: str) -> None:
        budget.take(account, "one", NOW + timedelta(seconds=90), NOW)

        assert budget.take(account, "one", NOW + LEASE, NOW) is None
        assert budget.take(account, "two", NOW + LEASE, NOW) == NOW + LEASE

    def test_a_lease_that_was_given_back_is_free(self, budget: Budget, account: str) -> None:
        budget.take(account, "one", NOW + LEASE, NOW)

        budget.give_back(account, "one")

        assert budget.take(account, "two", NOW + LEASE, NOW) is None

    def test_nobody_gives_back_the_lease_of_another(self, budget: Budget, account: str) -> None:
        budget.give_back(account, "one")
        budget.take(account, "one", NOW + LEASE, NOW)

        budget.give_back(account, "two")

        assert budget.take(account, "two", NOW + LEASE, NOW) == NOW + LEASE

    def test_of_many_that_take_a_lease_at_once_exactly_one_has_it(
        self, budget: Budget, account: str
    ) -> None:
        taken = at_once(lambda n: budget.take(account, f"holder {n}", NOW + LEASE, NOW))

        assert taken.count(None) == 1

    def test_a_lease_takes_no_slots(self, budget: Budget, account: str) -> None:
        budget.take(account, "one", NOW + LEASE, NOW)

        assert budget.reserve(account, count=1, gap=1, now=NOW).at == NOW


class ExecutionsContract:
    """The executions port."""

    def test_a_job_started_twice_has_one_execution(self, executions: Executions) -> None:
        turn = Turn(job_id=new_job().job_id, provider="toy", next="finish")
        other = turn.model_copy(update={"turn": 1})

        assert executions.start(turn) == executions.start(other)

    def test_an_execution_is_named_by_its_job(self, executions: Executions) -> None:
        turn = Turn(job_id=new_job().job_id, provider="toy", next="finish")

        assert executions.start(turn).rsplit(":", 1)[-1] == turn.job_id


class SeenNotices(Protocol):
    """How a test of one implementation looks at what was published: JSON and attributes."""

    def __call__(self) -> list[tuple[str, Mapping[str, str]]]:
        """Return the notices since the last look."""
        ...


class NoticesContract:
    """The notices port."""

    def test_a_notice_reaches_programs_as_json_with_attributes(
        self, notices: Notices, seen_notices: SeenNotices
    ) -> None:
        message = '{"job_id":"a","n":"\\u00e9"}'

        notices.publish(
            subject="Listdrop: spring",
            message=message,
            text="Hello.",
            attributes={"rows": 3, "state": "partial"},
        )

        assert seen_notices() == [(message, {"rows": "3", "state": "partial"})]


Asked = Callable[[str], Page[T]]


def all_of(ask: Asked[T], *, most: int = 200) -> list[T]:
    """Ask for page after page, as a port wants it; pages may be short, and must come to an end."""
    page = ask("")
    found = [*page.items]
    for _ in range(most):
        if not page.cursor:
            return found
        page = ask(page.cursor)
        found += page.items
    raise AssertionError("the pages do not end")


def encoded(text: str) -> str:
    """Return a text as it could stand in an address."""
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


class RecordsContract:
    """The records port; `jobs` writes what it reads."""

    @pytest.fixture
    def route(self) -> str:
        return new_job().job_id[-20:]

    # ------------------------------------------------------------------ jobs

    def test_a_job_and_its_batches_are_read_as_they_were_stored(
        self, jobs: Jobs, records: Records
    ) -> None:
        job = planned(jobs, 3)

        assert records.job(job.job_id) == job
        assert list(records.batches(job.job_id)) == list(jobs.batches(job.job_id))

    def test_a_job_that_nobody_began_is_unknown_to_who_asks(self, records: Records) -> None:
        with pytest.raises(KeyError):
            records.job("spring-toy-nobody")

    @pytest.mark.parametrize("limit", [1, 2, 5, 50])
    def test_the_jobs_of_a_route_come_newest_first_on_pages(
        self, jobs: Jobs, records: Records, route: str, limit: int
    ) -> None:
        made = [planned(jobs, route=route, created_at=NOW + timedelta(minutes=n)) for n in range(5)]
        planned(jobs, route=f"{route}-2")

        first = records.jobs_of_route(route, limit=limit)
        found = all_of(lambda cursor: records.jobs_of_route(route, cursor, limit))

        assert len(first.items) <= limit
        assert [job.job_id for job in found] == [job.job_id for job in reversed(made)]
        assert found[0] == made[-1]

    def test_the_jobs_of_a_day_come_newest_first_on_pages(
        self, jobs: Jobs, records: Records
    ) -> None:
        midnight = datetime(2030, 1, 1, tzinfo=UTC) + timedelta(days=uuid.uuid4().int % 300_000)
        moments = (0, 60, 86_399)
        made = [planned(jobs, created_at=midnight + timedelta(seconds=each)) for each in moments]
        planned(jobs, created_at=midnight - timedelta(seconds=1))
        planned(jobs, created_at=midnight + timedelta(days=1))

        found = all_of(lambda cursor: records.jobs_of_day(midnight.date(), cursor, 2))

        assert [job.job_id for job in found] == [job.job_id for job in reversed(made)]

    def test_the_jobs_of_an_upload_are_found_among_those_of_its_time(
        self, jobs: Jobs, records: Records, route: str
    ) -> None:
        midnight = datetime(2030, 1, 1, tzinfo=UTC) + timedelta(days=uuid.uuid4().int % 300_000)
        upload = new_job().upload.model_copy(update={"key": f"inbox/{route}/a.csv"})
        minutes = {"kakiyo": -59, "waalaxy": 0, "toy": 30, "late": 90}
        for name, minute in minutes.items():
            began = midnight + timedelta(minutes=minute)
            file = upload.model_copy(update={"table": f"{name}.csv"}) if name == "toy" else upload
            planned(jobs, job_id=f"{route}-{name}", route=route, upload=file, created_at=began)
        another = upload.model_copy(update={"version_id": "v0"})
        planned(jobs, route=route, upload=another, created_at=midnight)
        middle = records.job(f"{route}-waalaxy")

        found = records.jobs_with(middle, timedelta(hours=1))

        assert {job.job_id for job in found} == {f"{route}-{name}" for name in [*minutes][:3]}
        assert middle in found
        assert len(records.jobs_with(middle, timedelta(hours=1), 0)) == 0

    @pytest.mark.parametrize("most", [None, 10])
    def test_the_jobs_that_followed_on_one_are_found_in_their_order(
        self, jobs: Jobs, records: Records, route: str, most: int | None
    ) -> None:
        told: tuple[dict[str, Any], ...] = (
            {},
            {"retry_of": f"{route}-0"},
            {"corrects": f"{route}-0"},
            {"retry_of": "another"},
        )
        for number, follows in enumerate(told):
            began = NOW + timedelta(minutes=number)
            planned(jobs, job_id=f"{route}-{number}", route=route, created_at=began, **follows)

        found = records.followers([records.job(f"{route}-0")], most)

        assert [job.job_id for job in found] == [f"{route}-1", f"{route}-2"]
        assert records.followers(found[:1]) == []

    def test_the_jobs_that_followed_on_any_of_many_are_found_in_their_order(
        self, jobs: Jobs, records: Records, route: str
    ) -> None:
        made = [planned(jobs, route=route, created_at=NOW) for _ in range(101)]
        first, last = made[0].job_id, made[-1].job_id
        told: tuple[dict[str, Any], ...] = (
            {"corrects": last},
            {"retry_of": first},
            {"corrects": first, "retry_of": last},
            {"corrects": "another"},
        )
        for number, follows in enumerate(told):
            began = NOW + timedelta(minutes=number + 1)
            planned(jobs, job_id=f"{route}-{number}", route=route, created_at=began, **follows)

        found = records.followers(made[::-1])

        assert [job.job_id for job in found] == [f"{route}-{number}" for number in range(3)]
        assert records.followers([]) == []

    def test_nothing_is_found_where_nothing_is(self, records: Records, route: str) -> None:
        assert records.jobs_of_route(route) == Page([])
        assert records.rows_of_person(f"EMAIL#{route}@example.com") == Page([])
        assert records.rows(new_job()).items == []

    # ------------------------------------------------------------------ rows

    def test_a_row_says_all_that_is_known_of_it(self, jobs: Jobs, records: Records) -> None:
        job = planned(jobs)
        row = PlannedRow(
            4,
            7,
            "ada@example.com",
            "Ada@example.com",
            "linkedin.com/in/ada",
            warning=PHONE_LEFT_OUT,
        )
        result = RowResult(
            Outcome.REFUSED, "no", "Not so.", "ref-1", "failed", CUSTOM_DATA_NOT_SAVED
        )
        jobs.put_rows(job, [(row, result)])

        (found,) = records.rows(job).items

        assert found == RowItem(
            job_id=job.job_id,
            provider="toy",
            row=4,
            line=7,
            outcome=Outcome.REFUSED,
            reason="no",
            reason_text="Not so.",
            warning=f"{PHONE_LEFT_OUT} {CUSTOM_DATA_NOT_SAVED}",
            warning_text=f"{WARNINGS[PHONE_LEFT_OUT]} {WARNINGS[CUSTOM_DATA_NOT_SAVED]}",
            email="Ada@example.com",
            linkedin_url="linkedin.com/in/ada",
            provider_ref="ref-1",
            raw_status="failed",
            person="EMAIL#ada@example.com",
            created_at=NOW,
        )

    @pytest.mark.parametrize("limit", [1, 7, 1_000])
    def test_rows_come_in_order_on_pages_over_all_their_keys(
        self, jobs: Jobs, records: Records, limit: int
    ) -> None:
        job = planned(jobs)
        job = job.model_copy(update={"counts": job.counts | {"rows": 20_010}})
        numbers = [1, 2, 9_998, 9_999, 10_000, 10_001, 20_000, 20_010]
        jobs.put_rows(job, [(PlannedRow(n, n + 1), RowResult(Outcome.ACCEPTED)) for n in numbers])

        first = records.rows(job, limit=limit)
        found = all_of(lambda cursor: records.rows(job, cursor=cursor, limit=limit))

        assert len(first.items) <= limit
        assert [row.row for row in found] == numbers

    @pytest.mark.parametrize("limit", [1, 2, 50])
    @pytest.mark.parametrize(
        ("outcomes", "numbers"),
        [
            ({Outcome.INVALID}, {2}),
            ({Outcome.REFUSED}, {5, 10_001, 10_002}),
            ({Outcome.INVALID, Outcome.REFUSED}, {2, 5, 10_001, 10_002}),
            ({Outcome.INVALID, Outcome.UNKNOWN}, {2, 3}),
            ({Outcome.INVALID, Outcome.REFUSED, Outcome.UNKNOWN}, {2, 3, 5, 10_001, 10_002}),
            ({Outcome.ACCEPTED, Outcome.DUPLICATE}, {1, 4, 10_003}),
            ({Outcome.ACCEPTED, Outcome.REFUSED}, {1, 5, 10_001, 10_002, 10_003}),
            ({Outcome.CONFIRMED}, set()),
        ],
    )
    def test_rows_of_some_outcomes_are_each_found_once(
        self, jobs: Jobs, records: Records, outcomes: set[Outcome], numbers: set[int], limit: int
    ) -> None:
        job = planned(jobs)
        job = job.model_copy(update={"counts": job.counts | {"rows": 10_003}})
        more = [
            (PlannedRow(10_001, 10_002), RowResult(Outcome.REFUSED, "no")),
            (PlannedRow(10_002, 10_003), RowResult(Outcome.REFUSED, "no")),
            (PlannedRow(10_003, 10_004), RowResult(Outcome.ACCEPTED)),
        ]
        jobs.put_rows(job, [*RowsContract.rows, *more])
        wanted = RowFilter(frozenset(outcomes))

        found = all_of(lambda cursor: records.rows(job, wanted, cursor, limit))

        assert sorted(row.row for row in found) == sorted(numbers)

    def test_the_rows_of_a_page_are_in_order(self, jobs: Jobs, records: Records) -> None:
        job = planned(jobs)
        jobs.put_rows(job, RowsContract.rows)
        bad = RowFilter(frozenset(outcome for outcome in Outcome if outcome.is_bad))

        assert [row.row for row in records.rows(job, bad).items] == [2, 3, 5]

    @pytest.mark.parametrize(
        ("text", "numbers"),
        [
            ("ADA@", [1]),
            ("in/grace", [3]),
            ("duplicate_of", [4]),
            ("has none", [2]),
            ("example.com", [1, 4, 5]),
            ("nobody", []),
        ],
    )
    def test_rows_are_found_by_a_text_in_them(
        self, jobs: Jobs, records: Records, text: str, numbers: list[int]
    ) -> None:
        job = planned(jobs)
        jobs.put_rows(job, RowsContract.rows)

        found = all_of(lambda cursor: records.rows(job, RowFilter(text=text), cursor, 2))

        assert [row.row for row in found] == numbers

    @pytest.mark.parametrize(
        ("outcomes", "numbers"),
        [
            ({Outcome.REFUSED, Outcome.ACCEPTED}, [5]),
            ({Outcome.REFUSED}, [5]),
            ({Outcome.INVALID, Outcome.UNKNOWN}, []),
        ],
    )
    def test_a_text_and_outcomes_must_both_fit(
        self, jobs: Jobs, records: Records, outcomes: set[Outcome], numbers: list[int]
    ) -> None:
        job = planned(jobs)
        jobs.put_rows(job, RowsContract.rows)
        wanted = RowFilter(frozenset(outcomes), "cy@")

        assert [row.row for row in records.rows(job, wanted).items] == numbers

    def test_a_person_is_found_in_every_job_newest_first(
        self, jobs: Jobs, records: Records, route: str
    ) -> None:
        email, slug = f"{route}@example.com", f"slug-{route}".lower()
        made = [planned(jobs, created_at=NOW + timedelta(minutes=n)) for n in range(3)]
        for number, job in enumerate(made):
            row = PlannedRow(number + 1, number + 2, email, email.upper())
            other = PlannedRow(9, 10, slug, "", f"https://linkedin.com/in/{slug}")
            result = RowResult(Outcome.ACCEPTED)
            jobs.put_rows(job, [(row, result), (other, RowResult(Outcome.EXISTING))])

        by_email = all_of(lambda cursor: records.rows_of_person(f"EMAIL#{email}", cursor, 2))
        by_slug = all_of(lambda cursor: records.rows_of_person(f"LINKEDIN#{slug}", cursor, 50))

        newest = [job.job_id for job in reversed(made)]
        assert [row.job_id for row in by_email] == newest
        assert [row.row for row in by_email] == [3, 2, 1]
        assert [(row.job_id, row.row) for row in by_slug] == [(job_id, 9) for job_id in newest]

    @pytest.mark.parametrize("limit", [1, 2, 3, 50])
    def test_a_person_is_found_by_the_other_name_of_rows_newest_first(
        self, jobs: Jobs, records: Records, route: str, limit: int
    ) -> None:
        email, slug = f"{route}@example.com", f"slug-{route}".lower()
        url = f"https://linkedin.com/in/{slug}"
        made = [planned(jobs, created_at=NOW + timedelta(minutes=n)) for n in range(6)]
        for number, job in enumerate(made):
            identity = (email, slug, "")[number % 3]
            rows = [(PlannedRow(7, 8, identity, email, url), RowResult(Outcome.ACCEPTED))]
            jobs.save_marks([job], marks_of_rows(rows))
            jobs.put_rows(job, rows)

        for name in (f"EMAIL#{email}", f"LINKEDIN#{slug}"):
            found = all_of(lambda cursor, name=name: records.rows_of_person(name, cursor, limit))  # type: ignore[misc] # a loop's own
            assert [row.job_id for row in found] == [job.job_id for job in reversed(made)]

    def test_rows_without_items_are_told(self, jobs: Jobs, records: Records, route: str) -> None:
        job, other = planned(jobs), planned(jobs)
        rows = [
            (PlannedRow(n, n, "", f"{route}@example.com"), RowResult(Outcome.ACCEPTED))
            for n in (3, 12_345)
        ]
        jobs.save_marks([job, other], marks_of_rows(rows))
        jobs.put_rows(job, rows[:1])

        found = records.rows_without_items(f"EMAIL#{route}@example.com")

        missing = [(job.job_id, 12_345), (other.job_id, 3), (other.job_id, 12_345)]
        assert sorted(found) == sorted(missing)

    def test_of_many_marks_each_is_found(self, jobs: Jobs, records: Records, route: str) -> None:
        job = planned(jobs)
        rows = [
            (PlannedRow(n, n, "", f"{n}-{route}@example.com"), RowResult(Outcome.ACCEPTED))
            for n in range(1, 1_200)
        ]
        jobs.save_marks([job], marks_of_rows(rows))

        for number in (1, 600, 1_199):
            found = records.rows_without_items(f"EMAIL#{number}-{route}@example.com")
            assert found == [(job.job_id, number)]

    @pytest.mark.slow
    def test_a_rare_row_is_found_however_far_it_is(self, jobs: Jobs, records: Records) -> None:
        job = planned(jobs)
        rows = [(PlannedRow(n, n + 1), RowResult(Outcome.ACCEPTED)) for n in range(1, 2_700)]
        rows[-1] = (rows[-1][0], RowResult(Outcome.EXISTING))
        jobs.put_rows(job, rows)
        wanted = RowFilter(frozenset({Outcome.EXISTING}))

        found = all_of(lambda cursor: records.rows(job, wanted, cursor, 10))

        assert [row.row for row in found] == [2_699]

    # ------------------------------------------------------------------ cursors

    @pytest.mark.parametrize(
        "text",
        [
            "no such page",
            "{}",
            "null",
            "[]",
            '{"a":1.5}',
            '{"part":1.5}',
            '{"part":0,"key":"x"}',
            '{"part":0,"key":{"pk":1.5}}',
        ],
    )
    @pytest.mark.parametrize("encode", [str, encoded])
    def test_a_cursor_that_no_page_had_is_a_value_error(
        self, jobs: Jobs, records: Records, route: str, text: str, encode: Callable[[str], str]
    ) -> None:
        job = planned(jobs, route=route)
        cursor = encode(text)

        for ask in (
            lambda: records.jobs_of_route(route, cursor),
            lambda: records.jobs_of_day(NOW.date(), cursor),
            lambda: records.rows(job, cursor=cursor),
            lambda: records.rows_of_person("EMAIL#a@example.com", cursor),
        ):
            with pytest.raises(ValueError):  # noqa: PT011 # any sentence will do
                ask()
