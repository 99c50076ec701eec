"""What changes with every batch of a job, in an item of its own that no index copies.

The item of a job is in two indexes, so each write of it is three, and each as large as the job.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr, Key
from botocore.exceptions import ClientError

from listdrop.aws import keys
from listdrop.aws.conflicts import raise_unless_conflict, retried
from listdrop.aws.items import job_of, progress_item, update_of
from listdrop.models import BatchItem, Job, iso

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

MEMBERS = ("counts", "batches", "progressed_at")
"""Members of a job that are in its progress. The job's own item has them as they were last shown,
and once it has ended as they are."""

_IS_THERE = "attribute_exists(pk)"


class DynamoProgress:
    """How far jobs are, in the table."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._client = table.meta.client

    def job(self, job_id: str) -> Job | None:
        """Return a job with its progress, as far as it has not ended; `None` if there is none."""
        both = Key("sk").between(keys.JOB, keys.PROGRESS)
        found = self._table.query(
            KeyConditionExpression=Key("pk").eq(keys.job_pk(job_id)) & both, ConsistentRead=True
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
        return _members(found.get("Item", {}))

    def begin(self, job: Job) -> None:
        """Begin to count, if that is not done yet."""
        there = Attr("pk").not_exists()
        write = update_of(progress_item(job)) | {"ConditionExpression": there}
        try:
            retried(lambda: self._table.update_item(**write))
        except ClientError as error:
            raise_unless_conflict(error)

    def save(self, update: Mapping[str, Any], added: Mapping[str, Any], job_id: str) -> None:
        """Write a batch, and add to its job's progress, in one transaction."""
        writes: Any = [{"Update": update}, {"Update": added}]
        try:
            retried(lambda: self._client.transact_write_items(TransactItems=writes))
        except ClientError as error:
            job = self.job(job_id) if _has_none(error) else None
            if job is None:
                raise
            self.begin(job)  # it was planned before progress had an item
            retried(lambda: self._client.transact_write_items(TransactItems=writes))

    def added(self, batch: BatchItem, counts: Mapping[str, int], sent: int) -> dict[str, Any]:
        """Return the part of a transaction that adds what a batch has come to."""
        names = {"#b": "batches", "#s": "sent", "#t": "terminal"}
        values: dict[str, Any] = {":s": sent, ":t": int(batch.terminal_at is not None)}
        parts = ["#b.#s :s", "#b.#t :t"]
        if counts:
            names["#c"] = "counts"
        for index, (outcome, count) in enumerate(counts.items()):
            names[f"#{index}"] = outcome
            values[f":{index}"] = count
            parts.append(f"#c.#{index} :{index}")
        expression = "ADD " + ", ".join(parts)
        if (moment := batch.terminal_at or batch.sent_at) is not None:
            names["#p"], values[":p"] = "progressed_at", iso(moment)
            expression += " SET #p = :p"
        return {
            "TableName": self._table.name,
            "Key": keys.progress(batch.job_id),
            "UpdateExpression": expression,
            "ConditionExpression": _IS_THERE,
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
        }


def _members(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: item[name] for name in MEMBERS if name in item}


def _has_none(error: ClientError) -> bool:
    """Whether a transaction failed only because there is no progress to add to."""
    reasons: Any = error.response.get("CancellationReasons", [])
    return [reason.get("Code") for reason in reasons] == ["None", "ConditionalCheckFailed"]
