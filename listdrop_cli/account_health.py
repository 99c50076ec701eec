"""How the accounts of a stack are, by what their jobs of the last days say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from listdrop.aws.messaging import SystemClock
from listdrop.dashboard.adding import Tally, merged_accounts
from listdrop.dashboard.health import Health, health_of
from listdrop.dashboard.history import History
from listdrop_cli.moments import moment
from listdrop_cli.output import err
from listdrop_cli.target import Target

NOT_KNOWN = "not known"


class AccountFacts(NamedTuple):
    """An account, when its key was changed, and how it is; `None` if that may not be looked at."""

    provider: str
    account: str
    changed_at: datetime
    health: Health | None

    def cells(self) -> tuple[str, ...]:
        """Return the cells of a table."""
        word, text = (self.health.word, self.health.said) if self.health else (NOT_KNOWN, "")
        return self.provider, self.account, moment(self.changed_at), word, text

    def json(self) -> dict[str, Any]:
        """Return what programs are told."""
        found = {"provider": self.provider, "account": self.account, "changed_at": self.changed_at}
        if self.health is None:
            return found
        error = self.health.error
        last_error = error.model_dump(mode="json") if error else None
        return found | {
            "health": self.health.word,
            "text": self.health.said,
            "last_error": last_error,
        }


def facts_of(
    target: Target, accounts: Sequence[tuple[str, str, datetime]]
) -> Sequence[AccountFacts]:
    """Return what is known of accounts. Without the right to read jobs, it says so."""
    tallies = _tallies(target) if accounts else {}
    now = SystemClock().now()
    found = []
    for provider, account, changed_at in accounts:
        health = None
        if tallies is not None:
            tally = tallies.get((provider, account), Tally())
            health = health_of(provider, account, tally, changed_at, now, moment)
        found.append(AccountFacts(provider, account, changed_at, health))
    return found


def _tallies(target: Target) -> Mapping[tuple[str, str], Tally] | None:
    try:
        return merged_accounts(History(target.figures(), SystemClock()).days())
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "AccessDeniedException":
            raise
        err.print("Whether keys work is in the table of jobs, which you may not read.")
        return None
