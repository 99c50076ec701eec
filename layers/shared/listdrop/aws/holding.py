"""Held jobs in the table: those that wait for a person, and a list of them by time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from boto3.dynamodb.conditions import Attr, Key

from listdrop.aws import keys
from listdrop.aws.items import held_item, update_of
from listdrop.aws.jobs import DynamoJobs
from listdrop.models import Job, JobState, iso


class DynamoHeldJobs(DynamoJobs):
    """The jobs port on DynamoDB, with what is done with held jobs."""

    def hold(self, job: Job) -> None:
        """See the port."""
        if job.held_until is None:
            raise ValueError("the job is not held")
        self._table.update_item(**update_of(held_item(job, job.held_until)))

    def set_held(self, job_id: str, generation: int, **changes: Any) -> bool:
        """See the port."""
        runs = Attr("state").eq(JobState.RUNNING.value) & Attr("verdict").not_exists()
        is_ours = Attr("generation").not_exists() | Attr("generation").lt(generation)
        changes["generation"] = generation
        return self._set(job_id, changes, runs & Attr("stop_reason").not_exists() & is_ours)

    def answer(self, job_id: str, plan_hash: str, **changes: Any) -> bool:
        """See the port."""
        waits = Attr("state").eq(JobState.HELD.value) & Attr("plan_hash").eq(plan_hash)
        return self._set(job_id, changes, waits)

    def mark_hold_told(self, job_id: str, now: datetime) -> None:
        """See the port."""
        self._set(job_id, {"hold_told_at": now}, Attr("pk").exists())

    def forgotten(self, now: datetime) -> Iterator[str]:
        """See the port."""
        before = Key("pk").eq(keys.HELD) & Key("sk").lt(keys.held_sk(iso(now)))
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table.name,
            KeyConditionExpression=before,  # type: ignore[arg-type] # a resource's client takes conditions
            ConsistentRead=True,
        )
        for page in pages:
            yield from (str(item["job_id"]) for item in page["Items"])
