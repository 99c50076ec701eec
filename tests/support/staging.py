"""Staged files in memory, and a server that takes them as S3 takes forms."""

from __future__ import annotations

import itertools
import socket
import struct
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from listdrop.models import STAGED, Staged, Upload, UploadForm
from tests.support.clock import NOW
from tests.support.files import MemoryUploads


class MemoryStaging:
    """The staging port. What is sent becomes an upload, and is told to `submit`."""

    def __init__(
        self, uploads: MemoryUploads | None = None, url: str = "https://uploads.s3.example/"
    ) -> None:
        self.uploads = uploads or MemoryUploads()
        self.url = url
        self.decided: dict[str, Staged] = {}
        self.claims: dict[str, str] = {}
        self.submit: Callable[[Upload], object] = lambda _: None
        self.taken_before_it_breaks = 0
        """How many bytes of a form the served bucket takes before the connection is lost."""
        self.parts: list[int] = []
        """How many bytes were read at a time, where a file lies."""
        self._posted: dict[str, Upload] = {}
        self._numbers = itertools.count(1)

    def post(self, staged_id: str, name: str, content: bytes) -> Upload:
        """Put a file there, as a browser does."""
        upload = Upload(
            bucket="uploads",
            key=f"staged/{staged_id}/{name}",
            version_id=f"s{next(self._numbers)}",
            size=len(content),
        )
        self.uploads.keep(upload, content, NOW, {})
        self._posted[staged_id] = upload
        return upload

    def staged(self, staged_id: str) -> Staged | None:
        """See the port."""
        return self.decided.get(staged_id)

    def form(self, staged_id: str, then: str) -> UploadForm:
        """See the port."""
        key = {"key": f"staged/{staged_id}/${{filename}}"}
        fields = key | {"success_action_redirect": then}
        return UploadForm(self.url, fields, key | {"success_action_status": "201"})

    def file(self, staged_id: str) -> Upload | None:
        """See the port."""
        found = self._posted.get(staged_id)
        return found if found and (found.key, found.version_id) in self.uploads.contents else None

    def read(self, upload: Upload) -> Iterator[bytes]:
        """See the port."""
        return self.uploads.read(upload)

    def read_part(self, upload: Upload, start: int, size: int) -> bytes:
        """See the port."""
        found = b"".join(self.read(upload))[start : start + size]
        self.parts.append(len(found))
        return found

    def read_list(self, bucket: str, key: str) -> Iterator[bytes]:
        """See the port."""
        return self.uploads.read_list(bucket, key)

    def metadata(self, upload: Upload) -> Mapping[str, str]:
        """See the port."""
        return self.uploads.metadata(upload)

    def keep(self, staged: Staged) -> bool:
        """See the port."""
        kept = self.decided.get(staged.staged_id)
        if kept and kept.sent:
            return False
        self.decided[staged.staged_id] = staged
        return True

    def keep_sent(self, staged: Staged) -> None:
        """See the port."""
        self.decided[staged.staged_id] = staged

    def take_over(self, staged: Staged, since: datetime) -> bool:
        """See the port."""
        if self.decided[staged.staged_id].changed_at != since:
            return False
        self.keep_sent(staged)
        return True

    def copy(self, upload: Upload, staged_id: str, key: str) -> str:
        """See the port."""
        content = b"".join(self.read(upload))
        copied = upload.model_copy(
            update={"key": key, "version_id": f"c{next(self._numbers)}", "dropped_by": "AWS:role"}
        )
        self.uploads.keep(copied, content, NOW, {STAGED: staged_id})
        self.submit(copied)
        return copied.version_id

    def copied(self, staged: Staged, key: str) -> str:
        """See the port."""
        for name, version in self.uploads.contents:
            found = Upload(bucket="uploads", key=name, version_id=version)
            if name == key and self.metadata(found).get(STAGED) == staged.staged_id:
                return version
        return ""

    def holder(self, content: str) -> str:
        """See the port."""
        return self.claims.get(content, "")


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing."""


@contextmanager
def served_bucket(staging: MemoryStaging) -> Iterator[str]:
    """Take forms as S3 does, on the loopback address; the staging's forms are posted there."""

    def take(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        request = Request(environ)
        if request.method == "OPTIONS":
            return Response(headers=_CORS)(environ, start)
        if staging.taken_before_it_breaks:
            request.stream.read(staging.taken_before_it_breaks)
            reset = struct.pack("ii", 1, 0)  # what has not arrived is lost, and the browser told
            environ["werkzeug.socket"].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
            environ["werkzeug.socket"].close()
            raise ConnectionAbortedError
        with request:
            posted = request.files["file"]
            _, staged_id, _ = request.form["key"].split("/", 2)
            staging.post(staged_id, posted.filename or "", posted.read())
        then = request.form.get("success_action_redirect")
        headers = {"Location": then} if then else _CORS
        return Response(status=303 if then else 201, headers=headers)(environ, start)

    server = make_server("127.0.0.1", 0, take, threaded=True, request_handler=_Quiet)
    running = threading.Thread(target=server.serve_forever, daemon=True)
    running.start()
    staging.url = f"http://127.0.0.1:{server.server_port}/uploads"
    try:
        yield staging.url
    finally:
        server.shutdown()
        running.join()
        server.server_close()


_CORS = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": "POST"}
