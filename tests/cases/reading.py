"""Reads a case as Submit would: every row, what it says of its person, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from listdrop.errors import UploadRejectedError
from listdrop.models import Destination, Json, KeyAccount, Prospect, Route
from listdrop.plans.blocks import decode_rows
from listdrop.plans.planning import plan_upload
from listdrop.providers.base import (
    AfterCrash,
    Batch,
    Handle,
    Limits,
    Pace,
    PollAnswer,
    Provider,
    Rates,
    SendAnswer,
)
from listdrop.providers.http import HttpClient
from listdrop.providers.preparing import required_email, required_profile
from listdrop.tables.naming import is_archive
from listdrop.tables.unpacking import receive, tables

FILES = Path(__file__).parent / "files"


class Anybody(Provider[Destination, KeyAccount]):
    """Takes every row that has what it goes `by`, with all that is known of its person."""

    name = "anybody"
    destination_model = Destination
    account_model = KeyAccount
    limits = Limits(rows=1000, bytes=1 << 30)
    pace = Pace(first=1, shortest=1, longest=1)
    rates = Rates(send_gap=1, poll_gap=1)

    def __init__(self, by: str = "any") -> None:
        super().__init__(Destination(provider="anybody"))
        self.by = by

    @property
    def after_crash(self) -> AfterCrash:
        """See the provider."""
        return AfterCrash.GIVE_UP

    @property
    def needs(self) -> Sequence[str]:
        """Whatever rows go by."""
        return {"email": ("email",), "linkedin": ("linkedin_url",)}.get(
            self.by, ("email", "linkedin_url")
        )

    def prepare(self, prospect: Prospect) -> tuple[str, Json]:
        """Prefer the address, unless rows go by their profile."""
        payload: Json = {**prospect.fields, "custom": dict(prospect.custom)}
        if prospect.email:
            payload["email"] = prospect.email
        if self.by == "email" or (self.by == "any" and prospect.email != ""):
            return required_email(prospect).lower(), payload
        slug = required_profile(prospect)
        return slug.lower(), payload | {"slug": slug}

    def send(self, http: HttpClient, account: KeyAccount, batch: Batch) -> SendAnswer:
        """Never called."""
        raise NotImplementedError

    def poll(self, http: HttpClient, account: KeyAccount, handle: Handle) -> PollAnswer:
        """Never called."""
        raise NotImplementedError


@dataclass
class Read:
    """What became of a file. Rows are counted from 1; of several tables, through all of them."""

    rejected: str = ""
    text: str = ""
    sent: dict[int, dict[str, Any]] = field(default_factory=dict)
    settled: dict[int, tuple[str, str]] = field(default_factory=dict)
    """Outcome and reason of the rows that are not sent."""
    warnings: dict[int, str] = field(default_factory=dict)
    alarms: set[str] = field(default_factory=set)
    """Warnings of the job."""

    @property
    def addresses(self) -> list[str]:
        """Return the addresses of the people who are sent, in order."""
        return [row["email"] for row in self.sent.values()]


def read_case(
    content: bytes,
    name: str,
    *,
    by: str = "any",
    route: Mapping[str, Any] | None = None,
    suppression: bytes | None = None,
) -> Read:
    """Plan a file for one destination."""
    settings = Route(destinations=(Destination(provider="anybody"),), **(route or {}))
    found = Read()
    try:
        with ExitStack() as files:
            package = receive([content], name)
            files.callback(package.file.close)
            for table in tables(package) if is_archive(name) else [""]:
                planned = plan_upload(
                    package,
                    name,
                    settings,
                    [("job", Anybody(by))],
                    files,
                    table=table,
                    suppression=None if suppression is None else lambda: [suppression],
                )
                found.alarms |= {warning.code for warning in planned.warnings}
                plan = planned.plans[0]
                if isinstance(plan, UploadRejectedError):
                    raise plan
                plan.file.seek(0)
                for line in plan.file:
                    for row in decode_rows(line):
                        number = row.row
                        if row.result:
                            result = row.result
                            found.settled[number] = (result.outcome.value, result.reason)
                        else:
                            found.sent[number] = orjson.loads(orjson.dumps(row.payload))
                        if row.warning:
                            found.warnings[number] = row.warning
    except UploadRejectedError as error:
        return Read(rejected=error.reason, text=error.text)
    return found
