"""Where a file on this machine would go, were it dropped on a route: decided as Submit does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from listdrop.errors import UploadRejectedError
from listdrop.jobs.deciding import decide
from listdrop.models import Route, Staged, Submission, Upload
from listdrop.ports import OpenJobs
from listdrop_cli.files import chunks
from listdrop_cli.target import Target


def decided(file: Path, name: str, route: Route, target: Target) -> Submission:
    """Return what Submit would decide about a file. Raises `UploadRejectedError`.

    Earlier jobs and their uploads are asked about only where rows name them.
    """
    upload = Upload(bucket="", key=f"inbox/{name}/{file.name}", version_id="")
    found = decide(upload, _Ports(file, route, target))
    if found.route is None:
        raise UploadRejectedError(found.reason, found.reason_text)
    return found


class _Ports:
    """What is looked at to decide: the file, its route, and the jobs that its rows name."""

    def __init__(self, file: Path, route: Route, target: Target) -> None:
        self._file = file
        self._route = route
        self._target = target

    @property
    def uploads(self) -> _Ports:
        """The file as an upload."""
        return self

    @property
    def routes(self) -> _Ports:
        """The route."""
        return self

    @property
    def staged(self) -> _Staged:
        """What was decided in the dashboard."""
        return _Staged(self._target)

    @property
    def jobs(self) -> OpenJobs:
        """Jobs."""
        return self._target.jobs()

    def read(self, upload: Upload) -> Iterator[bytes]:
        """See the port of uploads."""
        del upload
        return iter(chunks(self._file))

    def metadata(self, upload: Upload) -> Mapping[str, str]:
        """See the port of uploads. The file itself says nothing; an earlier upload may."""
        from listdrop.aws.s3 import S3Uploads

        if not upload.version_id:
            return {}
        return S3Uploads(self._target.client("s3")).metadata(upload)

    def get(self, name: str) -> Route:
        """See the port of routes."""
        del name
        return self._route


class _Staged(NamedTuple):
    """The staged files port, which reaches the stack only when it is asked."""

    target: Target

    def staged(self, staged_id: str) -> Staged | None:
        """See the port."""
        from listdrop.aws.staging import DynamoStagedFiles

        return DynamoStagedFiles(self.target.table()).staged(staged_id)
