"""What functions do to the world for a job, in order, and what may come of a death at each of it.

`test_kills.py` holds the table to what happens: no write and no request is missing, and each
happens at the providers that are named.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Literal

from listdrop.providers import REGISTRY
from listdrop.providers.base import AfterCrash
from tests.soak.conftest import IMPORTS
from tests.support.routes import DESTINATIONS, Item

When = Literal["before", "after"]
How = Literal["kill", "timeout"]

_BEFORE: tuple[When, ...] = ("before",)
_AFTER: tuple[When, ...] = ("after",)
_BOTH: tuple[When, ...] = ("before", "after")
_HOW: tuple[How, ...] = ("kill", "timeout")

ALL = tuple(sorted(DESTINATIONS))
POLLED = tuple(name for name in ALL if name != "waalaxy")
"""Waalaxy's answer settles its rows, so it is never asked about them."""
OPENED = ("saleshandy", "which50")
ALONE = ("waalaxy", "which50")
"""These take one request at a time."""
LOADED = ("which50",)
"""Rows are loaded into an import, which is then started."""

CAREFUL: dict[str, Item] = {
    "activecampaign": {"exclude_automations": False},
    "saleshandy": {"conflict_action": "overwrite"},
    "waalaxy": {"can_create_duplicates": True},
}
"""What has a repeat do something twice, so that the provider's rule is `give_up`."""


@dataclass(frozen=True)
class Effect:
    """Something that a function does to the world, as `faulty.name_of` names it."""

    name: str
    function: str
    pattern: str
    at: tuple[str, ...] = ALL
    """The providers where it happens."""
    since: str = ""
    """What has happened before it, where something else has the same name."""
    marked: tuple[When, ...] = ()
    """When a death leaves a batch marked as on its way, so that the provider's rule applies."""
    taken: tuple[When, ...] = ()
    """When the provider has taken what is so marked, and nobody has written that down."""
    told_twice: tuple[When, ...] = ()
    """When a death leaves it open whether the job's notice was published."""
    announced_twice: tuple[When, ...] = ()
    """The same of the notice of the upload."""
    by_file: bool = False
    """Whether it only happens where there are more outcomes than a batch has with it."""


SUBMIT = (
    Effect("the route is remembered", "submit", "^PutItem UPLOAD$"),
    Effect("the jobs are counted", "submit", "^UpdateItem UPLOAD jobs$"),
    Effect("the job is begun", "submit", "^PutItem JOB$"),
    Effect("the marks are stored", "submit", "^BatchWriteItem MARKS$"),
    Effect("the content is claimed", "submit", "^PutItem CONTENT$"),
    Effect("the plan is stored", "submit", "^PutObject .*/plan.jsonl$"),
    Effect("the batches are stored", "submit", "^BatchWriteItem BATCH$"),
    Effect("the progress is begun", "submit", "^UpdateItem PROGRESS counts "),
    Effect("the job is planned", "submit", "^UpdateItem JOB state=pending .*planned_at"),
    Effect("the execution is started", "submit", "^StartExecution$"),
    Effect("the execution is noted", "submit", "^UpdateItem JOB execution_arn$"),
    Effect("the upload is done", "submit", "^UpdateItem UPLOAD is_done$"),
)
SEND = (
    Effect("the job is running", "send", "^UpdateItem JOB state=running started_at$"),
    Effect("slots are taken", "(send|status)", "^UpdateItem BUDGET"),
    Effect("the account is taken", "(send|status)", "^UpdateItem LEASE holder", ALONE),
    Effect("the session is claimed", "send", "^UpdateItem JOB session=none ", OPENED),
    Effect("the fields are read", "send", "^GET .*/fields$", LOADED),
    Effect("the import is created", "send", "^POST .*/import$", LOADED),
    Effect("the session is open", "send", "^UpdateItem JOB session=open ", OPENED),
    Effect("the batch is marked", "send", "^UpdateItem BATCH state=sending ", marked=_AFTER),
    Effect(
        "the batch is loaded", "send", r"^POST .*/import/\d+$", LOADED, marked=_BOTH, taken=_AFTER
    ),
    Effect("the import is requested", "send", "^POST .*{path}", marked=_BOTH, taken=_AFTER),
    Effect(
        "the first request is noted",
        "send",
        "^UpdateItem JOB sending_since$",
        marked=_BOTH,
        taken=_BOTH,
    ),
    Effect(
        "the answer is written down",
        "send",
        "^UpdateItem BATCH state=(sent|completed) ",
        marked=_BEFORE,
        taken=_BEFORE,
    ),
    Effect("the import is marked", "send", "^UpdateItem JOB session=committing ", LOADED),
    Effect(
        "the receipt is written down", "send", "^UpdateItem BATCH state=sent ", LOADED, since="/run"
    ),
    Effect("the import is noted", "send", "^UpdateItem JOB session=committed ", LOADED),
    Effect("what is sent is told", "send", "^UpdateItem PROGRESS items_of "),
    Effect("the turn of Send is left", "send", "^UpdateItem JOB progress "),
    Effect("the account is given back", "(send|status)", "^UpdateItem LEASE$", ALONE),
)
STATUS = (
    Effect("the import is asked about", "status", "^GET ", POLLED),
    Effect(
        "the outcomes are stored",
        "send",
        "^PutObject .*/outcomes/",
        ("waalaxy",),
        marked=_BOTH,
        taken=_BOTH,
        by_file=True,
    ),
    Effect("the report is stored", "status", "^PutObject .*/outcomes/", POLLED, by_file=True),
    Effect("the report is written down", "status", "^UpdateItem BATCH state=completed ", POLLED),
    Effect("the rows are stored", "(send|status|finish)", "^BatchWriteItem ROW$"),
    Effect("what is answered is told", "status", "^UpdateItem PROGRESS items_of ", POLLED),
    Effect("the turn of Status is left", "status", "^UpdateItem JOB progress ", POLLED),
)
FINISH = (
    Effect("the rows' place is kept", "finish", "^UpdateItem JOB items_through ", LOADED),
    Effect("a piece of the report is stored", "finish", "^PutObject .*/parts/report/"),
    Effect("the report's place is kept", "finish", "^UpdateItem JOB report$"),
    Effect("the end is decided", "finish", "^UpdateItem JOB verdict decided_at"),
    Effect("a result file is stored", "finish", "^PutObject jobs/[^/]+/[a-z]+.csv$"),
    Effect("the summary is stored", "finish", "^PutObject jobs/[^/]+/summary.json$"),
    Effect("the job is ended", "finish", "^UpdateItem JOB .*state=succeeded"),
    Effect("the notice is published", "finish", "^Publish$", told_twice=_AFTER),
    Effect("the ending is noted", "finish", "^UpdateItem ENDED ", told_twice=_BOTH),
    Effect(
        "the upload's notice is claimed",
        "finish",
        "^UpdateItem UPLOAD announced_by ",
        told_twice=_BOTH,
    ),
    Effect(
        "the upload's notice is published",
        "finish",
        "^Publish$",
        since="announced_by",
        told_twice=_BOTH,
        announced_twice=_AFTER,
    ),
    Effect(
        "the upload's notice is noted",
        "finish",
        "^UpdateItem UPLOAD announced_at$",
        told_twice=_BOTH,
        announced_twice=_BEFORE,
    ),
    Effect("the job is told", "finish", "^UpdateItem JOB notified_at$", told_twice=_BEFORE),
)
EFFECTS = (*SUBMIT, *SEND, *STATUS, *FINISH)


@dataclass(frozen=True)
class Case:
    """A job whose function dies at an effect; `careful`: of a provider that gives up in doubt."""

    effect: Effect
    provider: str
    when: When
    how: How
    careful: bool = False

    @property
    def destination(self) -> Item:
        """What the job's route has."""
        more = CAREFUL[self.provider] if self.careful else {}
        return DESTINATIONS[self.provider] | more

    @property
    def _rule(self) -> AfterCrash | None:
        """The provider's rule, if this death is one that it is for."""
        kind = REGISTRY[self.provider]
        rule = kind(kind.destination_model.model_validate(self.destination)).after_crash
        return rule if self.when in self.effect.marked else None

    @property
    def _is_taken(self) -> bool:
        return self.when in self.effect.taken

    @property
    def requests(self) -> int:
        """How many requests for the import the provider should take.

        By the rule `resend`, one more than the one whose answer was lost. What was only loaded
        into an import is abandoned with it, so that none is started twice.
        """
        if self._rule is AfterCrash.GIVE_UP:
            return int(self._is_taken)
        return 1 + (self._rule is AfterCrash.RESEND and self._is_taken)

    @property
    def good(self) -> int:
        """How many of the two rows are good in the end.

        Kakiyo cannot say of a repeated row whether its chat was begun by the first request.
        """
        if self._rule is AfterCrash.GIVE_UP:
            return 0
        return 0 if self.provider == "kakiyo" and self.requests > 1 else 2

    @property
    def notices(self) -> tuple[int, int]:
        """How many notices should be published: of the job, and of the upload."""
        is_told, is_announced = self.effect.told_twice, self.effect.announced_twice
        return 1 + (self.when in is_told), 1 + (self.when in is_announced)

    @property
    def label(self) -> str:
        """Say which one it is."""
        return f"{self.provider}{' (careful)' * self.careful}, {self.how} {self.when}"

    def script(self) -> str:
        """Write it down for the function."""
        return json.dumps(
            {
                "function": self.effect.function,
                "effect": pattern_of(self.effect, self.provider),
                "since": self.effect.since,
                "when": self.when,
                "how": self.how,
            }
        )


def pattern_of(effect: Effect, provider: str) -> str:
    """Return the pattern of an effect's name."""
    return effect.pattern.replace("{path}", IMPORTS[provider])


def cases_of(effect: Effect) -> Iterator[Case]:
    """Yield an effect's cases: a death before and after it, at each provider.

    Functions are killed and out of time by turns; where a batch is marked, or there is only one
    provider, each is tried.
    """
    for place, (provider, when) in enumerate(product(effect.at, _BOTH)):
        turn = _HOW[(place + place // 2) % 2]
        for how in _HOW if effect.marked or len(effect.at) == 1 else (turn,):
            yield Case(effect, provider, when, how)
        if effect.marked and provider in CAREFUL:
            yield Case(effect, provider, when, turn, careful=True)
