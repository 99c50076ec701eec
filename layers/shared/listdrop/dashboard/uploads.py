"""An upload: its destinations side by side, and what is left to do."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from listdrop.dashboard.acting import acts_on, may_act
from listdrop.dashboard.desk import desk
from listdrop.dashboard.grouping import destination_of, left_to_do, upload_of
from listdrop.dashboard.jobs import FILES, MOST_BESIDE, job_or_404
from listdrop.models import JobState
from listdrop.notices import advice

pages = Blueprint("uploads", __name__)
_WITH_ACTS = 30
"""Of how many jobs a page shows who did what: each takes a query."""


@pages.get("/uploads/<job_id>")
def upload(job_id: str) -> str:
    """Show the upload of a job."""
    found = upload_of(desk().ports.records, job_or_404(job_id), MOST_BESIDE)
    left = left_to_do(desk().ports.records, found.jobs, MOST_BESIDE)
    to_do = [each for each in advice.to_do(left) if each.why or each.steps]
    first = _first_with_acts()
    shown = found.jobs[first : first + _WITH_ACTS]
    acts = [act for job in shown for act in acts_on(f"JOB#{job.job_id}")]
    return render_template(
        "upload.html",
        acts=sorted(acts, key=lambda act: act.at),
        first_with_acts=first,
        next_with_acts=first + _WITH_ACTS,
        more_with_acts=len(found.jobs) - first - _WITH_ACTS if may_act() else 0,
        act_of={f"JOB#{job.job_id}": destination_of(job) for job in found.jobs},
        dropped=found,
        to_do=to_do,
        warned=advice.warned(found.jobs),
        ended=sum(job.state.is_terminal for job in found.jobs),
        files=FILES,
        corrects=sorted({job.corrects for job in found.jobs} - {""}),
        retries=sorted({job.retry_of for job in found.jobs} - {""}),
        skipped=JobState.SKIPPED,
    )


def _first_with_acts() -> int:
    text = request.args.get("acts", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
