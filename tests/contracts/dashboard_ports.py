"""What the ports promise that only the dashboard asks: one class each, for adapters and fakes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from listdrop.models import BatchItem, Job, JobState, LastError, Outcome, ReasonCount
from listdrop.ports import Directory, Downloads, Figures
from tests.support.dashboards import NOW, new_batch, new_job

Store = Callable[[Job, Iterable[BatchItem]], object]
StoreRows = Callable[[Job, Iterable[int]], object]


class FiguresContract:
    """The figures port. `store` puts a job with its batches where it looks, `store_rows` rows."""

    def test_a_days_jobs_are_all_there_with_what_is_added_up_the_newest_first(
        self, figures: Figures, store: Store
    ) -> None:
        day = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)
        told = {"dropped_by": "AWS:ada", "retry_of": "another"}
        for number in range(3):
            store(new_job(number, created_at=day + timedelta(hours=number), **told), [])
        store(new_job(9, created_at=day - timedelta(days=1)), [])

        found = figures.jobs_of(day.date())

        assert [job.created_at for job in found] == [day + timedelta(hours=n) for n in (2, 1, 0)]
        job = found[0]
        assert (job.job_id, job.upload) == (new_job(2).job_id, new_job(2).upload)
        assert (job.route, job.provider, job.account) == ("spring", "kakiyo", "default")
        assert (job.counts["rows"], job.counts["confirmed"], job.sent) == (10, 8, 1)
        assert (job.state, job.reason) == (JobState.PARTIAL, "")
        assert (job.dropped_by, job.follows) == ("AWS:ada", "another")
        assert job.finished_at == job.created_at + timedelta(minutes=3, seconds=20)

    def test_a_job_that_has_not_ended_has_no_end(self, figures: Figures, store: Store) -> None:
        day = datetime(2026, 1, 9, 10, 0, tzinfo=UTC)
        error = LastError(text="the connection was refused", kind="unreachable", since=day)
        running = new_job(20, created_at=day, state=JobState.RUNNING, last_error=error)
        store(running.model_copy(update={"stop_reason": "cancelled"}), [])
        store(new_job(21, created_at=day, state=JobState.REJECTED, reason="bad_route"), [])

        found = {job.state: job for job in figures.jobs_of(day.date())}

        assert found[JobState.RUNNING].finished_at is None
        assert found[JobState.RUNNING].last_error == error
        assert found[JobState.RUNNING].stop_reason == "cancelled"
        assert found[JobState.REJECTED].reason == "bad_route"

    def test_a_day_without_jobs_is_empty(self, figures: Figures) -> None:
        assert list(figures.jobs_of(datetime(2020, 1, 1, tzinfo=UTC).date())) == []

    def test_batches_begin_where_they_are_asked_to(self, figures: Figures, store: Store) -> None:
        job = new_job(30, created_at=datetime(2026, 1, 7, tzinfo=UTC))
        store(job, [new_batch(job, number) for number in range(1, 8)])

        assert [each.number for each in figures.batches(job.job_id, 1, 3)] == [1, 2, 3]
        assert [each.number for each in figures.batches(job.job_id, 6, 3)] == [6, 7]
        assert list(figures.batches(job.job_id, 8, 3)) == []
        assert figures.batches(job.job_id, 2, 1)[0].raw_status == "completed"

    def test_rows_are_found_by_their_numbers_as_far_as_they_are_kept(
        self, figures: Figures, store: Store, store_rows: StoreRows
    ) -> None:
        job = new_job(31, created_at=datetime(2026, 1, 7, tzinfo=UTC), counts={"rows": 10_005})
        store(job, [])
        kept = (1, 2, 9_999, 10_000, 10_004)
        store_rows(job, kept)

        assert [each.row for each in figures.rows(job.job_id, range(1, 51))] == [1, 2]
        assert [each.row for each in figures.rows(job.job_id, range(9_990, 10_110))] == [
            9_999,
            10_000,
            10_004,
        ]
        assert list(figures.rows(job.job_id, range(10_005, 10_055))) == []
        scattered = figures.rows(job.job_id, [10_004, 2, 3, 9_999])
        assert [each.row for each in scattered] == [2, 9_999, 10_004]
        (row,) = figures.rows(job.job_id, [2])
        assert (row.job_id, row.line, row.outcome) == (job.job_id, 3, Outcome.REFUSED)
        assert row.email == "person2@example.com"


class BudgetFiguresContract:
    """The same port, on budgets. `reserve` takes the slots of an account until a moment."""

    def test_an_account_is_free_when_its_budget_says_so(
        self, figures: Figures, reserve: Callable[[str, datetime], object]
    ) -> None:
        reserve("kakiyo#default#send", NOW)
        assert figures.free_at("kakiyo#default#send") == NOW
        assert figures.free_at("kakiyo#never#send") is None


class DirectoryContract:
    """The directory port. `put_route` and `put_account` write what it lists."""

    def test_routes_are_listed_by_name_with_their_text(
        self, directory: Directory, put_route: Callable[[str, str], object]
    ) -> None:
        for name in ("webinar", "fair"):
            put_route(name, json.dumps({"of": name}))

        found = {route.name: route for route in directory.routes()}

        assert [*found] == sorted(found)
        assert found["fair"].text == '{"of": "fair"}'
        assert found["webinar"].changed_at.tzinfo is not None

    def test_accounts_are_listed_by_provider_and_name(
        self, directory: Directory, put_account: Callable[[str, str], object]
    ) -> None:
        put_account("waalaxy", "second")
        put_account("kakiyo", "first")

        found = [(account.provider, account.name) for account in directory.accounts()]

        assert found == sorted(found)
        assert {("waalaxy", "second"), ("kakiyo", "first")} <= set(found)
        assert all(account.changed_at.tzinfo is not None for account in directory.accounts())


class DownloadsContract:
    """The downloads port. `keep` stores the reasons that a job ended with."""

    def test_reasons_are_those_that_the_job_ended_with(
        self, downloads: Downloads, keep: Callable[[Job, list[ReasonCount]], object]
    ) -> None:
        reasons = [
            ReasonCount("refused", "Already there", 3),
            ReasonCount("invalid", "missing_email", 1),
        ]
        job = new_job(40)
        keep(job, reasons)
        assert list(downloads.reasons(job.job_id)) == reasons

    def test_a_job_that_has_not_ended_has_no_reasons(self, downloads: Downloads) -> None:
        assert list(downloads.reasons("spring-kakiyo-nobody")) == []

    def test_a_link_is_for_one_file_of_one_job(self, downloads: Downloads) -> None:
        link = downloads.link("spring-kakiyo-1", "retry.csv")
        assert "spring-kakiyo-1/retry.csv" in link
        assert link != downloads.link("spring-kakiyo-2", "retry.csv")
