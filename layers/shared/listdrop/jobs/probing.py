"""What providers are asked with an account's key: whether it is good, and what it gives access to.

Nothing is imported.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import timedelta
from functools import partial
from typing import TypeVar

from listdrop.errors import (
    FateUnknownError,
    NoAnswerError,
    NoChoicesError,
    NoProbeError,
    NotSentError,
    ProviderBusyError,
    StopJobError,
)
from listdrop.models import Account, Choices
from listdrop.ports import Accounts, AnyProvider, Clock
from listdrop.providers.http import HttpClient

T = TypeVar("T")

_TRIES = 3
_SHORT = 5
"""Seconds that somebody who asks waits for an answer."""


class AccountProbes:
    """Asks providers with the keys that are stored. `http` makes a client for each question."""

    def __init__(self, accounts: Accounts, http: Callable[[], HttpClient], clock: Clock) -> None:
        self._accounts = accounts
        self._http = http
        self._clock = clock

    def probe(self, provider: AnyProvider, account: str) -> tuple[str, str]:
        """Test an account's key; returns what `probe_key` does.

        Raises `UploadRejectedError` if there is no such account or it cannot be used.
        """
        stored = self._accounts.get(provider, account, fresh=True)
        with closing(self._http()) as http:
            return probe_key(provider, stored, http)

    def choices(self, provider: AnyProvider, account: str) -> Sequence[Choices]:
        """Ask what routes may name. Raises `NoAnswerError`, and what `probe` does."""
        stored = self._accounts.get(provider, account, fresh=True)
        with closing(self._http()) as http:
            return _asked(lambda: patiently(partial(provider.choices, http, stored), self._clock))


def probe_key(provider: AnyProvider, account: Account, http: HttpClient) -> tuple[str, str]:
    """Return a result and the sentence for it. Neither quotes the key."""
    try:
        _asked(partial(provider.probe, http, account))
    except NoAnswerError as error:
        return error.result, error.text
    return "good", "The provider accepts the key."


def patiently(ask: Callable[[], T], clock: Clock) -> T:
    """Ask again after a short pause that a provider asks for, as of its requests a second."""
    for _ in range(_TRIES - 1):
        try:
            return ask()
        except ProviderBusyError as busy:
            if busy.retry_after > _SHORT:
                raise
            clock.wait_until(clock.now() + timedelta(seconds=max(busy.retry_after, 1)))
    return ask()


def _asked(ask: Callable[[], T]) -> T:
    result = "unreachable"
    try:
        return ask()
    except StopJobError as stop:
        result, text = "refused", stop.text
    except ProviderBusyError:
        text = "The provider asks for a pause. Try again in a minute."
    except NotSentError:
        text = "The provider cannot be reached: is its address right?"
    except FateUnknownError:
        text = (
            "The provider's answer leaves it open: is its address right? If it is, try again in a "
            "minute."
        )
    except NoProbeError:
        result, text = "untestable", "It can't be tested before an import."
    except NoChoicesError:
        result, text = "untestable", "It has no call that lists what routes may name."
    raise NoAnswerError(result, text)
