"""Jobs, their batches, and claims on content, in the table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr, Key
from botocore.exceptions import ClientError

from listdrop.aws import keys
from listdrop.aws.conflicts import Retries, raise_unless_conflict
from listdrop.aws.items import batch_item, batch_of, claim_item, job_item, members_of, value_of
from listdrop.aws.marks import DynamoMarks
from listdrop.aws.progress import MEMBERS, DynamoProgress
from listdrop.aws.writing import Writes
from listdrop.errors import ClaimLostError
from listdrop.models import BatchItem, Job, JobState, Marks, Session, Tally, iso
from listdrop.models.jobs import DECIDED_MEMBERS, FINISHED_MEMBERS, PLANNED_MEMBERS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

_OPEN_STATES = (JobState.PENDING.value, JobState.RUNNING.value)
PAGES = (64, 128, 256, 512, 1024)
"""How many batches are read at once: what is read is paid for, even if nobody looks at it."""
_UNDECIDED = Attr("state").is_in(list(_OPEN_STATES)) & Attr("decided_at").not_exists()


class DynamoJobs:
    """The jobs port on DynamoDB. Writes are idempotent, and conditional where calls may race.

    One class, despite its length: it is one port, and each method is one write or one read.
    """

    def __init__(self, table: Table, retries: Retries | None = None) -> None:
        self._table = table
        self._client = table.meta.client
        self._writes = Writes(table, retries)
        self._progress = DynamoProgress(table, retries)

    # ------------------------------------------------------------------ jobs

    def begin(self, job: Job, lease_until: datetime) -> Job | None:
        """See the port. Of concurrent Submits, the conditional writes let only one plan the job.

        This is the only write of a whole job item: every later one has just its own members.
        """
        item = job_item(job) | {"planning_until": iso(lease_until)}
        if self._writes.put(item, Attr("pk").not_exists()):
            return None
        unplanned = Attr("planned_at").not_exists() & Attr("planning_until").lt(iso(job.updated_at))
        again = {name: getattr(job, name) for name in ("updated_at", "deadline_at", "expires_at")}
        if self._set(job.job_id, again | {"planning_until": lease_until}, unplanned):
            return None
        return self.get(job.job_id)

    def get(self, job_id: str) -> Job:
        """See the port."""
        found = self._progress.job(job_id)
        if found is None:
            raise KeyError(job_id)
        return found

    def claim_content(self, content: str, job: Job) -> str:
        """See the port. The claim expires together with the job."""
        try:
            self._table.put_item(
                Item=claim_item(content, job), ConditionExpression=Attr("pk").not_exists()
            )
        except ClientError as error:
            raise_unless_conflict(error)
            found = self._table.get_item(Key=keys.content(content), ConsistentRead=True).get("Item")
            return str(found["job_id"]) if found else self.claim_content(content, job)
        return job.job_id

    def take_over_content(self, content: str, job: Job, from_job_id: str) -> bool:
        """See the port."""
        return self._writes.put(claim_item(content, job), Attr("job_id").eq(from_job_id))

    def save_marks(self, jobs: Sequence[Job], marks: Marks) -> None:
        """See the port."""
        DynamoMarks(self._table).save(jobs, marks)

    def save_plan(self, job: Job, batches: Iterable[BatchItem]) -> None:
        """See the port. The job is stored last, so a job with `planned_at` has all its batches."""
        last = 0
        with self._table.batch_writer() as writer:
            for batch in batches:
                writer.put_item(Item=batch_item(batch, job))
                last = batch.number
            # A Submit that died may have stored more batches.
            for left in self.batches(job.job_id, last + 1):
                writer.delete_item(Key=keys.batch(job.job_id, left.number))
        if last:
            self._progress.begin(job)
        changes = {name: getattr(job, name) for name in PLANNED_MEMBERS}
        # Where the condition fails, another Submit stored it first: the same plan.
        self._set(job.job_id, changes, Attr("planned_at").not_exists() & Attr("pk").exists())

    def update(self, job_id: str, **changes: Any) -> None:
        """See the port."""
        self._set(job_id, changes, Attr("state").is_in(list(_OPEN_STATES)))

    def show(self, job: Job, **changes: Any) -> None:
        """See the port."""
        self.update(job.job_id, **changes, **{name: getattr(job, name) for name in MEMBERS})

    def tell(self, job_id: str, tally: Tally) -> None:
        """See the port."""
        self._progress.add(job_id, tally)

    def stop(self, job_id: str, reason: str, text: str) -> Job:
        """See the port."""
        first = _UNDECIDED & Attr("stop_reason").not_exists()
        self._set(job_id, {"stop_reason": reason, "stop_text": text}, first)
        return self.get(job_id)

    def save_session(self, job: Job, session: Session | None) -> Job:
        """See the port."""
        changes = {"session": session, "version": job.version + 1}
        if not self._set(job.job_id, changes, _UNDECIDED & Attr("version").eq(job.version)):
            raise ClaimLostError("another call changed the session")
        return job.model_copy(update=changes)

    def decide(self, job: Job) -> Job:
        """See the port."""
        changes = {name: getattr(job, name) for name in DECIDED_MEMBERS}
        stopped = Attr("stop_reason")
        seen = stopped.eq(job.stop_reason) if job.stop_reason else stopped.not_exists()
        self._set(job.job_id, changes, _UNDECIDED & seen)
        return self.get(job.job_id)

    def finish(self, job: Job) -> bool:
        """See the port. What was told of the batches is in the job's item from now on."""
        changes = {name: getattr(job, name) for name in FINISHED_MEMBERS}
        changes = {**self._progress.members(job.job_id), **changes}
        return self._set(job.job_id, changes, Attr("state").is_in(list(_OPEN_STATES)))

    def mark_notified(self, job_id: str, now: datetime) -> None:
        """See the port."""
        self._set(job_id, {"notified_at": now}, Attr("pk").exists())

    def _set(self, job_id: str, changes: Mapping[str, Any], condition: Any) -> bool:
        written = {name: value_of(name, value) for name, value in changes.items()}
        return self._writes.change(keys.job(job_id), written, condition)

    # ------------------------------------------------------------------ batches

    def batches(self, job_id: str, first: int = 1) -> Iterator[BatchItem]:
        """See the port. The first pages are short, because a turn hardly ever reads on."""
        numbers = Key("sk").between(keys.batch_sk(first), keys.AFTER_BATCHES)
        wanted: dict[str, Any] = {
            "KeyConditionExpression": Key("pk").eq(keys.job_pk(job_id)) & numbers,
            "ConsistentRead": True,
        }
        for limit in chain(PAGES, repeat(PAGES[-1])):
            page = self._table.query(**wanted, Limit=limit)
            for item in page["Items"]:
                yield batch_of(job_id, item)
            if "LastEvaluatedKey" not in page:
                return
            wanted["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def save_batch(self, batch: BatchItem) -> BatchItem:
        """See the port."""
        saved = batch.model_copy(update={"version": batch.version + 1})
        members = {**dict.fromkeys(BatchItem.model_fields), **members_of(saved)}
        changes = {name: members[name] for name in members if name not in ("job_id", "number")}
        key, is_same = keys.batch(batch.job_id, batch.number), Attr("version").eq(batch.version)
        if not self._writes.change(key, changes, is_same):
            raise ClaimLostError("another call changed the batch")
        return saved
