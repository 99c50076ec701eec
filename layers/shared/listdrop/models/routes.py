"""Routes, their destinations and their accounts."""

import codecs
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from pydantic import Field, ValidationInfo, field_validator

from listdrop.models.base import Frozen

USUAL_DEADLINE = timedelta(hours=6)
LONGEST_DEADLINE = timedelta(days=30)
LONGEST_HOLD = timedelta(days=30)
LONGEST_JOB = 2 * (LONGEST_HOLD + LONGEST_DEADLINE)
"""A job may wait for a person before it begins, and again after its sample."""
DEADLINE_ROOM = 1.5
"""As many times the least time of a plan should its deadline be: providers have slow hours."""

ROUTE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")
"""A route's name. It is part of the job id, and so of an execution name (at most 80 characters)."""


ACCOUNT_NAME = r"^[A-Za-z0-9_.-]{1,64}$"
"""The pattern of an account's name, which is part of its secret's."""


def is_text_encoding(name: str) -> bool:
    """Whether a codec is an encoding of text in which ASCII is ASCII, or UTF-16."""
    plain = "aZ09,;@\t\r\n"
    try:
        known = codecs.lookup(name).name
        return known.startswith("utf-16") or plain.encode().decode(known) == plain
    except (LookupError, UnicodeError, ValueError):
        return False


class Destination(Frozen):
    """Where a route sends its rows. Each provider has a subclass with its own options."""

    provider: str
    account: str = Field(default="default", pattern=ACCOUNT_NAME)


def part(share: float, whole: int) -> Fraction:
    """Return a share of a number as it is written: 0.29 of 100 is 29, and less in binary."""
    return Fraction(str(share)) * whole


class Hold(Frozen):
    """When a job waits for a person before anything is sent: if any of these is met.

    `above_rows`: the file has more rows. `bad_share_above`: a larger share of them cannot be sent.
    `unclear_consent`: there are columns about consent that nobody understands.
    """

    above_rows: int | None = Field(default=None, ge=0)
    bad_share_above: float | None = Field(default=None, ge=0, le=1)
    unclear_consent: bool = False


class Sample(Frozen):
    """Before the rest of a job is sent, its first `rows` must have gone well.

    If a larger share of them than `bad_share_at_most` ends bad, the rest waits for a person.
    """

    rows: int = Field(default=20, ge=1, le=1_000)
    bad_share_at_most: float = Field(default=0.1, ge=0, lt=1)


class SampleCheck(Frozen):
    """The first `batches` of a job, which must go well before the others are sent.

    `state` is `open` until their rows have outcomes, then `passed`, or `failed` if more than
    `most_bad` are bad: the others then wait for a person, for `hold_minutes`.
    """

    batches: int
    most_bad: int
    hold_minutes: int
    state: Literal["open", "passed", "failed"] = "open"


class Route(Frozen):
    """What the SSM parameter `/<stack>/routes/<route>` says, validated.

    `destinations` are the providers' own models; `columns` maps a header to a canonical field, to
    a custom field's name, or to `None` to leave it out. `unclear_consent` is what becomes of rows
    that say of consent what nobody understands. `suppression_list` is the key of a table in the
    uploads bucket. `encoding` is the codec of all uploads that do not say themselves what they are
    in. `hold` says which jobs wait for a person, and `hold_hours` for how long; `sample` has the
    first rows sent before the others. Without `deadline_minutes`, a job has six hours, or more if
    its plan needs more.
    """

    destinations: tuple[Destination, ...] = Field(min_length=1)
    columns: dict[str, str | None] = Field(default_factory=dict)
    deadline_minutes: float | None = Field(default=None, gt=0, le=43_200)
    retention_days: int = Field(default=30, ge=1, le=3_650)
    duplicate_content: Literal["skip", "send"] = "skip"
    row_items: Literal["all", "bad", "none"] = "all"
    unclear_consent: Literal["warn", "suppress"] = "warn"
    suppression_list: str | None = Field(default=None, pattern=r"^suppression/.+$", max_length=1024)

    encoding: str | None = Field(default=None, max_length=40)
    hold: Hold | None = None
    hold_hours: float = Field(default=48, gt=0, le=LONGEST_HOLD / timedelta(hours=1))
    sample: Sample | None = None

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str | None) -> str | None:
        if value is not None and not is_text_encoding(value):
            raise ValueError("must name an encoding of text, such as cp1251 or shift_jis")
        return value

    @property
    def deadline(self) -> timedelta:
        """How long a job of this route may run, before it is known what its plan needs."""
        return USUAL_DEADLINE if self.deadline_minutes is None else self._own_deadline

    @property
    def waits(self) -> timedelta:
        """How long a job may wait for a person in all: before it begins, and after its sample."""
        return ((self.hold is not None) + (self.sample is not None)) * timedelta(
            hours=self.hold_hours
        )

    @property
    def runs(self) -> int:
        """How often a job may have the time until its deadline."""
        return 1 if self.sample is None else 2

    def deadline_for(self, least: timedelta, kept_days: int = 0) -> timedelta:
        """Return how long a job may run whose plan takes at least so long.

        A deadline that the route does not name ends before the plan does, which is kept for
        `kept_days`; 0: that is not known.
        """
        if self.deadline_minutes is not None:
            return self._own_deadline
        longest = LONGEST_DEADLINE
        if kept_days:
            longest = min(longest, (timedelta(days=kept_days) - self.waits) / self.runs)
        return max(USUAL_DEADLINE, min(DEADLINE_ROOM * least, longest))

    @property
    def _own_deadline(self) -> timedelta:
        return timedelta(minutes=self.deadline_minutes or 0)


_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Account(Frozen):
    """The secret `<stack>/<provider>/<account>`. It is never logged or stored elsewhere."""

    base_url: str

    @field_validator("base_url")
    @classmethod
    def _over_tls(cls, value: str, info: ValidationInfo) -> str:
        """Require https. With `allow_loopback` in the context, allow http on a loopback host."""
        if not re.fullmatch(r"[!-\[\]-~]+", value):
            raise ValueError("must be a plain URL: scheme, host and path")
        parts = urlsplit(value)
        local = bool((info.context or {}).get("allow_loopback")) and parts.scheme == "http"
        if parts.scheme != "https" and not (local and parts.hostname in _LOOPBACK):
            raise ValueError("must be an https URL")
        if not parts.hostname or "@" in parts.netloc or parts.query or parts.fragment:
            raise ValueError("must be a plain URL: scheme, host and path")
        return value.rstrip("/")


class KeyAccount(Account):
    """An account with one API key."""

    api_key: str = Field(pattern=r"^[!-~]+$", repr=False)


class Choices(NamedTuple):
    """What an account has of one kind, and routes may name: `names` by id.

    `options` are the members of a destination that name it. `is_whole`: what is not among them does
    not exist.
    """

    kind: str
    options: tuple[str, ...]
    names: Mapping[str, str]
    is_whole: bool = True


class StoredRoute(NamedTuple):
    """A route's text as it was written, and when."""

    name: str
    text: str
    changed_at: datetime


class StoredAccount(NamedTuple):
    """An account whose secret exists, and when the secret was last changed; not its value."""

    provider: str
    name: str
    changed_at: datetime


def storable_route(text: str) -> str:
    r"""Return a route's text as a parameter takes it: the same JSON, with `\u007b{` for `{{`.

    "You can't include values wrapped in double brackets {{}}":
    https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
    Outside of strings no JSON has two opening braces side by side; two closing ones may stay, as
    they wrap nothing by themselves.
    """
    return re.sub(r"\{(?=\{)", r"\\u007b", text)


def readable_route(text: str) -> str:
    """Return a stored route's text as people wrote it."""
    return _ESCAPE.sub(lambda found: "{" if found[1] else found[0], text)


_ESCAPE = re.compile(r"\\(?:(u007b(?=\{|\\u007b))|.)")
"""Any escape of JSON, so that a backslash that is one itself begins no other."""
