"""A route of the running stack, with what is dropped on it and what came of that."""

from __future__ import annotations

import csv
import io
from typing import Any

from boto3.dynamodb.conditions import Key

from local.stack import Stack
from tests.support.leaks import CANARY, CANARY_PHONE
from tests.support.waiting import PATIENCE, until

Item = dict[str, Any]

DESTINATIONS: dict[str, Item] = {
    "activecampaign": {"provider": "activecampaign", "lists": [12]},
    "kakiyo": {"provider": "kakiyo", "campaign_id": "camp_demo"},
    "saleshandy": {"provider": "saleshandy", "step_id": "stepDemo01"},
    "waalaxy": {"provider": "waalaxy", "prospect_list_id": "list-demo"},
    "which50": {"provider": "which50", "contact_list_id": 42},
}


def table_text(*rows: tuple[str, ...], header: str = "") -> bytes:
    """A CSV with these rows; without a header of their own, they are whole rows as of `person`."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    if not header:
        header = "First Name,Last Name,Email,LinkedIn URL,Phone,Notes"
        rows = tuple((*row, CANARY_PHONE, f"met {CANARY} at the fair") for row in rows)
    writer.writerow(header.split(","))
    writer.writerows(rows)
    return text.getvalue().encode()


def person(name: str, email_marker: str = "", slug_marker: str = "") -> tuple[str, str, str, str]:
    """A whole row; markers tell the simulators what to do with it."""
    email = f"{name}+{email_marker}@example.com" if email_marker else f"{name}@example.com"
    slug = f"{name}-{CANARY}--{slug_marker}" if slug_marker else f"{name}-{CANARY}"
    return (first_name(name), CANARY.title(), email, f"https://www.linkedin.com/in/{slug}")


def first_name(name: str) -> str:
    """The first name of a person, with the mark that every cell has."""
    return f"{name.title()} {CANARY.title()}"


class Route:
    """A route of its own, with simulators of its own, for one test."""

    def __init__(self, stack: Stack, name: str, simulators: dict[str, Any]) -> None:
        self.stack = stack
        self.name = name
        self.simulators = simulators
        self.table = stack.table

    def drop(self, content: bytes, file: str = "people.csv") -> str:
        """Drop a file on the route; returns its version."""
        return self.stack.drop(f"inbox/{self.name}/{file}", content)

    def jobs(self) -> list[Item]:
        """The route's jobs, by provider."""
        found = self.table.query(
            IndexName="by_route", KeyConditionExpression=Key("route").eq(self.name)
        )
        return sorted(found["Items"], key=lambda job: (job["provider"], job["created_at"]))

    def finished(self, count: int, seconds: float = PATIENCE) -> list[Item]:
        """Wait until this many jobs are terminal and notified, and return them."""
        jobs: list[Item] = []

        def are_over() -> bool:
            jobs[:] = self.jobs()
            return len(jobs) >= count and all("notified_at" in job for job in jobs)

        def states() -> str:
            return f"not over: {[(job['provider'], job['state']) for job in jobs]}"

        until(are_over, states, seconds=seconds)
        assert len(jobs) == count
        for job in jobs:
            assert_balanced(job)
        return jobs

    def rows(self, job: Item) -> list[Item]:
        """The job's row items, in order."""
        key = Key("pk").eq(f"JOB#{job['job_id']}#0000")
        return list(self.table.query(KeyConditionExpression=key)["Items"])

    def file(self, job: Item, name: str) -> list[Item]:
        """A result file's rows, as dictionaries."""
        stored = self.stack.client("s3").get_object(
            Bucket=self.stack.outputs["ResultsBucket"], Key=f"jobs/{job['job_id']}/{name}"
        )
        text = stored["Body"].read().decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text, newline="")))

    def history(self, job: Item) -> list[Item]:
        """The events of the job's execution."""
        pages = self.stack.client("stepfunctions").get_paginator("get_execution_history")
        return [
            event
            for page in pages.paginate(executionArn=job["execution_arn"])
            for event in page["events"]
        ]


def assert_balanced(job: Item) -> None:
    counts = {name: int(count) for name, count in job["counts"].items()}
    rows = counts.pop("rows")
    assert sum(counts.values()) == rows, job


def counted(job: Item) -> dict[str, int]:
    """The outcomes that occur."""
    return {name: int(count) for name, count in job["counts"].items() if count and name != "rows"}


def running(route: Route) -> Any:
    """Wait until the first of the route's job is sent and none of it is on its way; return it."""

    def found() -> Any:
        jobs = route.jobs()
        if not jobs or jobs[0]["state"] != "running" or "execution_arn" not in jobs[0]:
            return None
        key = Key("pk").eq(f"JOB#{jobs[0]['job_id']}") & Key("sk").begins_with("BATCH#")
        batches = route.table.query(KeyConditionExpression=key)["Items"]
        return jobs[0] if batches and batches[0]["state"] == "sent" else None

    return until(found, "the job was never sent")
