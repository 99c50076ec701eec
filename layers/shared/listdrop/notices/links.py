"""Addresses that e-mails lead to: pages of the dashboard, and files."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote


class Links(NamedTuple):
    """Where links lead. Both may be empty: then there are none of that kind.

    `dashboard` is the address of a dashboard that people can open, `region` the AWS region of the
    console.
    """

    region: str = ""
    dashboard: str = ""

    def job(self, job_id: str) -> str:
        """Return the address of a job's page."""
        return self._page(f"jobs/{quote(job_id)}")

    def upload(self, job_id: str) -> str:
        """Return the address of the page of a job's upload."""
        return self._page(f"uploads/{quote(job_id)}")

    def file(self, job_id: str, name: str, address: str) -> str:
        """Return where a browser gets a result file that is stored at an `s3://` address."""
        if self.dashboard:
            return self._page(f"jobs/{quote(job_id)}/files/{name}")
        if not self.region:
            return ""
        bucket, _, key = address.removeprefix("s3://").partition("/")
        console = f"https://{self.region}.console.aws.amazon.com/s3/object"
        return f"{console}/{bucket}?prefix={quote(key)}"

    def _page(self, path: str) -> str:
        return f"{self.dashboard.rstrip('/')}/{path}" if self.dashboard else ""


NO_LINKS = Links()
