"""An upload: its destinations side by side, and what is left to do."""

from __future__ import annotations

from flask import Blueprint, render_template

from listdrop.dashboard.desk import desk
from listdrop.dashboard.grouping import upload_of
from listdrop.dashboard.jobs import FILES, job_or_404
from listdrop.models import JobState
from listdrop.notices.advice import next_steps

pages = Blueprint("uploads", __name__)
_MOST_READ = 2_000
"""Jobs of about that time that are looked through for those of the upload."""


@pages.get("/uploads/<job_id>")
def upload(job_id: str) -> str:
    """Show the upload of a job."""
    found = upload_of(desk().ports.records, job_or_404(job_id), _MOST_READ)
    to_do = [(job, steps) for job in found.jobs if (steps := next_steps(job))]
    return render_template(
        "upload.html",
        dropped=found,
        to_do=to_do,
        ended=sum(job.state.is_terminal for job in found.jobs),
        files=FILES,
        corrects=sorted({job.corrects for job in found.jobs} - {""}),
        retries=sorted({job.retry_of for job in found.jobs} - {""}),
        skipped=JobState.SKIPPED,
    )
