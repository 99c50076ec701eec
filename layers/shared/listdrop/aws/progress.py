"""What changes while a job runs, in its own item that no index copies.

The item of a job is in two indexes, so each write of it is three, and each as large as the job. A
turn adds to this item now and then, and not with each batch: those are what counts in the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr, Key
from botocore.exceptions import ClientError

from listdrop.aws import keys
from listdrop.aws.conflicts import Retries, raise_unless_conflict
from listdrop.aws.items import job_of, progress_item, update_of
from listdrop.aws.writing import Writes
from listdrop.models import Job, Tally, iso

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

MEMBERS = ("counts", "batches", "progressed_at")
"""Members of a job that are in its progress. The job's own item has them as they were last shown,
and once it has ended as they are."""

_ONLY_HERE = ("items_of",)
"""Members of a job that are nowhere else."""


class DynamoProgress:
    """How far jobs are, in the table."""

    def __init__(self, table: Table, retries: Retries | None = None) -> None:
        self._table = table
        self._retries = retries or Retries()
        self._writes = Writes(table, self._retries)

    def job(self, job_id: str) -> Job | None:
        """Return a job with its progress, as far as it has not ended; `None` if there is none."""
        both = Key("sk").between(keys.JOB, keys.PROGRESS)
        wanted = Key("pk").eq(keys.job_pk(job_id)) & both
        found = self._retries(
            lambda: self._table.query(KeyConditionExpression=wanted, ConsistentRead=True)
        )
        items = {str(item["sk"]): item for item in found["Items"]}
        if keys.JOB not in items:
            return None
        job = job_of(items[keys.JOB])
        if job.state.is_terminal or keys.PROGRESS not in items:
            return job
        return job_of(items[keys.JOB] | _members(items[keys.PROGRESS]))

    def shown(self, job_id: str) -> Job | None:
        """Return a job as `job` does, for somebody who looks at it.

        Of a job that has ended, most of them, this reads nothing else, and searches nothing: a
        job may have thousands of batches beside it.
        """
        found = self._table.get_item(Key=keys.job(job_id), ConsistentRead=True).get("Item")
        if found is None:
            return None
        job = job_of(found)
        return job if job.state.is_terminal else job_of({**found, **self.members(job_id)})

    def members(self, job_id: str) -> Mapping[str, Any]:
        """Return the members of a job that are in its progress, if it has any, as in its item."""
        found = self._table.get_item(Key=keys.progress(job_id), ConsistentRead=True)
        item = found.get("Item", {})
        return {name: item[name] for name in MEMBERS if name in item}

    def begin(self, job: Job) -> None:
        """Begin to count, if that is not done yet."""
        there = Attr("pk").not_exists()
        write = update_of(progress_item(job)) | {"ConditionExpression": there}
        try:
            self._retries(lambda: self._table.update_item(**write))
        except ClientError as error:
            raise_unless_conflict(error)

    def add(self, job_id: str, tally: Tally) -> None:
        """Add what a turn has come to, in one write."""
        if self._is_added(job_id, tally):
            return
        job = self.job(job_id)
        if job is None:
            raise KeyError(job_id)
        self.begin(job)  # it was planned before progress had an item
        self._is_added(job_id, tally)

    def _is_added(self, job_id: str, tally: Tally) -> bool:
        names = {"#b": "batches", "#s": "sent", "#t": "terminal", "#i": "items_of"}
        values: dict[str, Any] = {":s": tally.sent, ":t": tally.terminal}
        values[":i"] = [list(each) for each in tally.items_of]
        # "ADD can only be used on top-level attributes":
        # https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
        sets = ["#b.#s = #b.#s + :s", "#b.#t = #b.#t + :t", "#i = :i"]
        if tally.counts:
            names["#c"] = "counts"
        for index, (outcome, count) in enumerate(tally.counts.items()):
            names[f"#{index}"] = outcome
            values[f":{index}"] = count
            sets.append(f"#c.#{index} = #c.#{index} + :{index}")
        if tally.at is not None:
            names["#p"], values[":p"] = "progressed_at", iso(tally.at)
            sets.append("#p = :p")
        return self._writes.add(keys.progress(job_id), sets, names, values)


def _members(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: item[name] for name in (*MEMBERS, *_ONLY_HERE) if name in item}
