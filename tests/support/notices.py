"""Jobs that ended in every way, for what is said about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from listdrop.models import Job, JobState, Outcome, ReasonCount, Results, Upload, no_counts
from tests.support.clock import NOW

FOLDER = "s3://listdrop-results/jobs/spring-kakiyo-0123456789abcdef"
RESULTS = Results(
    results=f"{FOLDER}/results.csv", rejects=f"{FOLDER}/rejects.csv", retry=f"{FOLDER}/retry.csv"
)


def ended(state: JobState = JobState.PARTIAL, rows: int = 0, **changes: Any) -> Job:
    """A job that has ended; outcomes by their names, the rest of the rows are confirmed."""
    counts = {outcome.value: changes.pop(outcome.value, 0) for outcome in Outcome}
    counts["confirmed"] += rows - sum(counts.values())
    job = Job(
        job_id="spring-kakiyo-0123456789abcdef",
        upload=Upload(bucket="listdrop-uploads", key="inbox/spring/fair.csv", version_id="v1"),
        route="spring",
        provider="kakiyo",
        account="default",
        destination={"provider": "kakiyo", "campaign_id": "camp_demo"},
        state=state,
        counts=no_counts() | {"rows": rows} | counts,
        created_at=NOW,
        updated_at=NOW,
        finished_at=NOW,
        deadline_at=NOW,
        expires_at=0,
        results=RESULTS,
    )
    return job.model_copy(update=changes)


def rejected(reason: str, text: str, **changes: Any) -> Job:
    return ended(JobState.REJECTED, reason=reason, reason_text=text, **changes)


class Example(NamedTuple):
    job: Job
    reasons: Sequence[ReasonCount] = ()
    retryable: int = 0
    rejected: int = 0


SAME = "Job spring-kakiyo-fedcba9876543210 had the same content for this destination."
AUTH = "Kakiyo refused the API key or the subscription."
KEY = ReasonCount("refused", "provider_auth", 100)
EXAMPLES = {
    "succeeded": Example(ended(JobState.SUCCEEDED, 1200)),
    "succeeded-with-some-left-out": Example(
        ended(JobState.SUCCEEDED, 100, existing=4, duplicate=2, suppressed=3)
    ),
    "partial": Example(
        ended(JobState.PARTIAL, 100, duplicate=2, invalid=5, refused=4, unknown=1),
        [
            ReasonCount("invalid", "missing_linkedin_url", 5),
            ReasonCount("refused", "enrichment_failed", 3),
            ReasonCount("refused", "The prospect is archived.", 1),
            ReasonCount("unknown", "lost_answer", 1),
        ],
        4,
        6,
    ),
    "failed": Example(
        ended(JobState.FAILED, 3, refused=3),
        [ReasonCount("refused", "The profile is private.", 3)],
        rejected=3,
    ),
    "expired": Example(
        ended(JobState.EXPIRED, 100, unknown=60), [ReasonCount("unknown", "deadline", 60)], 60
    ),
    "skipped": Example(
        ended(JobState.SKIPPED, 100, duplicate=100, reason="same_content", reason_text=SAME)
    ),
    "cancelled": Example(
        ended(
            JobState.CANCELLED,
            100,
            refused=60,
            reason="cancelled",
            reason_text="The job was cancelled before the row was sent.",
        ),
        [ReasonCount("refused", "cancelled", 60)],
        60,
    ),
    "rejected-empty_file": Example(rejected("empty_file", "The file is empty.")),
    "rejected-no_header": Example(rejected("no_header", "No line of the file names columns.")),
    "rejected-no_usable_column": Example(
        rejected(
            "no_usable_column",
            "Listdrop knows none of the columns. Name them in the dashboard when you drop the "
            "file, or in the route's `columns`. For every row, kakiyo needs `linkedin_url`.",
        )
    ),
    "rejected-not_text": Example(rejected("not_text", "The file is not text: it has zero bytes.")),
    "rejected-unreadable_quoting": Example(
        rejected("unreadable_quoting", "The quote in line 17 is never closed.")
    ),
    "rejected-too_big": Example(rejected("too_big", "The file has over 1,500,000 rows.")),
    "rejected-unsupported_file": Example(
        rejected("unsupported_file", "The file is a PDF, and not a table: save the list as CSV.")
    ),
    "rejected-bad_archive": Example(rejected("bad_archive", "The archive is damaged.")),
    "rejected-unknown_route": Example(
        rejected(
            "unknown_route",
            "There is no route 'sprong'.",
            route="sprong",
            provider="none",
            account="none",
            destination={},
            upload=Upload(bucket="listdrop-uploads", key="inbox/sprong/fair.csv", version_id="v1"),
        )
    ),
    "rejected-bad_route": Example(
        rejected("bad_route", "Route 'spring': destination 1 (kakiyo): unknown key 'campain'.")
    ),
    "rejected-unknown_account": Example(
        rejected(
            "unknown_account",
            "There is no secret listdrop/kakiyo/default.",
            counts=no_counts() | {"rows": 100, "refused": 100},
        ),
        [ReasonCount("refused", "unknown_account", 100)],
        100,
    ),
    "rejected-bad_account": Example(
        rejected(
            "bad_account",
            "Secret listdrop/kakiyo/default: api_key: field required.",
            counts=no_counts() | {"rows": 100, "refused": 100},
        ),
        [ReasonCount("refused", "bad_account", 100)],
        100,
    ),
    "rejected-provider_auth": Example(
        rejected("provider_auth", AUTH, counts=no_counts() | {"rows": 100, "refused": 100}),
        [KEY],
        100,
    ),
    "rejected-provider_quota": Example(
        rejected(
            "provider_quota",
            "Kakiyo says that the account has no credits left.",
            counts=no_counts() | {"rows": 100, "refused": 100},
        ),
        [ReasonCount("refused", "provider_quota", 100)],
        100,
    ),
}
