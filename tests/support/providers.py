"""A provider that follows a script, and the providers port that knows it."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal

from listdrop.models import Destination, Json, KeyAccount, Outcome, Prospect, RowResult
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
    compact,
)
from listdrop.providers.http import HttpClient
from listdrop.providers.preparing import required_email, required_profile
from tests.support.clock import ManualClock

SendStep = SendAnswer | BaseException | Callable[[Batch], SendAnswer]
PollStep = PollAnswer | BaseException | Callable[[Handle], PollAnswer]
JsonStep = Json | None | BaseException


@dataclass(frozen=True)
class Asked:
    """One request that reached the scripted provider."""

    kind: Literal["open", "send", "commit", "look_up", "poll"]
    at: datetime
    key: str
    batch: Batch | None = None
    handle: Handle | None = None

    @property
    def rows(self) -> list[int]:
        """Numbers of the rows in the request."""
        return [row.row for row in self.batch.rows] if self.batch else []


def accepted(batch: Batch) -> SendAnswer:
    """Take every row, and name each."""
    return SendAnswer(results={row.row: RowResult(Outcome.CONFIRMED) for row in batch.rows})


def received(batch: Batch) -> SendAnswer:
    """Take every row, and hand out a receipt."""
    return SendAnswer(handle={"first": batch.rows[0].row})


def all_good(handle: Handle) -> PollAnswer:
    """Everything got in."""
    del handle
    return PollAnswer(is_terminal=True, rest=RowResult(Outcome.ACCEPTED), raw_status="finished")


WORKING = PollAnswer(raw_status="working")
"""The provider has not finished yet."""


@dataclass
class Script:
    """What the provider does, in order; when a list is used up, what it does from then on."""

    clock: ManualClock = field(default_factory=ManualClock)
    sends: list[SendStep] = field(default_factory=list)
    polls: list[PollStep] = field(default_factory=list)
    opens: list[JsonStep] = field(default_factory=list)
    commits: list[JsonStep] = field(default_factory=list)
    look_ups: list[JsonStep] = field(default_factory=list)
    then_send: SendStep = accepted
    then_poll: PollStep = all_good
    seconds: float = 0
    """How long each request takes."""
    asked: list[Asked] = field(default_factory=list)
    used: list[Set[str] | None] = field(default_factory=list)
    """What each call of `open` was told."""

    def take(self, kind: Literal["open", "commit", "look_up"], account: KeyAccount) -> JsonStep:
        """Record a request and return what it answers."""
        steps = {"open": self.opens, "commit": self.commits, "look_up": self.look_ups}[kind]
        self.record(Asked(kind, self.clock.now(), account.api_key))
        step: JsonStep = steps.pop(0) if steps else {"kind": kind}
        if isinstance(step, BaseException):
            raise step
        return step

    def record(self, asked: Asked) -> None:
        """Remember a request; it takes its time."""
        self.asked.append(asked)
        self.clock.advance(self.seconds)

    def of(self, kind: str) -> list[Asked]:
        """Return the requests of one kind."""
        return [asked for asked in self.asked if asked.kind == kind]

    @property
    def sent_rows(self) -> Counter[int]:
        """How often each row was in a request."""
        return Counter(row for asked in self.of("send") for row in asked.rows)


class ToyDestination(Destination):
    """Where a toy provider's rows go."""

    list_id: int = 1


class ToyProvider(Provider[ToyDestination, KeyAccount]):
    """Upserts by e-mail address, and does what its script says."""

    name = "toy"
    destination_model = ToyDestination
    account_model = KeyAccount
    limits = Limits(rows=3, bytes=100_000)
    pace = Pace(first=10, shortest=5, longest=60)
    rates = Rates(send_gap=1, poll_gap=0.5)
    rule: ClassVar[AfterCrash] = AfterCrash.GIVE_UP

    def __init__(self, destination: ToyDestination, script: Script | None = None) -> None:
        super().__init__(destination)
        self.script = script or Script()

    @property
    def after_crash(self) -> AfterCrash:
        """See the provider."""
        return self.rule

    def prepare(self, prospect: Prospect) -> tuple[str, Json]:
        """See the provider."""
        email = required_email(prospect)
        name = prospect.fields.get("first_name", "")
        payload = compact({"email": email, "name": name, **prospect.custom})
        return email.lower(), payload

    def open(
        self, http: HttpClient, account: KeyAccount, used: Set[str] | None = None
    ) -> Json | None:
        """See the provider."""
        del http
        self.script.used.append(used)
        return self.script.take("open", account)  # type: ignore[return-value] # never an error

    def send(self, http: HttpClient, account: KeyAccount, batch: Batch) -> SendAnswer:
        """See the provider."""
        del http
        script = self.script
        script.record(Asked("send", script.clock.now(), account.api_key, batch=batch))
        step = script.sends.pop(0) if script.sends else script.then_send
        if isinstance(step, BaseException):
            raise step
        return step if isinstance(step, SendAnswer) else step(batch)

    def commit(self, http: HttpClient, account: KeyAccount, session: Json) -> Json:
        """See the provider."""
        del http, session
        return self.script.take("commit", account)  # type: ignore[return-value] # never an error

    def look_up(self, http: HttpClient, account: KeyAccount, session: Json) -> Json | None:
        """See the provider."""
        del http, session
        return self.script.take("look_up", account)  # type: ignore[return-value] # never an error

    def poll(self, http: HttpClient, account: KeyAccount, handle: Handle) -> PollAnswer:
        """See the provider."""
        del http
        script = self.script
        script.record(Asked("poll", script.clock.now(), account.api_key, handle=handle))
        step = script.polls.pop(0) if script.polls else script.then_poll
        if isinstance(step, BaseException):
            raise step
        return step if isinstance(step, PollAnswer) else step(handle)


class SlowProvider(ToyProvider):
    """Takes a request every four hours."""

    rates = Rates(send_gap=4 * 3600, poll_gap=1)


class Bulk(ToyProvider):
    """Takes 5,000 rows in a request."""

    limits = Limits(rows=5_000, bytes=10_000_000)


class ByProfile(ToyProvider):
    """Upserts by profile."""

    needs = ("linkedin_url",)

    def prepare(self, prospect: Prospect) -> tuple[str, Json]:
        return required_profile(prospect), {"url": prospect.fields["linkedin_url"]}


class ResendingProvider(ToyProvider):
    """Upserts, so that a request of unclear fate may be sent again."""

    rule = AfterCrash.RESEND


class LoadingProvider(ToyProvider):
    """Loads batches into an import of its own, and starts it when all are there."""

    rule = AfterCrash.LOOK_UP
    needs_open = True
    commits = True


class CarefulLoadingProvider(LoadingProvider):
    """Shows for certain whether an import has started, so that it may be started again."""

    @property
    def may_commit_again(self) -> bool:
        """See the provider."""
        return True


class MemoryProviders:
    """The providers port: one kind of provider, one script."""

    def __init__(self, kind: type[ToyProvider] = ToyProvider, script: Script | None = None) -> None:
        self.kind = kind
        self.script = script or Script()
        self._http = HttpClient()

    def of(self, destination: Mapping[str, Any]) -> ToyProvider:
        """See the port."""
        return self.kind(ToyDestination.model_validate(destination), self.script)

    def http(self) -> HttpClient:
        """See the port."""
        return self._http


def gaps(asked: Sequence[Asked]) -> list[float]:
    """Return the seconds between requests, in the order of time."""
    moments = sorted(each.at for each in asked)
    return [(b - a).total_seconds() for a, b in itertools.pairwise(moments)]
