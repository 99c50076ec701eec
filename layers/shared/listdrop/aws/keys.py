"""The keys of the one table, and no more: `docs/design.md`, section 6."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from listdrop.models import (
    Upload,
)

if TYPE_CHECKING:
    pass


ROWS_PER_KEY = 10_000


def budget_key(account: str) -> dict[str, str]:
    """Return the key of an account's budget."""
    return {"pk": f"BUDGET#{account}", "sk": "BUDGET"}


def _job_key(job_id: str) -> dict[str, str]:
    return {"pk": f"JOB#{job_id}", "sk": "JOB"}


def _batch_sk(number: int) -> str:
    return f"BATCH#{number:06d}"


def _upload_key(upload: Upload) -> dict[str, str]:
    """Hashed, as a key may be of any length, and may hold a name."""
    version = "\n".join((upload.bucket, upload.key, upload.version_id))
    return {"pk": f"UPLOAD#{hashlib.sha256(version.encode()).hexdigest()}", "sk": "UPLOAD"}


def row_pk(job_id: str, part: int) -> str:
    """Return the key of some of a job's rows; part 0 has the first `ROWS_PER_KEY` - 1."""
    return f"JOB#{job_id}#{part:04d}"
