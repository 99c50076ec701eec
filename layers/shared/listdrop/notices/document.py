"""The notice for programs: JSON, and the message attributes for filter policies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from listdrop.costs.job_costs import cost_of_job
from listdrop.models import Group, Job, JobState, ReasonCount, iso, rows_in
from listdrop.notices.wording import shortened

SCHEMA = "listdrop.job.v1"

_UPLOAD_MEMBERS = ("bucket", "key", "version_id", "table")
_ORIGINS = ("dropped_by", "retry_of", "corrects")
_DUMPED = {"upload", "warnings", "results", *_ORIGINS}


def document(job: Job, reasons: Sequence[ReasonCount]) -> dict[str, Any]:
    """Return the notice's JSON. It has no personal data."""
    dumped = job.model_dump(mode="json", include=_DUMPED)
    upload = dumped["upload"]
    members = {
        "schema": SCHEMA,
        "job_id": job.job_id,
        "state": job.state.value,
        "route": job.route,
        "provider": job.provider,
        "account": job.account,
        # A file in an archive may have a name of 64 KB.
        "upload": {key: shortened(upload[key]) for key in _UPLOAD_MEMBERS if upload[key]},
        "counts": job.counts,
        "top_reasons": [
            reason._replace(reason=shortened(reason.reason))._asdict() for reason in reasons
        ],
        "started_at": iso(job.started_at or job.created_at),
        "finished_at": iso(job.finished_at) if job.finished_at else None,
        "warnings": [each | {"text": shortened(each["text"])} for each in dumped["warnings"]],
        "results": dumped["results"],
    }
    for name in _ORIGINS:
        if told := dumped[name]:
            members[name] = told
    if job.state is JobState.HELD and job.held_until:
        members |= {"plan": job.plan_hash, "held_until": iso(job.held_until)}
        members["reason_text"] = shortened(job.reason_text)
    if job.reason:
        members |= {"reason": job.reason, "reason_text": shortened(job.reason_text)}
    return members


def summary(job: Job, reasons: Sequence[ReasonCount]) -> dict[str, Any]:
    """Return what `summary.json` says: the notice's JSON, and what the job cost, where known."""
    cost = cost_of_job(job).members()
    return document(job, reasons) | ({"cost": cost} if cost else {})


def attributes(job: Job) -> dict[str, str | int]:
    """Return the message attributes for filter policies."""
    dropped_by = {"dropped_by": job.dropped_by} if job.dropped_by else {}  # SNS takes no empty one
    return dropped_by | {
        "kind": "job",
        "state": job.state.value,
        "provider": job.provider,
        "route": job.route,
        "rows": job.counts["rows"],
        "bad_rows": rows_in(job.counts, Group.BAD),
        "warnings": len(job.warnings),
    }


def encode(members: dict[str, Any]) -> str:
    """Return JSON text."""
    return orjson.dumps(members).decode()
