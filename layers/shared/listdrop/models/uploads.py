"""Uploads: objects in the bucket, and how they were read."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple, Self

from pydantic import Field

from listdrop.models.base import Frozen
from listdrop.models.reasons import ReasonCount
from listdrop.models.routes import Route

NO_ROUTE = "none"
"""What stands for the route of an upload whose key has none."""
MOST_OF_A_NAME = 256
"""How much is kept of the name of who dropped an upload, in characters."""


class Upload(Frozen):
    """One version of one object in the uploads bucket, or one table of it.

    `size` is in bytes. `table` is a file's name in an archive, empty if this is not an archive.
    `dropped_by` is who put the object there, as the event of S3 names them: `AWS:<id>`, followed by
    the name of the session if it is a role's. It is stored with jobs only.
    """

    bucket: str
    key: str
    version_id: str
    etag: str = ""
    size: int = 0
    sha256: str = ""
    table: str = ""
    dropped_by: str = Field(default="", exclude=True, max_length=MOST_OF_A_NAME)

    @property
    def name(self) -> str:
        """The name to show to people: the key, and the table in brackets."""
        return f"{self.key} ({self.table})" if self.table else self.key

    @property
    def route(self) -> str:
        """The route in the key `inbox/<route>/<path>`; empty if there is none."""
        parts = self.key.split("/", 2)
        return parts[1] if len(parts) == 3 and parts[0] == "inbox" and parts[2] else ""


class Place(NamedTuple):
    """The last version that was looked at in a listing of uploads, from where the next one goes on.

    Without `version_id`, all versions under the key were.
    """

    key: str
    version_id: str = ""


class NamedTable(NamedTuple):
    """The jobs that rows of a file in an archive name, and whether these are corrected."""

    table: str
    job_ids: tuple[str, ...]
    is_correction: bool


class Submission(NamedTuple):
    """The decision of an upload's first Submit. Every later Submit uses it.

    `route` is `None` if the upload is rejected; `reason` says why. `is_done`: all its jobs have
    started.
    `named` has, for each destination, the jobs whose rows the upload sends again or corrects. With
    `by_row`, each row says which job it is from, and goes to that job's destination only. Where
    that is an archive, `tables` are those of its files whose rows do.
    `dropped_by` is who sent it in the dashboard; empty if the event of S3 knows better.
    `job_ids` are the jobs of an archive's tables, once a Submit has seen these.
    """

    route: Route | None
    named: tuple[tuple[str, ...], ...] = ()
    is_correction: bool = False
    by_row: bool = False
    reason: str = ""
    reason_text: str = ""
    is_done: bool = False
    dropped_by: str = ""
    tables: tuple[NamedTable, ...] = ()
    job_ids: tuple[str, ...] = ()

    def origin(self, table: str, named: Sequence[str]) -> dict[str, str]:
        """Return what a table's job says of a job that it follows on, of those named for it."""
        is_correction = self.is_correction
        if self.tables:
            own = {each.table: each for each in self.tables}.get(table)
            named = [job_id for job_id in named if own and job_id in own.job_ids]
            is_correction = own is not None and own.is_correction
        return {"corrects" if is_correction else "retry_of": named[0]} if named else {}

    @classmethod
    def rejected(cls, reason: str, reason_text: str, *, is_done: bool = False) -> Self:
        """Return that an upload cannot be used."""
        return cls(None, reason=reason, reason_text=reason_text, is_done=is_done)


class EndedJob(NamedTuple):
    """A job of an upload that has ended. `reasons` are the most frequent of its bad rows."""

    job_id: str
    reasons: tuple[ReasonCount, ...] = ()


class Listed(NamedTuple):
    """A page of a listing of uploads; the next one begins at `place`, `None` after the last."""

    uploads: tuple[Upload, ...]
    place: Place | None


RETRY_OF = "listdrop-retry-of"
CORRECTS = "listdrop-corrects"
"""Metadata of an object in the uploads bucket: the job whose rows it sends again, or corrects."""


class Container(StrEnum):
    """What an upload's text is packed in."""

    NONE = ""
    GZIP = "gzip"
    ZIP = "zip"
    XLSX = "xlsx"


class TableInfo(Frozen):
    """How an upload was read, so that Finish reads it in the same way.

    `newline` is its line ending, `width` the number of cells in the widest row, `personal` the
    indexes of columns with personal data, `footer_rows` how many rows at its end were left out.
    """

    container: Container = Container.NONE
    encoding: str
    delimiter: str
    header_line: int
    newline: str = "\r\n"
    width: int
    personal: tuple[int, ...] = ()
    footer_rows: int = 0
