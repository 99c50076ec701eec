"""Files that wait until somebody has looked at them, and what is decided about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Protocol

from listdrop.models import Staged, Upload, UploadForm


class StagedFiles(Protocol):
    """What is decided about staged files. It is forgotten some time after that."""

    def staged(self, staged_id: str) -> Staged | None:
        """Return what is decided about a staged file; `None` if nothing is, or no longer."""
        ...


class Staging(StagedFiles, Protocol):
    """The part of the uploads bucket from which nothing is sent, and what is decided about it."""

    def form(self, staged_id: str, then: str) -> UploadForm:
        """Return how a browser posts a file there, soon; `then` is the page after that."""
        ...

    def file(self, staged_id: str) -> Upload | None:
        """Return the file that was posted last; `None` if none was, or it is gone."""
        ...

    def read(self, upload: Upload) -> Iterator[bytes]:
        """Yield the bytes of exactly this version. Raises `UploadRejectedError` if it is gone."""
        ...

    def read_part(self, upload: Upload, start: int, size: int) -> bytes:
        """Return bytes of exactly this version. Raises `UploadRejectedError` if it is gone."""
        ...

    def read_list(self, bucket: str, key: str) -> Iterator[bytes]:
        """Yield the bytes of a suppression list as it is now. See `Uploads`."""
        ...

    def metadata(self, upload: Upload) -> Mapping[str, str]:
        """Return what an upload in the inbox says about itself; nothing if it is gone."""
        ...

    def keep(self, staged: Staged) -> bool:
        """Remember what is decided; false, and nothing is, if somebody has sent the file."""
        ...

    def keep_sent(self, staged: Staged) -> None:
        """Remember what is sent of a file by who has sent it."""
        ...

    def take_over(self, staged: Staged, since: datetime) -> bool:
        """Remember what is sent of a file if that was changed last then; false if it was later."""
        ...

    def copy(self, upload: Upload, staged_id: str, key: str) -> str:
        """Copy exactly this version to a key, with `STAGED`; returns the version it becomes."""
        ...

    def copied(self, staged: Staged, key: str) -> str:
        """Return the version of a copy that was made since `changed_at`; empty if none was."""
        ...

    def holder(self, content: str) -> str:
        """Return the id of the job that has claimed a content; empty if none has."""
        ...
