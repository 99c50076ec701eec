"""What a command cannot do without: a job, a route. Where there is none, it says so and ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from botocore.exceptions import ClientError

from listdrop.errors import UploadRejectedError
from listdrop.jobs.again import destination_of
from listdrop.models import ROUTE_NAME, Destination, Job, Route, readable_route
from listdrop.providers.routing import parse_route
from listdrop_cli.output import fail
from listdrop_cli.target import Target

_LAST_JOBS = 100
"""Of a route, how many are looked through for those that have not ended."""


class UsableRoute(NamedTuple):
    """A route's name, and where it sends."""

    name: str
    destinations: Sequence[Destination]


def missing_list(target: Target, route: Route) -> str:
    """Say that a route's suppression list is not there; empty if it is, or has none."""
    key = route.suppression_list
    if key is None:
        return ""
    bucket = target.outputs["UploadsBucket"]
    try:
        target.client("s3").head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] in _NOT_THERE:
            return (
                f"Its suppression list is not there, so every file is rejected: copy it to "
                f"s3://{bucket}/{key}, or correct `suppression_list`."
            )
    return ""


_NOT_THERE = ("404", "NoSuchKey")


def named_job(target: Target, job_id: str) -> Job:
    """Return a job, or end the command with a sentence."""
    found = find_job(target, job_id)
    if found is None:
        fail(f"There is no job {job_id}.")
    return found


def find_job(target: Target, job_id: str) -> Job | None:
    """Return a job; `None` if there is none."""
    try:
        return target.records().job(job_id)
    except KeyError:
        return None


def destination_now(target: Target, job: Job, route: Route) -> Destination:
    """Return where rows of a job go that are sent again, or end the command with a sentence."""
    try:
        return destination_of(job, route, target.records().job)
    except UploadRejectedError as error:
        fail(error.text)


def ended_job(target: Target, job_id: str) -> Job:
    """Return a job that has its files, or end the command with a sentence."""
    job = named_job(target, job_id)
    if not job.state.is_terminal or job.results is None:
        fail(f"Job {job_id} has not ended: it is {job.state.value} ({job.percent} %).")
    return job


def route_text(target: Target, name: str) -> str:
    """Return a route as it was written, or end the command with a sentence."""
    if not ROUTE_NAME.fullmatch(name):
        fail(f"{name!r} is not a valid route name.")
    client = target.client("ssm")
    try:
        found = client.get_parameter(Name=f"/{target.stack}/routes/{name}", WithDecryption=True)
    except client.exceptions.ParameterNotFound:
        fail(
            f"There is no route {name}: see `listdrop route list`, or create it with "
            "`listdrop route put`."
        )
    return readable_route(found["Parameter"]["Value"])


def usable_routes(target: Target) -> list[UsableRoute]:
    """Return the routes of the stack by name, without those that nothing can be sent by."""
    folder = f"/{target.stack}/routes/"
    pages = target.client("ssm").get_paginator("get_parameters_by_path").paginate(Path=folder)
    found = []
    for each in pages.search("Parameters[]"):
        name = each["Name"].removeprefix(folder)
        try:
            found.append(UsableRoute(name, parse_route(name, each["Value"]).destinations))
        except UploadRejectedError:
            continue
    return sorted(found)


def open_jobs(target: Target, route: str) -> list[Job]:
    """Return the jobs among a route's last ones that have not ended."""
    found = target.records().jobs_of_route(route, limit=_LAST_JOBS).items
    return [job for job in found if not job.state.is_terminal]
