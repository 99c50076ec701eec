"""Measures time, work, reads and size of the dashboard's pages, on the engine.

The table has a month of jobs, a hundred a day, and one job of 100,000 rows in 2,000 batches,
written as the functions write them. Times are of complete answers to one client, one by one. Most
of them is the engine's, which looks at each item of a partition for every query. CPU is what this
process does for a page, and reads are its requests to AWS: both say what AWS will make of it.
"""

from __future__ import annotations

import http.client
import statistics
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from listdrop.aws.messaging import SystemClock
from listdrop.aws.rows import DynamoTurnJobs
from listdrop.dashboard.ports import DashboardPorts
from listdrop.dashboard.serving import serve
from listdrop.models import (
    BatchItem,
    BatchState,
    Job,
    JobState,
    Outcome,
    PlannedRow,
    Results,
    RowResult,
    Upload,
    no_counts,
)
from listdrop.wiring.dashboard import AT_ONCE, served_dashboard_ports
from local.deploy import STACK, deploy, session
from local.engine import Engine
from tools.benchmarks.measured import Figures

DAYS = 30
JOBS_A_DAY = 100
ROWS = 100_000
BATCHES = 2_000
ASKED = 60
NOW = datetime.now(UTC)
MOST_MS = 300
MOST_BYTES = 200_000


def ended(number: int, created_at: datetime, counts: dict[str, int], batches: int) -> Job:
    """Return a job that ended within minutes."""
    route, provider = ("spring", "webinar", "fair")[number % 3], ("kakiyo", "waalaxy")[number % 2]
    job_id = f"{route}-{provider}-{number:016x}"
    base = f"s3://results/jobs/{job_id}"
    return Job(
        job_id=job_id,
        upload=Upload(bucket="u", key=f"inbox/{route}/leads-{number}.csv", version_id="v" * 32),
        route=route,
        provider=provider,
        account="default",
        destination={"provider": provider},
        state=JobState.PARTIAL,
        counts=no_counts() | counts,
        batches={"planned": batches, "sent": batches, "terminal": batches},
        progress=100,
        created_at=created_at,
        updated_at=created_at,
        planned_at=created_at,
        started_at=created_at,
        sending_since=created_at,
        finished_at=created_at + timedelta(minutes=number % 50),
        deadline_at=created_at + timedelta(hours=6),
        expires_at=int(created_at.timestamp()) + 90 * 86_400,
        results=Results(
            results=f"{base}/results.csv", rejects=f"{base}/rejects.csv", retry=f"{base}/retry.csv"
        ),
    )


def month() -> Iterator[Job]:
    """Yield the jobs of a month; those of today are in the past."""
    for back in range(DAYS):
        for index in range(JOBS_A_DAY):
            created_at = NOW - timedelta(days=back, seconds=index * 5)
            counts = {"rows": 500, "confirmed": 480, "refused": 12, "duplicate": 8}
            yield ended(back * JOBS_A_DAY + index, created_at, counts, 5)


def outcome_of(row: int) -> RowResult:
    """Return a row's outcome: nine of ten are good, and three rows are `existing`."""
    if row in (40_000, 70_000, 99_000):
        return RowResult(Outcome.EXISTING)
    if row % 10:
        return RowResult(Outcome.CONFIRMED, provider_ref=f"ref-{row}", raw_status="chatCreated")
    return RowResult(Outcome.REFUSED, "Prospect is already in another campaign", raw_status="no")


def rows() -> Iterator[tuple[PlannedRow, RowResult]]:
    """Yield the rows of the large job."""
    for row in range(1, ROWS + 1):
        profile = f"https://www.linkedin.com/in/person-{row}"
        planned = PlannedRow(
            row, row + 1, f"person-{row}", email=f"person.{row}@example.com", linkedin_url=profile
        )
        yield planned, outcome_of(row)


def batch(job: Job, number: int) -> BatchItem:
    """Return a batch of the large job."""
    return BatchItem(
        job_id=job.job_id,
        number=number,
        state=BatchState.COMPLETED,
        first_row=50 * number - 49,
        rows=50,
        first_byte=0,
        last_byte=1,
        attempts=1,
        raw_status="completed",
        sent_at=NOW,
        terminal_at=NOW,
    )


def fill(table: Any, client: Any) -> Job:
    """Write everything, and return the large job."""
    jobs = DynamoTurnJobs(table, client, SystemClock())
    for job in month():
        jobs.begin(job, NOW)
    counts = {"rows": ROWS, "existing": 3, "refused": ROWS // 10 - 3}
    counts["confirmed"] = ROWS - counts["existing"] - counts["refused"]
    large = ended(900_000, NOW - timedelta(hours=1), counts, BATCHES)
    jobs.begin(large, NOW)
    jobs.save_plan(large, (batch(large, number + 1) for number in range(BATCHES)))
    jobs.put_rows(large, rows())
    return large


def pages(job: Job) -> dict[str, list[str]]:
    """Return the pages to measure: name to URLs."""
    at = f"/jobs/{job.job_id}"
    profiles = [f"linkedin.com/in/person-{row}" for row in (5, 40_000, 70_007, 99_999)]
    return {
        "overview": ["/"],
        "uploads": ["/uploads"],
        "jobs": ["/jobs"],
        "upload": [f"/uploads/{job.job_id}"],
        "days as CSV": ["/figures/days.csv"],
        "day": [f"/days/{NOW.date().isoformat()}"],
        "route": ["/routes/spring"],
        "routes": ["/routes"],
        "job": [at],
        "its last batches": [f"{at}?batch={BATCHES - 40}"],
        "live": [f"{at}/live"],
        "rows": [f"{at}/rows"],
        "rows, refused": [f"{at}/rows?outcome=refused"],
        "rows, confirmed": [f"{at}/rows?outcome=confirmed"],
        "rows, the rarest": [f"{at}/rows?outcome=existing"],
        "rows, text": [f"{at}/rows?text=person-777"],
        "rows, one person": [f"{at}/rows?text={profile}" for profile in profiles],
        "person": [f"/person?who={profile}" for profile in profiles],
        "uploads of a month": ["/uploads?since=30d"],
    }


class Answer(NamedTuple):
    """An answer: how many milliseconds it took, how many of work, how many reads; its body."""

    took: float
    cpu: float
    reads: int
    body: bytes


class Reads:
    """How many requests were made to AWS, by clients that it counts for."""

    def __init__(self) -> None:
        self.made = 0

    def count_for(self, client: Any) -> None:
        """Count for a client, too."""
        client.meta.events.register("before-send", self._count)

    def _count(self, **_: Any) -> None:
        self.made += 1


READS = Reads()


def counted_ports(url: str, outputs: dict[str, str]) -> DashboardPorts:
    """Return the ports of the stack, whose requests are counted."""
    resource = session().resource("dynamodb", endpoint_url=url, config=AT_ONCE)

    def make(name: str, **options: Any) -> Any:
        client = session().client(name, endpoint_url=url, **options)  # type: ignore[call-overload] # any service
        READS.count_for(client)
        return client

    table = resource.Table(outputs["JobsTable"])
    READS.count_for(table.meta.client)
    return served_dashboard_ports(STACK, outputs, make, table, is_local=True)


def ask(address: str, path: str) -> Answer:
    """Request a page."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    began, worked, made = time.perf_counter(), time.process_time(), READS.made
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    took = 1_000 * (time.perf_counter() - began)
    cpu = 1_000 * (time.process_time() - worked)
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"{path}: {answer.status}")
    return Answer(took, cpu, READS.made - made, body)


def turned(address: str, path: str, asked: int = ASKED) -> list[Answer]:
    """Request a page and its next pages."""
    found = []
    for _ in range(asked):
        found.append(ask(address, path))
        _, _, rest = found[-1].body.decode().partition('class="next"')
        if 'href="' not in rest:
            break
        path = rest.partition('href="')[2].partition('"')[0].replace("&amp;", "&")
    return found


class Page(NamedTuple):
    """Milliseconds of each answer of a page; median work, and the most reads and bytes."""

    times: Sequence[float]
    cpu: float
    reads: int
    size: int

    @classmethod
    def of(cls, answers: Sequence[Answer]) -> Page:
        """Return the figures of some answers."""
        return cls(
            [each.took for each in answers],
            statistics.median(each.cpu for each in answers),
            max(each.reads for each in answers),
            max(len(each.body) for each in answers),
        )

    @property
    def p95(self) -> float:
        """Return what nineteen of twenty answers take at most."""
        return statistics.quantiles(self.times, n=20)[-1] if len(self.times) > 1 else self.times[0]


def opened(asked: int = ASKED) -> Iterator[tuple[str, Page]]:
    """Fill a stack, request every page as often as this, and yield what each took."""
    with TemporaryDirectory() as home, Engine(Path(home)) as engine:
        outputs = deploy(engine.url)
        table = session().resource("dynamodb", endpoint_url=engine.url).Table(outputs["JobsTable"])
        job = fill(table, session().client("dynamodb", endpoint_url=engine.url))
        with serve(counted_ports(engine.url, outputs)) as at:
            address = at.rstrip("/")
            yield "overview, the first", Page.of([ask(address, "/")])
            for name, paths in pages(job).items():
                yield name, Page.of([ask(address, paths[n % len(paths)]) for n in range(asked)])
            for name in ("rows", "rows, refused", "rows, text"):
                yield f"{name}, turned over", Page.of(turned(address, pages(job)[name][0], asked))


def figures(asked: int = ASKED) -> Figures:
    """Return milliseconds, work, reads and kilobytes of each page; the first answer has no bar."""
    told = {}
    for name, page in opened(asked):
        kind = "first_ms" if len(page.times) == 1 else "p95_ms"
        told[f"{name}.{kind}"] = page.p95
        told[f"{name}.median_ms"] = statistics.median(page.times)
        told[f"{name}.cpu_ms"] = page.cpu
        told[f"{name}.reads"] = page.reads
        told[f"{name}.kb"] = page.size / 1000
    return told


def main() -> None:
    """Print what each page took."""
    print(f"{DAYS * JOBS_A_DAY:,} jobs and {ROWS:,} rows\n", flush=True)
    print(
        f"{'page':<22} {'median':>7} {'p95':>7} {'most':>7} {'CPU':>5} {'reads':>5} {'kB':>7}"
        f" {'asked':>5}   (ms)"
    )
    for name, page in opened():
        slow = "  too slow" if page.p95 > MOST_MS else ""
        large = "  too large" if page.size > MOST_BYTES else ""
        print(
            f"{name:<22} {statistics.median(page.times):>7.0f} {page.p95:>7.0f}"
            f" {max(page.times):>7.0f} {page.cpu:>5.0f} {page.reads:>5} {page.size / 1000:>7.1f}"
            f" {len(page.times):>5}{slow}{large}",
            flush=True,
        )


if __name__ == "__main__":
    main()
