"""What a command cannot do without: a job, a route. Where there is none, it says so and ends."""

from __future__ import annotations

from listdrop.models import ROUTE_NAME, Job
from listdrop_cli.output import fail
from listdrop_cli.target import Target


def named_job(target: Target, job_id: str) -> Job:
    """Return a job, or end the command with a sentence."""
    try:
        return target.records().job(job_id)
    except KeyError:
        fail(f"There is no job {job_id}.")


def ended_job(target: Target, job_id: str) -> Job:
    """Return a job that has its files, or end the command with a sentence."""
    job = named_job(target, job_id)
    if not job.state.is_terminal or job.results is None:
        fail(f"Job {job_id} has not ended: it is {job.state.value}, {job.percent} % of its rows.")
    return job


def route_text(target: Target, name: str) -> str:
    """Return a route as it was written, or end the command with a sentence."""
    if not ROUTE_NAME.fullmatch(name):
        fail(f"{name!r} is not a valid route name.")
    client = target.client("ssm")
    try:
        found = client.get_parameter(Name=f"/{target.stack}/routes/{name}")
    except client.exceptions.ParameterNotFound:
        fail(
            f"There is no route {name}: see `listdrop route list`, or create it with "
            "`listdrop route put`."
        )
    return str(found["Parameter"]["Value"])
