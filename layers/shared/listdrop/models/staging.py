"""Files that wait in the uploads bucket until somebody has looked at them: nothing is sent yet."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from pydantic import Field

from listdrop.models.base import Frozen

STAGED = "listdrop-staged"
"""Metadata of an object in the uploads bucket: the staged file that it is a copy of."""

LARGEST_STAGED = 1 << 30
"""The most bytes of a file: what Submit takes."""


class Sent(Frozen):
    """A copy of a staged file in a route's inbox. `version_id` is empty until it is noted."""

    route: str
    key: str
    version_id: str = ""


class Staged(Frozen):
    """What is decided about a staged file: where it goes, and what its columns are.

    `who` decided it last, or sent it. `columns` is laid over the routes' own. Once it is sent,
    `sent` are the copies in `bucket`, `table` is the first table of an archive, and `mark` is of
    what was looked at.
    """

    staged_id: str
    who: str
    routes: tuple[str, ...]
    columns: dict[str, str | None] = Field(default_factory=dict)
    bucket: str = ""
    table: str = ""
    mark: str = ""
    sent: tuple[Sent, ...] = ()
    changed_at: datetime


class UploadForm(NamedTuple):
    """Where a browser posts a file to, and the fields to post before it.

    `fields` are those of a form, after which the browser is sent to another page; with
    `script_fields`, which are a script's, it is not.
    """

    url: str
    fields: Mapping[str, str]
    script_fields: Mapping[str, str]
