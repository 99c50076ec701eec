"""The keys of the table, see `docs/design.md#dynamodb`. Only this module knows their format.

A key is `{"pk": ..., "sk": ...}`, as boto3 takes it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from listdrop.models import ROWS_PER_KEY, Upload

AFTER_BATCHES = "BATCH#:"
"""Sorts after every batch of a job: `:` comes after `9`."""

JOB = "JOB"
PROGRESS = "PROGRESS"
"""The sort keys of a job and of its progress; of all items of its partition, none is between."""

_BATCH = "BATCH#"
_ROW = "ROW#"


ItemKey = dict[str, str]


def job(job_id: str) -> ItemKey:
    """Return the key of a job."""
    return {"pk": job_pk(job_id), "sk": JOB}


def progress(job_id: str) -> ItemKey:
    """Return the key of a job's progress."""
    return {"pk": job_pk(job_id), "sk": PROGRESS}


def acts_pk(subject: str) -> str:
    """Return the partition key of what people did to a job, a route and so on."""
    return f"ACTS#{subject}"


def act(subject: str, at: str, mark: str) -> ItemKey:
    """Return the key of an act; `mark` tells two of one moment apart."""
    return {"pk": acts_pk(subject), "sk": f"ACT#{at}#{mark}"}


def job_pk(job_id: str) -> str:
    """Return the partition key of a job and its batches."""
    return f"JOB#{job_id}"


def batch(job_id: str, number: int) -> ItemKey:
    """Return the key of a batch."""
    return {"pk": job_pk(job_id), "sk": batch_sk(number)}


def batch_sk(number: int) -> str:
    """Return the sort key of a batch."""
    return f"{_BATCH}{number:06d}"


def batch_number(sk: str) -> int:
    """Return the number of the batch with this sort key."""
    return int(sk.removeprefix(_BATCH))


def row(job_id: str, number: int) -> ItemKey:
    """Return the key of a row of the upload, counted from 1."""
    return {"pk": row_pk(job_id, number // ROWS_PER_KEY), "sk": f"{_ROW}{number:010d}"}


def row_pk(job_id: str, part: int) -> str:
    """Return the partition key of one part of a job's rows. Part 0 has one row fewer."""
    return f"{job_pk(job_id)}#{part:04d}"


def row_pks(job_id: str, rows: int) -> Iterator[str]:
    """Yield the partition keys of all the rows of a job."""
    return (row_pk(job_id, part) for part in range(last_part(rows) + 1))


def last_part(rows: int) -> int:
    """Return the number of the last part of a job with this many rows."""
    return rows // ROWS_PER_KEY


def is_last_of_part(sk: str) -> bool:
    """Whether the row with this sort key is the last of its part."""
    return int(sk.removeprefix(_ROW)) % ROWS_PER_KEY == ROWS_PER_KEY - 1


def upload(version: Upload) -> ItemKey:
    """Return the key of an upload's submission.

    It is a hash, because an object's key can be too long for DynamoDB, and can name a person.
    """
    name = "\n".join((version.bucket, version.key, version.version_id))
    return {"pk": f"UPLOAD#{hashlib.sha256(name.encode()).hexdigest()}", "sk": "UPLOAD"}


def deliveries(version: Upload) -> ItemKey:
    """Return the key of the count of an upload's deliveries by Sweep."""
    return upload(version) | {"sk": "DELIVERIES"}


ENDED = "ENDED#"
"""How the sort keys of an upload's ended jobs begin."""


def ended(version: Upload, job_id: str) -> ItemKey:
    """Return the key of a job of an upload that has ended."""
    return upload(version) | {"sk": f"{ENDED}{job_id}"}


def staged(staged_id: str) -> ItemKey:
    """Return the key of what is decided about a staged file."""
    return {"pk": f"STAGED#{staged_id}", "sk": "STAGED"}


HELD = "HELD"
"""The partition key of the list of held jobs."""


def held(job_id: str, until: str) -> ItemKey:
    """Return the key of a held job in the list of them, by when it is refused."""
    return {"pk": HELD, "sk": f"{held_sk(until)}#{job_id}"}


def held_sk(until: str) -> str:
    """Return how the sort keys of held jobs begin that are refused at this moment."""
    return f"{HELD}#{until}"


SWEEP: ItemKey = {"pk": "SWEEP", "sk": "SWEEP"}
"""The key of the place where the last sweep stopped."""


def marks_pk(shelves: int, shelf: int) -> str:
    """Return the partition key of a shelf of marks; `shelves` is how many there are."""
    return f"MARKS#{shelves}#{shelf}"


def marks(shelves: int, shelf: int, job_id: str, part: int) -> ItemKey:
    """Return the key of a part of a shelf's marks; `job_id` is the first of an upload's jobs."""
    return {"pk": marks_pk(shelves, shelf), "sk": f"{job_id}#{part:04d}"}


def content(name: str) -> ItemKey:
    """Return the key of the claim on a content (`models.content_key`)."""
    return {"pk": f"CONTENT#{name}", "sk": "CONTENT"}


def lease(name: str) -> ItemKey:
    """Return the key of a lease on an account, or on something of it."""
    return {"pk": f"LEASE#{name}", "sk": "LEASE"}


def budget(account: str) -> ItemKey:
    """Return the key of an account's budget."""
    return {"pk": f"BUDGET#{account}", "sk": "BUDGET"}
